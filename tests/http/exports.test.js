// Archives of many recordings: rights, selections, contents, expiry, and
// faults of the worker that makes them. Uses the real server and the real
// `smartrecord jobs`.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync }
    from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { isRoot, run, top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ask, filled, leave } from "../lib/sql.js";

const api = "/api/v1";
const hostile = "=HYPERLINK(\"http://x\") ../..\u202e";
// recordings that take a while to encode
const long = Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`long_${i}`, {
	account: "user", ago: 60 + i, seconds: 120, mood: "neutral", subject: `Long ${i}`,
	words: ["Bonjour.", "Au revoir."] }]));

let server, ids, folder, jobs;
const clients = {};
before(async () => {
	server = await startServer();
	await loadCalls(server.database, {
		...long,
		...Object.fromEntries(["doomed", "other", "late"].map((key) => [key, { account: "colleague",
		    ago: 43, mood: "neutral", subject: "Perdu", words: ["Un."] }])),
		formula: { account: "colleague", ago: 40, mood: "angry", subject: hostile,
		    caller: { kind: "e164", value: "+441632960961", name: "-2+3" }, words: ["Un.", "Deux."] },
		twin: { account: "colleague", ago: 41, mood: "neutral", subject: "Jumeau", words: ["Un."] },
		TWIN: { account: "colleague", ago: 41, mood: "neutral", subject: "JUMEAU", words: ["Un."] },
	});
	ids = await recordingIds(server.database);
	for (const who of ["supervisor", "limited", "user", "administrator", "neighbour"])
		clients[who] = await server.client().signIn(people[who].email);
	folder = mkdtempSync(path.join(tmpdir(), "smartrecord-archives-"));
});
after(async () => {
	Object.values(clients).forEach((client) => client.close());
	await jobs?.stop();
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
	await leave(server.database);
});
// undoes what a test has left
afterEach(async () => {
	await jobs?.stop();
	jobs = undefined;
	await server.database.sql(`delete from export; delete from store_removal;
		update recording set expires_at = started_at + 30 * interval '24 hours'
			where expires_at <> started_at + 30 * interval '24 hours';
		update session set begun_sites = null, begun_administrator = null; delete from profile; insert into profile (tenant_id, account_id, kind, site_ids)
			select tenant_id, id, case key when 'administrator' then 'administrator'
			else 'supervisor' end, case key when 'limited' then
			(select array[id] from site where key = 'lyon') end from account
			where key in ('supervisor', 'limited', 'administrator', 'neighbour', 'stranger')`);
	for (const folder of objects())
		rmSync(folder, { recursive: true, force: true });
});

const sql = (text) => server.database.sql(text);
const statement = (name) => readFileSync(path.join(top, "src/exports", `${name}.sql`), "utf8");
const objects = () => ["alpha", "beta"].map((tenant) => path.join(server.database.store, tenant, "exports"));
const stored = () => objects().flatMap((folder) => existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".zip"));
const parts = () => readdirSync(path.join(server.dir, "exports"));
const startAny = async (settings) => { jobs = await startJobs(server, settings); };
const start = () => startAny({});

async function remove(key) {
	const answer = await clients.supervisor.send("POST", `${api}/deletions`,
	    { json: { select: some(key), expect: 1 } });
	assert.equal(answer.status, 200, answer.text);
}

// Returns the selection of some recordings, or of all in the list.
const some = (...keys) => ({ ids: keys.map((key) => ids[key]) });
async function all(who = "supervisor", filter = {}, except = []) {
	const list = await clients[who].get(`${api}/recordings`);
	return { filter, except, as_of: list.json().as_of };
}

const post = (who, json, headers) => clients[who].send("POST", `${api}/exports`, { json, headers });
async function create(who, select, content = "both", headers) {
	const answer = await post(who, { select, content }, headers);
	assert.equal(answer.status, 202, answer.text);
	assert.equal(answer.headers.location, `${api}/exports/${answer.json().id}`);
	return answer.json().id;
}
const show = async (who, id) => (await clients[who].get(`${api}/exports/${id}`)).json();
async function ended(who, id, milliseconds = 120000) {
	let e;
	await until(`export ${id}`, async () => {
		e = await show(who, id);
		return !["queued", "running"].includes(e.state);
	}, milliseconds);
	return e;
}
const running = (who, id) => until("it to be written", async () => {
	const e = await show(who, id);
	assert.ok(["queued", "running"].includes(e.state), e.state);
	return e.bytes > 0;
});
const archive = (who, id, headers) =>
	clients[who].get(`${api}/exports/${id}/archive.zip`, headers);
