// The bytes of archives have bounds: of a person, of a customer, and of the
// store's disk, a share of which is kept for new recordings. An archive that is
// still there is given again.
import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { document, loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { isRoot, run, until, userIds } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

const api = "/api/v1";
let database, server, jobs, home, ids;
const clients = {};
before(async () => {
	home = mkdtempSync(path.join(tmpdir(), "smartrecord-bounds-"));
	chmodSync(home, 0o755);
	database = await freshDatabase({ fixtures: true });
	server = await startServer({ database, settings: { export_person_mb: 1, export_tenant_mb: 2 } });
	ids = await recordingIds(database);
	for (const who of ["supervisor", "limited", "neighbour"])
		clients[who] = await server.client().signIn(people[who].email);
});
after(async () => {
	Object.values(clients).forEach((client) => client.close());
	await jobs?.stop();
	await server?.stop();
	await database?.drop();
	rmSync(home, { recursive: true, force: true });
});
afterEach(async () => {
	await jobs?.stop();
	jobs = undefined;
	await database.sql("delete from export");
});

const start = async (settings) => { jobs = await startJobs(server, settings); };
const some = (...keys) => ({ ids: keys.map((key) => ids[key]) });
const post = (who, select, content = "audio", headers = {}) =>
    clients[who].post(`${api}/exports`, { json: { select, content }, headers });
async function create(...what) {
	const answer = await post(...what);
	assert.equal(answer.status, 202, answer.text);
	return answer.json().id;
}
const show = async (who, id) => (await clients[who].get(`${api}/exports/${id}`)).json();
async function ended(who, id) {
	let e;
	await until(`export ${id}`, async () => {
		e = await show(who, id);
		return !["queued", "running"].includes(e.state);
	}, 120000);
	return e;
}
const made = async (...what) => ended(what[0], await create(...what));
const weighs = (id, bytes) => database.sql(`update export set bytes = ${bytes} where id = '${id}'`);

describe("the same archive", () => {
	test("that is still there is given again, to its person, for the same calls, content and language", async () => {
		await start();
		const first = await made("supervisor", some("user_own", "lyonnais_own"));
		assert.equal(first.state, "ready");
		const file = await clients.supervisor.get(`${api}/exports/${first.id}/archive.zip`);
		assert.deepEqual([file.status, file.headers["cache-control"]], [200, "no-store"]);
		const again = await post("supervisor", some("lyonnais_own", "user_own"));
		assert.deepEqual([again.status, again.json().id, again.json().state], [202, first.id, "ready"]);
		const page = await clients.supervisor.post("/console/exports", { fields: {
			content: "audio", select: JSON.stringify(some("user_own", "lyonnais_own")) } });
		assert.deepEqual([page.status, page.headers.location], [303, `/console/exports/${first.id}`]);
		assert.equal(await database.sql("select count(*) from export"), "1");
		// another filter with the same calls as of now
		const list = (await clients.supervisor.get(`${api}/recordings?mood=grateful`)).json();
		const filtered = { filter: { mood: ["grateful"] }, except: [], as_of: list.as_of };
		const third = await made("supervisor", filtered);
		assert.notEqual(third.id, first.id);
		assert.equal((await post("supervisor", some(...list.items.map(({ id }) =>
		    Object.keys(ids).find((key) => ids[key] === id))))).json().id, third.id);
		for (const other of [["supervisor", some("user_own")], ["supervisor", some("user_own", "lyonnais_own"), "both"],
		    ["limited", some("lyonnais_own")]]) {
			const e = await made(...other);
			assert.deepEqual([e.state, [first.id, third.id].includes(e.id)], ["ready", false]);
		}
	});
	test("is made again when it was deleted, is incomplete, or the right is another", async () => {
		await start();
		const select = some("user_own", "colleague_own");
		let last = (await made("supervisor", select)).id;
		const anew = async (why) => {
			const e = await made("supervisor", select);
			assert.notEqual(e.id, last, why);
			last = e.id;
		};
		await clients.supervisor.send("DELETE", `${api}/exports/${last}`);
		await anew("deleted");
		await database.sql(`update export set left_out = '{"no_audio": 1}' where id = '${last}'`);
		await anew("incomplete");
		await database.sql(`update export set team = '{1}' where id = '${last}'`);
		await anew("another scope");
		await database.sql(`update export set expires_at = now() where id = '${last}'`);
		await anew("expired");
	});
});

describe("bytes", () => {
	test("of a person and of a customer: refused with what to do; others go on", async () => {
		await start();
		const first = (await made("supervisor", some("user_own"))).id;
		await weighs(first, 1000000);
		for (const language of ["fr", "en"]) {
			const refused = await post("supervisor", some("user_second"), "audio", { "accept-language": language });
			assert.deepEqual([refused.status, refused.json().type], [409, "urn:smartrecord:problem:exports-full"]);
		}
		assert.match((await post("supervisor", some("user_second"))).json().detail, /Supprimez-en une, ou attendez/);
		const page = await clients.supervisor.post("/console/exports", { fields: {
			content: "audio", select: JSON.stringify(some("user_second")) } });
		assert.equal(page.status, 409);
		assert.match(page.text, /Supprimez-en une/);
		assert.match(page.text, /href="\/console\/exports"/);
		// the one that is there is given again
		assert.equal((await post("supervisor", some("user_own"))).json().id, first);
		const other = (await made("limited", some("lyonnais_own"))).id;
		await weighs(other, 999999);
		await weighs(first, 1000001);
		await database.sql("update export set person_id = (select person_id from account where key = 'user')");
		assert.match((await post("limited", some("lyonnais_own"), "both")).json().detail, /Les archives de votre entreprise/);
		assert.equal((await made("neighbour", some("neighbour_own"))).state, "ready");
		await database.sql(`delete from export where id = '${other}'`);
		assert.equal((await post("limited", some("lyonnais_own"), "both")).status, 202);
	});
	test("that the new archive would add are counted before it is made", async () => {
		await start();
		const first = (await made("supervisor", some("user_own"))).id;
		await weighs(first, 999000);
		const e = await made("supervisor", some("user_second"));
		assert.deepEqual([e.state, e.reason, e.bytes], ["failed", "person_full", 0]);
		assert.match((await clients.supervisor.get(`/console/exports/${e.id}`)).text,
		    /Supprimez-en une ou réduisez la sélection/);
		await database.sql(`update export set person_id = (select person_id from account where key = 'user'),
			bytes = 1999000 where id = '${first}'`);
		assert.equal((await made("supervisor", some("user_second"))).reason, "tenant_full");
		await clients.supervisor.send("DELETE", `${api}/exports/${e.id}`);
		await database.sql(`delete from export where id = '${first}'`);
		assert.equal((await made("supervisor", some("user_second"))).state, "ready");
	});
});

describe("a small disk", { skip: !isRoot && "only root can mount one" }, () => {
	let disk, store;
	const free = async (folder) => Number((await run("stat", ["-f", "-c", "%a", folder])).stdout) * 4096;
	const fill = async (left) => {
		rmSync(path.join(disk, "fill"), { force: true });
		writeFileSync(path.join(disk, "fill"), Buffer.alloc(await free(disk) - left));
	};
	const delivers = async (id) => {
		const folder = mkdtempSync(path.join(home, "documents-"));
		writeFileSync(path.join(folder, "one.wav"), wav({ seconds: 4 }));
		writeFileSync(path.join(folder, "one.json"), JSON.stringify({ ...document("one", { account: "user", ago: 1,
			mood: "neutral", subject: "Livré", words: ["Bonjour."] }), source_id: id }));
		const { stdout } = await database.command(["ingest", folder], { settings: { store: `folder:${store}` } });
		assert.match(stdout, /1 created/);
	};
	const long = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`long_${i}`, { account: "user",
		ago: 60 + i, seconds: 120, mood: "neutral", subject: `Long ${i}`, words: ["Bonjour."] }]));

	before(async () => {
		const { uid, gid } = userIds("nobody");
		await loadCalls(database, long);
		ids = await recordingIds(database);
		disk = path.join(home, "disk");
		store = path.join(disk, "audio");
		mkdirSync(disk);
		await run("mount", ["-t", "tmpfs", "-o", "size=80m,mode=777", "tmpfs", disk]);
		await run("cp", ["-a", database.store, store]);
		rmSync(path.join(store, "alpha", "exports"), { recursive: true, force: true });
		mkdirSync(path.join(disk, "exports"));
		chownSync(path.join(disk, "exports"), uid, gid);
	});
	after(() => run("umount", ["-l", disk]));
	afterEach(() => rmSync(path.join(disk, "fill"), { force: true }));
	const left = () => ["audio/alpha/exports", "exports"].flatMap((folder) =>
	    existsSync(path.join(disk, folder)) ? readdirSync(path.join(disk, folder)) : []);

	for (const [where, exports] of [["on the store's disk", () => path.join(disk, "exports")],
	    ["on another disk", () => path.join(home, "exports")]])
		test(`${where}: an archive ends before the kept share is used; a delivery succeeds`, async () => {
			const settings = { store: `folder:${store}`, export_dir: exports(), store_reserve: 10,
				export_person_mb: 100, export_tenant_mb: 100 };
			await start(settings);
			// no room beyond 8 MB: refused before it is begun
			await fill(8.5 * 1024 * 1024);
			const id = await create("supervisor", some(...Object.keys(long)));
			const first = await ended("supervisor", id);
			assert.deepEqual([first.state, first.reason, first.bytes], ["failed", "disk", 0]);
			assert.match(jobs.output, new RegExp(`event=export_store export=${id} why="the store is full`));
			await delivers(`${where} 1`);
			// room that others take while it is made
			rmSync(path.join(disk, "fill"));
			const second = await create("supervisor", some(...Object.keys(long)));
			await until("it to be written", async () => (await show("supervisor", second)).bytes > 0);
			process.kill(jobs.pid, "SIGSTOP");
			await fill(8.5 * 1024 * 1024);
			process.kill(jobs.pid, "SIGCONT");
			const e = await ended("supervisor", second);
			assert.deepEqual([e.state, e.reason], ["failed", "disk"]);
			await until("its file to go", () => left().length === 0);
			assert.match((await clients.supervisor.get(`/console/exports/${second}`)).text, /L’espace de stockage du service ne suffit pas/);
			await delivers(`${where} 2`);
			// with room again it is made
			rmSync(path.join(disk, "fill"));
			assert.equal((await made("supervisor", some(...Object.keys(long)))).state, "ready");
			await jobs.stop();
			jobs = undefined;
			rmSync(path.join(store, "alpha", "exports"), { recursive: true });
		});
});