async function download(who, id) {
	const answer = await archive(who, id);
	assert.equal(answer.status, 200, answer.text.slice(0, 200));
	const file = path.join(folder, `${id}.zip`);
	writeFileSync(file, answer.body);
	return file;
}
const entries = async (file) => (await run("bsdtar", ["-tf", file])).stdout.trim().split("\n");
// Returns the cells of the archive's table.
async function table(file) {
	const [name] = (await entries(file)).filter((n) => n.endsWith(".csv"));
	const { stdout } = await run("unzip", ["-p", file, name]);
	assert.ok(stdout.startsWith("\ufeff"));
	return stdout.slice(1).trimEnd().split("\r\n").map((line) =>
	    [...line.matchAll(/"((?:[^"]|"")*)"[;,]?/g)].map((m) => m[1].replaceAll('""', '"')));
}

describe("requesting an archive", () => {
	test("supervisors only; the board has no archives", async () => {
		const request = { select: some("user_own"), content: "audio" };
		for (const who of ["user", "administrator"]) {
			assert.equal((await post(who, request)).status, 403);
			assert.equal((await clients[who].get(`${api}/exports`)).status, 403);
			assert.equal((await clients[who].get("/console/exports")).status, 403);
		}
		for (const [method, target] of [["GET", "/board/exports"], ["POST", "/board/exports"]])
			assert.equal((await clients.supervisor.send(method, target,
			    method === "POST" ? { fields: { content: "audio", id: ids.user_own } } : {})).status, 404);
		for (const page of ["/console/recordings", "/board/recordings"])
			assert.equal((await clients.supervisor.get(page)).text.includes('id="selection"'),
			    page.startsWith("/console"));
	});

	test("invalid requests: 400 naming the field", async () => {
		const select = await all();
		for (const [field, json] of [
			["content", { select: some("user_own") }],
			["content", { select: some("user_own"), content: "video" }],
			["select", { content: "audio" }],
			["select", { content: "audio", select: {} }],
			["select", { content: "audio", select: { ...select, ids: [] } }],
			["select.ids", { content: "audio", select: { ids: ["x"] } }],
			["select.ids", { content: "audio", select: { ids: "x" } }],
			["select.ids", { content: "audio", select: { ids: Array(1001).fill(ids.user_own) } }],
			["select.except", { content: "audio", select: { ...select, except: [1] } }],
			["select.filter", { content: "audio", select: { ...select, filter: { moods: ["angry"] } } }],
			["select.filter", { content: "audio", select: { ...select, filter: { q: { a: 1 } } } }],
			["mood", { content: "audio", select: { ...select, filter: { mood: ["gai"] } } }],
			["as_of", { content: "audio", select: { filter: {} } }],
			["as_of", { content: "audio", select: { filter: {}, as_of: "hier" } }],
			["select", { content: "audio", select: { ids: [] } }],
			["select", { content: "audio", select: { ...select, filter: { q: "introuvable" } } }],
		]) {
			const answer = await post("supervisor", json);
			assert.equal(answer.status, 400, JSON.stringify(json).slice(0, 200));
			assert.equal(answer.json().field, field, answer.text);
		}
		assert.equal(await sql("select count(*) from export"), "0");
	});

	test("an archive holds only unexpired recordings within the scope", async () => {
		const others = ["neighbour_own", "stranger_own"];
		const counted = async (who, select) => {
			const answer = await post(who, { select, content: "audio" });
			await sql("delete from export");
			return answer.status === 202 ? answer.json().total : answer.json().field;
		};
		assert.equal(await counted("supervisor", some(...others)), "select");
		assert.equal(await counted("supervisor", some(...others, "lyonnais_own")), 1);
		assert.equal(await counted("limited", some("user_own", "limited_own", "lyonnais_own")), 1);
		assert.equal(await counted("limited", await all("limited")), 1);
		assert.equal(await counted("neighbour", await all("neighbour")), 1);
		const total = (await clients.supervisor.get(`${api}/recordings`)).json().total;
		assert.equal(await counted("supervisor", await all()), total);
		assert.equal(await counted("supervisor", await all("supervisor", {}, [ids.user_own,
		    ids.neighbour_own])), total - 1);
		assert.equal(await counted("supervisor", await all("supervisor", { scope: "own" })), 1);
		assert.equal(await counted("supervisor", await all("supervisor",
		    { mood: ["angry", "anxious"], q: "contrat" })), 1);
		await sql(`update recording set expires_at = now() - interval '1 s' where id = '${ids.user_own}'`);
		assert.equal(await counted("supervisor", some("user_own", "user_second")), 1);
		assert.equal(await counted("supervisor", await all()), total - 1);
	});

	test("recordings that arrived after the list was read are not selected", async () => {
		const select = await all();
		const total = (await clients.supervisor.get(`${api}/recordings`)).json().total;
		await loadCalls(server.database, { later: { account: "user", ago: 70, mood: "neutral",
			subject: "Arrivé après", words: ["Bonjour."] } });
		const id = await create("supervisor", select, "audio");
		assert.equal((await show("supervisor", id)).total, total);
		await sql("delete from export");
		assert.equal((await show("supervisor", await create("supervisor", await all()))).total, total + 1);
		await sql(`delete from recording where id = (select recording_id from recording_source
			where source_id = 'later'); delete from recording_source where source_id = 'later'`);
	});

	test("two per person and five per customer, then 429 with a link to them", async () => {
		for (const who of ["supervisor", "limited"])
			for (let i = 0; i < 2; i++)
				await create(who, some("lyonnais_own"));
		const third = await post("supervisor", { select: some("user_own"), content: "audio" });
		assert.equal(third.status, 429);
		assert.match(third.headers.link, /<\/api\/v1\/exports>/);
		assert.ok(Number(third.headers["retry-after"]) > 0);
		assert.match(third.json().detail, /^Deux de vos archives/);
		const page = await clients.supervisor.send("POST", "/console/exports",
		    { fields: { content: "audio", id: ids.user_own } });
		assert.equal(page.status, 429);
		assert.match(page.text, /Deux de vos archives sont déjà en préparation/);
		assert.match(page.text, /href="\/console\/exports"/);
		await sql(`insert into export (tenant_id, id, person_id, account_id, team, content, language, total)
			select tenant_id, gen_random_uuid(), person_id, id, '', 'audio', 'fr', 1
			from account where key = 'user';
			insert into profile select tenant_id, id, 'supervisor' from account where key = 'user'; update session set begun_sites = null`);
		const sixth = await post("user", { select: some("user_own"), content: "audio" });
		assert.equal(sixth.status, 429);
		assert.match(sixth.json().detail, /^Cinq archives/);
		await create("neighbour", some("neighbour_own"));
	});

	test("ten requests at once make two archives", async () => {
		const visitors = await Promise.all(Array.from({ length: 5 }, () =>
		    server.client().signIn(people.supervisor.email)));
		const answers = await Promise.all(visitors.flatMap((client) => [1, 2].map(() =>
		    client.send("POST", `${api}/exports`,
		    { json: { select: some("user_own"), content: "audio" } }))));
		visitors.forEach((client) => client.close());
		assert.deepEqual(answers.map((a) => a.status).sort(), [202, 202, ...Array(8).fill(429)]);
	});

	test("an idempotency key stands for one request", async () => {
		const headers = { "idempotency-key": "key-1" };
		const id = await create("supervisor", some("user_own"), "audio", headers);
		assert.equal(await create("supervisor", some("user_own"), "audio", headers), id);
		const other = await post("supervisor", { select: some("user_own"), content: "both" }, headers);
		assert.equal(other.status, 409);
		assert.notEqual(await create("limited", some("lyonnais_own"), "audio", headers), id);
		assert.equal((await post("supervisor", { select: some("user_own"), content: "audio" },
		    { "idempotency-key": "x".repeat(201) })).status, 400);
		assert.equal(await sql("select count(*) from export"), "2");
	});

	test("the form selects ticked rows or all but some, and redirects to the archive's page", async () => {
		const send = (fields) => clients.supervisor.send("POST", "/console/exports", { body:
		    new URLSearchParams([["csrf", clients.supervisor.csrf], ...fields]).toString(),
		    headers: { "content-type": "application/x-www-form-urlencoded" } });
		const total = async (fields) => {
			const answer = await send(fields);
			assert.equal(answer.status, 303, answer.text);
			assert.match(answer.headers.location, /^\/console\/exports\/[0-9a-f-]{36}$/);
			const page = await clients.supervisor.get(answer.headers.location);
			assert.equal(page.status, 200);
			assert.match(page.text, /<progress/);
			const rows = await sql("select total from export");
			await sql("delete from export");
			return Number(rows);
		};
		const { as_of, total: found } = (await clients.supervisor.get(`${api}/recordings?mood=neutral`)).json();
		assert.equal(await total([["content", "both"], ["id", ids.user_own], ["id", ids.lyonnais_own]]), 2);
		assert.equal(await total([["content", "both"], ["id", ids.user_own],
		    ["ids", `${ids.user_second},${ids.colleague_own}`]]), 3);
		assert.equal(await total([["content", "audio"], ["all", "1"], ["mood", "neutral"], ["as_of", as_of],
		    ["id", ids.user_own]]), found);
		assert.equal(await total([["content", "audio"], ["all", "1"], ["mood", "neutral"], ["as_of", as_of],
		    ["except", `${ids.long_0},${ids.long_1}`]]), found - 2);
		assert.equal((await send([["content", "audio"]])).status, 400);
	});
});

describe("contents", () => {
	test("audio, transcripts or both, readable by common programs, with a table of all calls", async () => {
		await start();
		const keys = ["user_own", "user_second", "colleague_own", "formula", "twin", "TWIN",
		    "pending_audio", "pending_nothing"];
		const files = {};
		for (const content of ["audio", "transcript", "both"]) {
			const id = await create("supervisor", some(...keys), content);
			const e = await ended("supervisor", id);
			assert.equal(e.state, "ready");
			assert.deepEqual(e.left_out, content === "transcript" ? { no_transcript: 2 } : { no_audio: 1 });
			assert.equal(e.done + Object.values(e.left_out)[0], keys.length);
			assert.equal(e.bytes_total, e.bytes);
			files[content] = await download("supervisor", id);
			assert.equal(statSync(files[content]).size, e.bytes);
		}
		for (const file of Object.values(files)) {
			await run("unzip", ["-tq", file]);
			await run("7z", ["t", file]);
			await run("bsdtar", ["-tf", file]);
		}
		const names = await entries(files.both);
		const ending = (end) => names.filter((n) => n.endsWith(end)).length;
		assert.deepEqual([ending(".mp3"), ending(".pdf"), ending(".csv"), names.length], [7, 6, 1, 14]);
		assert.equal(new Set(names.map((n) => n.toLowerCase())).size, names.length);
		assert.ok(names.some((n) => /Jumeau \(2\)\.mp3$/i.test(n)), names.join("\n"));
		assert.ok(names.every((n) => !/[\\/:*?"<>|\u202e]/.test(n)), names.join("\n"));
		// entries are stored, not deflated
		assert.doesNotMatch((await run("unzip", ["-v", files.both])).stdout, /Defl/);

		const rows = await table(files.both);
		assert.equal(rows.length, keys.length + 1);
		assert.ok(rows.every((row) => row.length === 13));
		for (const row of rows.slice(1))
			for (const name of row.slice(0, 2))
				assert.ok(name === "" || names.includes(name), name);
		assert.ok(rows.flat().every((cell) => !/^\s*[=+\-@\t\r]/.test(cell)));
		const formula = rows.find((row) => row.includes(`'${hostile}`));
		assert.ok(formula, "the cell that would be a formula is a text");
		assert.match(formula[3], /^'-2\+3 \(/);
		const waiting = rows.slice(1).filter((row) => row[12] !== "");
		assert.deepEqual(waiting.map((row) => [row[0], row[1], row[12]]), [["", "", "pas encore d’audio"]]);
	});

	test("the audio has the same bytes as the single download", async () => {
		await start();
		const id = await create("supervisor", some("user_own"), "audio");
		await ended("supervisor", id);
		const file = await download("supervisor", id);
		const single = await clients.supervisor.get(`${api}/recordings/${ids.user_own}/audio.mp3`);
		const [name] = (await entries(file)).filter((n) => n.endsWith(".mp3"));
		await run("unzip", ["-qo", file, "-d", path.join(folder, "one")]);
		assert.ok(readFileSync(path.join(folder, "one", name)).equals(single.body));
	});

	test("in English the table's separator is a comma", async () => {
		await start();
		await clients.neighbour.send("POST", "/console/language", { fields: { lang: "en" } });
		const id = await create("neighbour", some("neighbour_own"), "transcript");
		await ended("neighbour", id);
		const rows = await table(await download("neighbour", id));
		assert.deepEqual(rows[0].slice(2, 5), ["Date", "Caller", "Called"]);
	});

	test("damaged audio is left out and counted", async () => {
		const key = await sql(`select audio_key from recording where id = '${ids.twin}'`);
		const file = path.join(server.database.store, key);
		const bytes = readFileSync(file);
		writeFileSync(file, bytes.subarray(0, 100));
		try {
			await start();
			const e = await ended("supervisor", await create("supervisor", some("twin", "user_own"), "audio"));
			assert.deepEqual([e.state, e.done, e.left_out], ["ready", 1, { damaged: 1 }]);
		} finally {
			writeFileSync(file, bytes);
		}
	});
});

describe("downloading", () => {
	let id, whole;
	const ready = async () => {
		await start();
		id = await create("supervisor", some("user_own", "user_second"));
		await ended("supervisor", id);
		whole = await archive("supervisor", id);
	};

	test("ranges resume a download of the same bytes; HEAD, 304, 416", async () => {
		await ready();
		const { etag, "content-length": length, "content-disposition": name } = whole.headers;
		assert.match(etag, /^"[^"]+"$/);
		assert.match(name, /^attachment; filename="[^"\\]+\.zip"$/);
		const middle = Math.floor(Number(length) / 2);
		const rest = await archive("supervisor", id, { range: `bytes=${middle}-`, "if-range": etag });
		assert.equal(rest.status, 206);
		assert.equal(rest.headers["content-range"], `bytes ${middle}-${length - 1}/${length}`);
		assert.ok(Buffer.concat([whole.body.subarray(0, middle), rest.body]).equals(whole.body));
		assert.equal((await archive("supervisor", id, { range: "bytes=5-9" })).body.length, 5);
		assert.equal((await archive("supervisor", id, { range: "bytes=5-", "if-range": '"other"' })).status, 200);
		assert.equal((await archive("supervisor", id, { range: `bytes=${length}-` })).status, 416);
		assert.equal((await archive("supervisor", id, { "if-none-match": etag })).status, 304);
		const head = await clients.supervisor.send("HEAD", `/console/exports/${id}/archive.zip`);
		assert.deepEqual([head.status, head.headers["content-length"], head.body.length], [200, length, 0]);
		assert.equal(head.headers["cache-control"], "no-store");
	});

	test("people get only their own archives", async () => {
		await ready();
		for (const who of ["limited", "neighbour"])
			for (const [method, tail] of [["GET", ""], ["GET", "/archive.zip"], ["DELETE", ""]])
				assert.equal((await clients[who].send(method, `${api}/exports/${id}${tail}`)).status, 404);
		assert.deepEqual((await clients.limited.get(`${api}/exports`)).json().items, []);
		assert.deepEqual((await clients.supervisor.get(`${api}/exports`)).json().items.map((e) => e.id), [id]);
		assert.equal((await clients.supervisor.get("/console/exports")).status, 200);
		assert.equal((await archive("supervisor", "not-an-id")).status, 404);
	});

	test("before it is ready: 409; cancelled: 404, and its object is removed", async () => {
		const queued = await create("supervisor", some("user_own"));
		const early = await archive("supervisor", queued);
		assert.deepEqual([early.status, early.json().type], [409, "urn:smartrecord:problem:archive-not-ready"]);
		await clients.supervisor.send("DELETE", `${api}/exports/${queued}`);
		assert.equal((await archive("supervisor", queued)).status, 404);
		await ready();
		assert.equal(stored().length, 1);
		const gone = await clients.supervisor.send("POST", `/console/exports/${id}/cancel`, { fields: {} });
		assert.deepEqual([gone.status, gone.headers.location], [303, "/console/exports"]);
		assert.equal((await archive("supervisor", id)).status, 404);
		assert.equal((await show("supervisor", id)).state, "cancelled");
		await jobs.stop();
		await start();
		await until("the object to go", () => stored().length === 0);
		assert.equal(await sql("select count(*) from store_removal"), "0");
	});

	test("withdrawing or narrowing the right ends access to the archive", async () => {
		await ready();
		await sql("update profile set site_ids = (select array[id] from site where key = 'lyon') " +
		    "where account_id = (select id from account where key = 'supervisor')");
		assert.equal((await archive("supervisor", id)).status, 404);
		await sql("delete from profile where account_id = (select id from account where key = 'supervisor')");
		assert.equal((await archive("supervisor", id)).status, 403);
	});

	test("404 from the instant that one of its calls expires", async () => {
		await ready();
		await sql(`update recording set expires_at = now() where id = '${ids.user_own}'`);
		assert.equal((await archive("supervisor", id)).status, 404);
		await jobs.stop();
		await start();
		await until("it to be removed", () => stored().length === 0);
		assert.equal((await show("supervisor", id)).state, "expired");
	});

	test("404 after a day", async () => {
		await ready();
		const e = await show("supervisor", id);
		const day = new Date(e.expires_at) - new Date(e.ready_at);
		assert.equal(day, 24 * 3600 * 1000);
		await sql("update export set expires_at = now()");
		assert.equal((await archive("supervisor", id)).status, 404);
	});

	test("deleting one of its calls removes the archive", async () => {
		await start();
		id = await create("supervisor", some("user_own", "doomed"));
		await ended("supervisor", id);
		await remove("other");
		assert.equal((await archive("supervisor", id)).status, 200);
		await remove("doomed");
		const e = await show("supervisor", id);
		assert.deepEqual([e.state, e.reason, e.archive], ["expired", "deleted", null]);
		assert.equal((await archive("supervisor", id)).status, 404);
		await jobs.stop();
		await start();
		await until("the object to go", () => stored().length === 0);
	});

	test("a lost object: 502", async () => {
		await ready();
		for (const folder of objects())
			rmSync(folder, { recursive: true, force: true });
		assert.equal((await archive("supervisor", id)).status, 502);
	});
});

describe("changes between request and start", () => {
	test("the right is withdrawn or the person disabled: the archive fails", async () => {
		for (const [undo, change] of [
			["insert into profile select tenant_id, id, 'supervisor' from account where key = 'supervisor'; update session set begun_sites = null",
			    "delete from profile where account_id = (select id from account where key = 'supervisor')"],
			["update person set disabled_at = null", `update person set disabled_at = now()
			    where email = '${people.supervisor.email}'`],
		]) {
			const id = await create("supervisor", some("user_own"));
			await sql(change);
			await start();
			await until("it to end", async () => await sql(`select state from export where id = '${id}'`) === "failed");
			assert.equal(await sql(`select reason from export where id = '${id}'`), "rights");
			assert.equal(await sql("select selection is null and archive_key is null from export"), "t");
			await sql(undo);
			await jobs.stop();
			await sql("delete from export");
		}
		jobs = undefined;
	});

	test("the right is narrowed to one site: only its calls", async () => {
		const id = await create("supervisor", some("user_own", "lyonnais_own"), "audio");
		await sql("update profile set site_ids = (select array[id] from site where key = 'lyon') " +
		    "where account_id = (select id from account where key = 'supervisor')");
		await start();
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.total, e.done], ["ready", 1, 1]);
		const names = await entries(await download("supervisor", id));
		assert.ok(names.every((n) => !n.includes("Ursule")), names.join());
	});

	test("calls that expire soon are left out and counted; expired ones are not counted", async () => {
		const id = await create("supervisor", some("user_own", "user_second", "colleague_own"), "audio");
		await sql(`update recording set expires_at = now() + interval '119 minutes' where id = '${ids.user_own}';
			update recording set expires_at = now() where id = '${ids.user_second}'`);
		await start();
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.total, e.done, e.left_out], ["ready", 2, 1, { expiring: 1 }]);
		const rows = await table(await download("supervisor", id));
		assert.deepEqual(rows.slice(1).map((row) => row[12]).sort(),
		    ["", "date de suppression dans les deux heures"]);
		assert.match((await clients.supervisor.get(`/console/exports/${id}`)).text,
		    /1 appel arrive à sa date de suppression/);
	});

	test("no call left: the archive fails as empty", async () => {
		const id = await create("supervisor", some("user_own"), "audio");
		await sql(`update recording set expires_at = now() + interval '1 hour' where id = '${ids.user_own}'`);
		await start();
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.reason, e.left_out], ["failed", "empty", { expiring: 1 }]);
	});

	test("an archive expires with the first of its calls", async () => {
		const id = await create("supervisor", some("user_own", "user_second"), "audio");
		await sql(`update recording set expires_at = now() + interval '3 hours' where id = '${ids.user_own}'`);
		await start();
		const e = await ended("supervisor", id);
		assert.equal(e.expires_at, await sql(`select rfc3339(expires_at) from recording where id = '${ids.user_own}'`));
	});
});

describe("faults while an archive is made", () => {
	const slow = Object.keys(long);
	// without a cache: each attempt encodes everything
	const start = (settings) => startAny({ cache_dir: "/nonexistent", ...settings });

	test("progress is shown, and cancelling stops the worker", async () => {
		await start();
		const id = await create("supervisor", some(...slow), "both");
		await running("supervisor", id);
		const e = await show("supervisor", id);
		assert.ok(e.bytes_total > e.bytes && e.total === slow.length && e.left_ms >= 0, JSON.stringify(e));
		const cancelled = (await clients.supervisor.send("DELETE", `${api}/exports/${id}`)).json();
		assert.equal(cancelled.state, "cancelled");
		await until("the worker to stop", () => /event=export_again/.test(jobs.output), 3000);
		await until("its file to go", () => parts().length === 0);
		assert.equal((await show("supervisor", id)).state, "cancelled");
		assert.equal(stored().length, 0);
	});

	test("the right is withdrawn on the console: the running archive and the queued one fail", async () => {
		await start();
		const written = await create("supervisor", some(...slow), "audio");
		await running("supervisor", written);
		const waiting = await create("supervisor", some(...slow.slice(1)), "audio");
		const account = await sql("select public_id from account where key = 'supervisor'");
		const { version } = (await clients.administrator.get(`${api}/accounts/${account}`)).json().administration;
		const stream = clients.supervisor.get(`${api}/exports/${written}/events`);
		const withdrawn = await clients.administrator.post(`/console/accounts/${account}/profiles`,
		    { fields: { supervisor: "none", version } });
		assert.equal(withdrawn.headers.location, `/console/accounts/${account}?done=1`);
		assert.doesNotMatch((await stream).text, /"state": *"ready"/);
		for (const id of [written, waiting])
			assert.equal((await archive("supervisor", id)).status, 403);
		await until("both to end", async () => await sql(`select count(*) from export
			where state = 'failed' and reason = 'rights' and archive_key is null`) === "2");
		assert.equal(await sql("select bytes * 2 < bytes_total from export where bytes > 0"), "t", "it has stopped before its end");
		await until("the file to go", () => parts().length === 0 && stored().length === 0);
		await sql("insert into profile select tenant_id, id, 'supervisor' from account where key = 'supervisor'; update session set begun_sites = null");
		for (const id of [written, waiting])
			assert.equal((await archive("supervisor", id)).status, 404);
	});

	test("events follow the progress to the end; a reconnection then gets 204", async () => {
		await start();
		const id = await create("supervisor", some(...slow), "audio");
		const stream = await clients.supervisor.get(`${api}/exports/${id}/events`);
		assert.equal(stream.status, 200);
		assert.match(stream.headers["content-type"], /^text\/event-stream/);
		const told = [...stream.text.matchAll(/^event: export\ndata: (.*)$/gm)].map((m) => JSON.parse(m[1]));
		assert.equal(told.at(-1).state, "ready");
		assert.ok(told.some((e) => e.state === "running" && e.bytes > 0), stream.text);
		assert.ok(told.every((e, i) => i === 0 || e.bytes >= told[i - 1].bytes));
		assert.equal((await clients.supervisor.get(`${api}/exports/${id}/events`,
		    { "last-event-id": "ended" })).status, 204);
		assert.equal((await clients.limited.get(`${api}/exports/${id}/events`)).status, 404);
	});

	test("SIGTERM returns the archive to the queue at once; another worker makes it", async () => {
		await start();
		const id = await create("supervisor", some(...slow), "audio");
		await running("supervisor", id);
		await jobs.stop();
		const e = await show("supervisor", id);
		assert.deepEqual([e.state, parts()], ["queued", []]);
		assert.equal(await sql("select attempts from export"), "0");
		await start();
		assert.equal((await ended("supervisor", id)).state, "ready");
	});

	test("killed repeatedly: complete in the end, without leftovers", async (t) => {
		await start();
		const id = await create("supervisor", some(...slow), "audio");
		let kills = 0;
		while (kills < 8) {
			await until("the lease", async () => await sql("select state from export") === "running");
			const reach = Math.random();
			await until("some progress", async () => {
				const { state, bytes, bytes_total } = await show("supervisor", id);
				return state === "ready" || bytes_total && bytes >= reach * 0.5 * bytes_total;
			}, 60000);
			await jobs.kill();
			kills++;
			const e = await show("supervisor", id);
			if (e.state === "ready")
				break;
			// an incomplete archive is never served
			assert.equal((await archive("supervisor", id)).status, 409);
			// end the lease, which would expire in 15 seconds
			await sql("update export set lease_until = now() where state = 'running'");
			await start();
		}
		t.diagnostic(`${kills} kills`);
		if ((await show("supervisor", id)).state === "ready")
			await start();
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.done], ["ready", slow.length]);
		await run("unzip", ["-tq", await download("supervisor", id)]);
		await sql("update store_removal set due = now()");
		await jobs.stop();
		await start();
		await until("leftovers to go", async () => parts().length === 0 && stored().length === 1 &&
		    await sql("select count(*) from store_removal") === "0");
	});

	test("an expired lease passes to another worker; the late worker changes nothing", async () => {
		await start();
		const id = await create("supervisor", some(...slow), "audio");
		await running("supervisor", id);
		process.kill(jobs.pid, "SIGSTOP");
		const late = jobs;
		await sql("update export set lease_until = now()");
		await start({ export_dir: path.join(server.dir, "exports2") });
		const e = await ended("supervisor", id);
		process.kill(late.pid, "SIGCONT");
		await until("the late worker to give up", () => /event=export_again/.test(late.output));
		await late.stop();
		assert.deepEqual((await show("supervisor", id)).ready_at, e.ready_at);
		assert.equal((await archive("supervisor", id)).body.length, e.bytes);
	});

	test("a call is deleted meanwhile: the archive starts again without it", async () => {
		await start();
		const id = await create("supervisor", some(...slow, "late"), "audio");
		await running("supervisor", id);
		process.kill(jobs.pid, "SIGSTOP");
		await remove("late");
		process.kill(jobs.pid, "SIGCONT");
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.total, e.done], ["ready", slow.length, slow.length]);
		assert.ok((await entries(await download("supervisor", id))).every((n) => !n.includes("Perdu")));
	});

	test("the right is narrowed meanwhile: the archive starts again with the remaining calls", async () => {
		await start();
		const id = await create("supervisor", some(...slow.slice(12), "lyonnais_own"), "audio");
		await running("supervisor", id);
		process.kill(jobs.pid, "SIGSTOP");
		await sql("update profile set site_ids = (select array[id] from site where key = 'lyon') " +
		    "where account_id = (select id from account where key = 'supervisor')");
		process.kill(jobs.pid, "SIGCONT");
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.total, e.done], ["ready", 1, 1]);
		const names = await entries(await download("supervisor", id));
		assert.ok(names.every((n) => !n.includes("Ursule") && !n.includes("Long")), names.join());
		// the access log does not list the other calls
		assert.equal(await sql(`select string_agg(recording_id::text, ' ') from audit
			where kind = 'export' and recording_id is not null and detail ->> 'export' = '${id}'`), ids.lyonnais_own);
	});

	test("a call expires meanwhile: the archive does not hold it", async () => {
		await start();
		const id = await create("supervisor", some(...slow, "user_own"), "audio");
		await running("supervisor", id);
		await sql(`update recording set expires_at = now() where id = '${ids.user_own}'`);
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.done], ["ready", slow.length]);
	});

	test("a small archive does not wait for another customer's big one", async () => {
		await start();
		const big = await create("supervisor", some(...slow), "both");
		await running("supervisor", big);
		const small = await create("neighbour", some("neighbour_own"), "both");
		const e = await ended("neighbour", small);
		const state = (await show("supervisor", big)).state;
		assert.deepEqual([e.state, state], ["ready", "running"]);
	});

	test("order of claims: one big archive per customer, small ones on a worker of their own", async () => {
		const queue = async (who, key, total) => {
			const id = await create(who, some(key), "audio");
			await sql(`update export set total = ${total} where id = '${id}'`);
			return id;
		};
		const claim = async (small) => (await ask(server.database, "smartrecord_jobs",
		    `select id from export_claim('${Math.random()}', ${small})`));
		const [first, second] = [await queue("supervisor", "user_own", 500),
			await queue("supervisor", "user_own", 500)];
		const [other, little] = [await queue("neighbour", "neighbour_own", 500),
			await queue("neighbour", "neighbour_own", 100)];
		const late = await queue("limited", "lyonnais_own", 100);
		// true: a worker that takes small archives only
		assert.equal(await claim(true), little);
		assert.equal(await claim(false), first);
		assert.equal(await claim(false), other);
		assert.equal(await claim(true), late);
		assert.equal(await claim(false), "", "its customer has a big one already");
		const third = await queue("limited", "lyonnais_own", 100);
		assert.equal(await claim(true), "", "its customer has two of a process's three");
		await sql(`update export set state = 'failed' where id = '${third}'`);
		await sql(`update export set lease_until = now() where id = '${first}'`);
		assert.equal(await claim(false), first, "the archive of a dead worker goes to the next one");
		await sql(`update export set state = 'failed', worker = null where id = '${first}'`);
		assert.equal(await claim(false), second);
	});

	test("a worker that has lost its lease to another can't renew it", async () => {
		const id = await create("supervisor", some("user_own"), "audio");
		const tenant = await sql(`select tenant_id from export where id = '${id}'`);
		const claim = (worker) => ask(server.database, "smartrecord_jobs", `select id from export_claim('${worker}', false)`);
		const beat = (worker, done) => ask(server.database, "smartrecord_jobs", filled(statement("run_beat"),
		    [{ id, tenant: Number(tenant), worker, done, bytes: 0 }]));
		const lapses = () => sql("update export set lease_until = now() - interval '1 second'");
		const state = () => sql("select worker, lease_until > now() + interval '10 seconds', done from export");
		assert.equal(await claim("first"), id);
		assert.equal(await state(), "first|t|0");
		await lapses();
		assert.equal(await claim("second"), id);
		const lease = await sql("select lease_until from export");
		assert.equal(await beat("first", 7), "");
		assert.equal(await sql("select lease_until from export"), lease);
		assert.equal(await state(), "second|t|0");
		await lapses();
		assert.equal(await beat("first", 7), "");
		assert.equal(await state(), "second|f|0");
		assert.equal(await beat("second", 1), "second");
		assert.equal(await state(), "second|t|1");
	});

	test("connections to the database are lost meanwhile: the archive is completed", async () => {
		await start();
		const id = await create("supervisor", some(...slow), "audio");
		await running("supervisor", id);
		await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'smartrecord_jobs'");
		assert.equal((await ended("supervisor", id)).state, "ready");
	});

	test("after ten attempts that ended their worker the archive fails", async () => {
		const id = await create("supervisor", some("user_own"), "audio");
		await sql("update export set attempts = 10, state = 'running', worker = 'x', lease_until = now()");
		await start();
		const e = await ended("supervisor", id);
		assert.deepEqual([e.state, e.reason], ["failed", "internal"]);
	});

	test("the disk is too small or becomes full: the archive fails with that reason, no file left",
	    { skip: !isRoot && "only root can mount a small disk" }, async () => {
		const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-disk-"));
		await run("mount", ["-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", dir]);
		try {
			writeFileSync(path.join(dir, "fill"), Buffer.alloc(22 * 1024 * 1024));
			await start({ export_dir: dir });
			const first = await ended("supervisor", await create("supervisor", some(...slow), "audio"));
			assert.deepEqual([first.state, first.reason, first.bytes], ["failed", "disk", 0]);
			const answer = await archive("supervisor", first.id);
			assert.deepEqual([answer.status, answer.json().type],
			    [507, "urn:smartrecord:problem:insufficient-storage"]);
			assert.match((await clients.supervisor.get(`/console/exports/${first.id}`)).text,
			    /L’espace de stockage du service ne suffit pas/);

			rmSync(path.join(dir, "fill"));
			const id = await create("supervisor", some(...slow), "audio");
			await running("supervisor", id);
			process.kill(jobs.pid, "SIGSTOP");
			const free = Number((await run("stat", ["-f", "-c", "%a %S", dir])).stdout.split(" ")
			    .reduce((a, b) => Number(a) * Number(b)));
			writeFileSync(path.join(dir, "fill"), Buffer.alloc(free - 8192));
			process.kill(jobs.pid, "SIGCONT");
			const second = await ended("supervisor", id);
			assert.deepEqual([second.state, second.reason], ["failed", "disk"]);
			assert.match(jobs.output, new RegExp(`event=export_dir export=${second.id} ` +
			    `why="export_dir is full: No space left on device"`));
			await until("the file to go", () => readdirSync(dir).every((name) => name === "fill"));
			await jobs.stop();
			jobs = undefined;
		} finally {
			await run("umount", ["-l", dir]);
			rmSync(dir, { recursive: true, force: true });
		}
	});
});
