// Deletions: the confirmed number, the rights, what is left, and that a
// big deletion is invisible at once although its rows are removed later.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { calls, copyCall, document, loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ask, session } from "../lib/sql.js";
import { startJobs } from "../lib/jobs.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8").replace(/^--.*$/gm, "");
let database, server, ids, supervisor, limited, user;
const clients = [];

before(async () => {
	database = await freshDatabase({ fixtures: true });
	ids = await recordingIds(database);
	server = await startServer({ database });
	for (const who of ["supervisor", "limited", "user"])
		clients.push(await server.client().signIn(people[who].email));
	[supervisor, limited, user] = clients;
});
after(async () => {
	clients.forEach((client) => client.close());
	await server?.stop();
});

const remove = (client, select, expect, more = {}, headers = {}) =>
    client.send("POST", "/api/v1/deletions", { json: { select, expect, ...more }, headers });
const count = async (client, select) =>
    (await client.post("/api/v1/deletions/count", { json: { select } })).json().count;
const all = (filter = {}) => ({ filter, except: [], as_of: new Date(Date.now() + 60000).toISOString() });
const left = () => database.sql("select count(*) from recording");
const work = () => database.sql(file("jobs/deletions.sql").replace("$1", "1000"), "smartrecord_jobs");

const many = (n, like = "colleague_own") => copyCall(database, ids[like], n);

describe("one recording", () => {
	test("refused: a user, a supervisor of another site or customer, the board, a wrong token", async () => {
		const before = await left();
		assert.equal((await remove(user, { ids: [ids.user_own] }, 1)).status, 403);
		assert.equal((await remove(limited, { ids: [ids.colleague_own] }, 1)).status, 404);
		assert.equal((await remove(supervisor, { ids: [ids.neighbour_own] }, 1)).status, 404);
		assert.equal((await supervisor.post("/board/deletions", { fields: { id: ids.user_own, expect: 1 } })).status, 404);
		assert.equal((await supervisor.send("POST", "/api/v1/deletions", {
		    json: { select: { ids: [ids.user_own] }, expect: 1 }, headers: { "x-csrf-token": "x" } })).status, 403);
		assert.equal(await left(), before);
	});
	test("its page asks for confirmation, its form deletes it, a receipt confirms it; then it is gone everywhere", async () => {
		const detail = await supervisor.get(`/console/recordings/${ids.user_second}`);
		assert.match(detail.text, /action="\/console\/deletions\/count"/);
		assert.doesNotMatch((await user.get(`/board/recordings/${ids.user_second}`)).text, /deletions/);
		const asked = await supervisor.post("/console/deletions/count", { fields: { id: ids.user_second } });
		assert.equal(asked.status, 200);
		assert.match(asked.text, /Supprimer cet enregistrement\s\?/);
		assert.match(asked.text, /Livraison réussie/);
		assert.doesNotMatch(asked.text, /type="password"/);
		const fields = Object.fromEntries([...asked.text.matchAll(
		    /<input type="hidden" name="(select|expect|request)" value="([^"]*)"/g)]
		    .map(([, name, value]) => [name, value.replaceAll("&quot;", '"')]));
		const [{ audio_key: key }] = await database.rows(
		    `select audio_key from recording where id = '${ids.user_second}'`);
		const done = await supervisor.post("/console/deletions", { fields });
		assert.equal(done.status, 303, done.text);
		const again = await supervisor.post("/console/deletions", { fields });
		assert.equal(again.headers.location, done.headers.location);
		const receipt = await supervisor.get(done.headers.location);
		assert.match(receipt.text, /1 enregistrement supprimé/);
		assert.match(receipt.text, /Sophie Martin/);
		assert.equal((await limited.get(done.headers.location)).status, 404);
		for (const url of ["", "/audio.mp3", "/peaks"])
			for (const [client, base] of [[supervisor, "/api/v1"], [user, "/api/v1"], [user, "/board"]])
				assert.equal((await client.get(`${base}/recordings/${ids.user_second}${url}`)).status, 404);
		assert.equal((await supervisor.get("/api/v1/recordings?q=livraison")).json().total, 0);
		assert.equal(await database.sql(`select key from store_removal where key = '${key}'`), key);
		assert.ok(existsSync(path.join(database.store, key)));	// until jobs removes it
		assert.deepEqual(await database.rows(`select a.kind, p.email, a.detail - 'deletion' as detail, site_id is not null as site
			from audit a join person p on p.id = a.person_id where recording_id = '${ids.user_second}' and kind = 'delete'`),
		    [{ kind: "delete", email: people.supervisor.email, detail: {}, site: true }]);
	});
	test("ingesting it again does not bring it back", async () => {
		const replayed = JSON.stringify({ ...document("replayed", { ...calls.user_second, silent: true }), audio: null });
		const ingest = async () => JSON.parse(await database.sql(`select pipeline.ingest($d$${replayed}$d$)`, "pipeline"));
		const { id, outcome } = await ingest();
		assert.equal(outcome, "created");
		assert.equal((await remove(supervisor, { ids: [id] }, 1)).status, 200);
		assert.equal((await ingest()).outcome, "deleted");
	});
});

describe("several recordings", () => {
	test("the count is exact, and a wrong confirmed number is refused with the real one", async () => {
		const n = Number(await database.sql(`select count(*) from recording
			where tenant_id = (select id from tenant where key = 'alpha')`));
		assert.ok(n > 7);
		assert.equal(await count(supervisor, all()), n);
		assert.equal(await count(supervisor, { ...all(), except: [ids.user_own] }), n - 1);
		assert.equal(await count(limited, all()), 1);
		const answer = await remove(supervisor, all(), n - 1);
		assert.equal(answer.status, 409);
		assert.equal(answer.json().count, n);
		assert.equal(answer.json().type, "urn:smartrecord:problem:count-changed");
		const page = await supervisor.post("/console/deletions", { fields: {
		    select: JSON.stringify(all()), expect: n + 1, request: "a" } });
		assert.equal(page.status, 409);
		assert.match(page.text, new RegExp(`Supprimer ${n} enregistrements\\s\\?`));
		assert.match(page.text, /a changé entre-temps/);
		assert.equal(await count(supervisor, all()), n);
	});
	test("an idempotency key stands for one request", async () => {
		const key = { "idempotency-key": "one-of-mine" };
		const first = await remove(supervisor, { ids: [ids.limited_own, ids.colleague_own] }, 2, {}, key);
		assert.equal(first.status, 200);
		assert.deepEqual([first.json().count, first.json().state], [2, "done"]);
		const again = await remove(supervisor, { ids: [ids.limited_own, ids.colleague_own] }, 2, {}, key);
		assert.equal(again.status, 200);
		assert.equal(again.json().id, first.json().id);
		const conflict = async (answer) => assert.deepEqual([(await answer).status, (await answer).json().type],
		    [409, "urn:smartrecord:problem:idempotency-conflict"]);
		await conflict(remove(supervisor, { ids: [ids.user_own] }, 1, {}, key));
		// the confirmed number is part of the request
		await conflict(remove(supervisor, { ids: [ids.limited_own, ids.colleague_own] }, 1, {}, key));
		assert.equal(await database.sql("select count(*) from audit where kind = 'delete_many'"), "1");
	});
	test("invalid requests: 400 naming the field", async () => {
		const select = { ids: [ids.user_own] };
		for (const [json, field] of [[{}, "select"], [{ select }, "expect"], [{ select, expect: 0 }, "expect"],
		    [{ select, expect: "many" }, "expect"],
		    [{ expect: 1 }, "select"], [{ expect: 1, select: { ids: ["x"] } }, "select.ids"],
		    [{ expect: 1, select: { filter: { moood: "x" }, as_of: "2026-01-01T00:00:00Z" } }, "select.filter"],
		    [{ expect: 1, select: { filter: {} } }, "as_of"]]) {
			const answer = await supervisor.send("POST", "/api/v1/deletions", { json });
			assert.deepEqual([answer.status, answer.json().field], [400, field], JSON.stringify(json));
		}
	});
});

test("a download in progress is cut when the call expires, and later requests get 404", async () => {
	await loadCalls(database, { expiring: { account: "user", ago: 50, mood: "neutral", subject: "Long",
	    words: ["Bonjour."], seconds: 2400 } });
	const { expiring } = await recordingIds(database);
	const target = `/api/v1/recordings/${expiring}/audio.mp3`;
	await database.sql(`update recording set expires_at = clock_timestamp() + interval '3 seconds'
		where id = '${expiring}'`);
	const outcome = await new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: server.port, path: target, ca: server.ca,
			headers: { cookie: [...user.cookies].map(([k, v]) => `${k}=${v}`).join("; ") } }, (answer) => {
			let bytes = 0;
			answer.on("data", (chunk) => { bytes += chunk.length; });
			answer.on("error", () => resolve({ bytes, whole: Number(answer.headers["content-length"]),
			    status: answer.statusCode }));
			answer.on("end", () => reject(new Error("all of it came")));
			// the reader pauses until the call has expired
			answer.pause();
			until("the call to expire", async () => await database.sql(`select expires_at <= clock_timestamp()
				from recording where id = '${expiring}'`) === "t").then(() => answer.resume(), reject);
		});
		asked.on("error", reject);
		asked.end();
	});
	assert.equal(outcome.status, 200);
	assert.ok(outcome.bytes > 0 && outcome.bytes < outcome.whole, JSON.stringify(outcome));
	assert.equal((await user.get(target, { range: "bytes=0-99" })).status, 404);
	assert.equal((await user.get(`/api/v1/recordings/${ids.user_own}/audio.mp3`, { range: "bytes=0-99" })).status, 206);
});

describe("thousands of recordings", () => {
	const n = 1500;
	before(() => many(n, "user_own"));
	const filter = { q: "facture" };

	test("more than a hundred recordings require the password again", async () => {
		const total = await count(supervisor, all(filter));
		assert.equal(total, n + 1);
		const without = await remove(supervisor, all(filter), total);
		assert.deepEqual([without.status, without.json().type], [403, "urn:smartrecord:problem:password-needed"]);
		assert.equal((await remove(supervisor, all(filter), total, { password: "wrong" })).status, 403);
		const page = await supervisor.post("/console/deletions/count", { fields: { all: 1, q: "facture",
		    as_of: all().as_of } });
		assert.match(page.text, /type="password"/);
		const refused = await supervisor.post("/console/deletions", { fields: { select: JSON.stringify(all(filter)),
		    expect: total, request: "b", password: "wrong" } });
		assert.equal(refused.status, 403);
		assert.match(refused.text, /Ce mot de passe ne convient pas/);
		assert.equal(await count(supervisor, all(filter)), total);
	});
	test("wrong passwords are counted: after ten even the right one has to wait, in every session", async () => {
		const total = await count(supervisor, all(filter));
		const other = await server.client().signIn(people.supervisor.email);
		clients.push(other);
		const guess = async (secret, client = supervisor) => {
			const answer = await remove(client, all(filter), total, { password: secret });
			assert.equal(answer.status, 403, answer.text);
			return answer.json().detail;
		};
		await database.sql("delete from person_attempt");
		const wrong = await Promise.all(Array.from({ length: 12 }, (_, i) => guess("wrong", i % 2 ? other : supervisor)));
		assert.equal(wrong.filter((detail) => /ne convient pas/.test(detail)).length, 10);
		for (const client of [supervisor, other])
			assert.match(await guess(password, client), /Trop d’essais/);
		assert.equal(await count(supervisor, all(filter)), total);
		// signing in stays possible, and does not help
		clients.push(await server.client().signIn(people.supervisor.email));
		assert.match(await guess(password, clients.at(-1)), /Trop d’essais/);
		// after 15 minutes the right one works, and clears the wrong ones
		await database.sql("update person_attempt set at = now() - interval '15 minutes'");
		const right = await remove(supervisor, all({ q: "facture", mood: ["angry"] }), 101, { password });
		assert.equal(right.status, 404, right.text);
		assert.equal(await database.sql("select count(*) from person_attempt where kind = 'again'"), "0");
	});
	test("invisible to everybody once the response arrives, then erased by jobs; the receipt shows the progress", async () => {
		// as if it were more than 20,000: rows of all tables stay for jobs
		await database.sql("create or replace function deletion_at_once() returns int language sql immutable return 1000");
		const rows = await left();
		const answer = await remove(supervisor, all(filter), n + 1, { password });
		assert.equal(answer.status, 202);
		assert.equal(answer.json().state, "running");
		assert.equal(await left(), rows);
		assert.equal(await count(supervisor, all(filter)), 0);
		for (const [client, query] of [[supervisor, "q=facture"], [user, "q=facture"], [supervisor, "mood=frustrated"]])
			assert.equal((await client.get(`/api/v1/recordings?${query}`)).json().total, 0);
		assert.equal((await supervisor.get("/api/v1/recordings")).json().counts.frustrated, undefined);
		for (const tail of ["", "/audio.mp3", "/peaks"])
			assert.equal((await user.get(`/api/v1/recordings/${ids.user_own}${tail}`)).status, 404);
		const receipt = async () => (await supervisor.get(answer.headers.location)).json();
		const page = () => supervisor.get(answer.headers.location.replace("/api/v1", "/console"));
		assert.match((await page()).text, /<progress max="1501" value="0"/);
		assert.equal(await work(), "0|t");
		assert.equal(await left(), String(rows - 1000));
		assert.equal(await count(supervisor, all(filter)), 0);
		assert.equal((await user.get(`/api/v1/recordings/${ids.user_own}`)).status, 404);
		assert.equal(await work(), "0|t");
		assert.equal(await left(), String(rows - n - 1));
		assert.equal(await work(), "1000|t");
		assert.deepEqual([(await receipt()).done, (await receipt()).state], [1000, "running"]);
		assert.equal(await work(), "501|t");
		assert.equal(await work(), "0|f");
		assert.deepEqual([(await receipt()).done, (await receipt()).state], [n + 1, "done"]);
		assert.doesNotMatch((await page()).text, /<progress/);
		assert.equal(await left(), String(rows - n - 1));
		assert.equal(await database.sql("select count(*) from recording_gone"), "0");
		assert.equal(await database.sql("select count(*) from store_removal where key like 'copy/%'"), String(n));
		assert.equal(await database.sql(`select count(distinct recording_id) || ' ' || count(*) from audit
			where kind = 'delete' and detail ->> 'deletion' = '${answer.json().id}'`), `${n + 1} ${n + 1}`);
		assert.equal(await database.sql(`select count(*) from recording_source s
			where deleted_at is null and not exists (select from recording r where r.id = s.recording_id)`), "0");
		// guesses could be tried against the request's hash: it is removed after a week
		await database.sql("update deletion set created_at = created_at - interval '8 days'");
		assert.equal(await work(), "0|f");
		assert.equal(await database.sql("select count(*) from deletion where num_nonnulls(request_key, request_hash) > 0"), "0");
	});
	test("of up to 20,000, lists have nothing to leave out; jobs erases the rest, each once", async () => {
		await database.sql("create or replace function deletion_at_once() returns int language sql immutable return 20000");
		await many(1001, "lyonnais_own");
		const rows = await left();
		const answer = await remove(supervisor, { ...all({ q: "panne" }), except: [ids.lyonnais_own] }, 1001, { password });
		assert.deepEqual([answer.status, answer.json().state], [202, "running"]);
		assert.equal(await left(), String(rows - 1001));
		assert.equal(await count(supervisor, all({ q: "panne" })), 1);
		assert.equal(await database.sql(`begin; set role smartrecord_app; set local app.tenant = 1;
			select app_gone(); commit`), "{}");
		// nobody reads the words that are still to be removed
		const some = await database.sql("select array_agg(id) from (select id from recording_gone limit 5) g");
		const words = `select count(*) from utterance where id = any ('${some}')`;
		assert.equal(await database.sql(words), "5");
		assert.equal(await database.sql(`begin; set role smartrecord_app; set local app.tenant = 1;
			set local app.team = 'all'; ${words}; commit`), "0");
		assert.equal(await database.sql("select count(*) from recording_gone"), "1001");
		assert.deepEqual([await work(), await work(), await work()], ["1000|t", "1|t", "0|f"]);
		const gone = `from audit where kind = 'delete' and detail ->> 'deletion' = '${answer.json().id}'`;
		assert.equal(await database.sql(`select count(distinct recording_id) || ' ' || count(site_id) ${gone}`), "1001 1001");
		assert.equal(await database.sql(`select count(*) from utterance where id in (select recording_id ${gone})`), "0");
		assert.equal((await supervisor.get(answer.headers.location)).json().state, "done");
	});
	test("two concurrent deletions of the same recordings remove each once", async () => {
		await many(150, "lyonnais_own");
		const select = all({ q: "panne" });
		const answers = await Promise.all([1, 2].map(() => remove(supervisor, select, 151, { password })));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, 404]);
		assert.equal(await count(supervisor, select), 0);
	});
	test("a transcript that arrives during its call's deletion is deleted too", async () => {
		const now = Date.now();
		const late = (more) => `select pipeline.ingest($d$${JSON.stringify(
		    document("late", { ...calls.user_own, silent: true, ...more }, now))}$d$)`;
		const { id } = JSON.parse(await database.sql(late({ pending: true }), "pipeline"));
		try {
			await ask(database, "pipeline", `begin; ${late()}`);
			const going = remove(supervisor, { ids: [id] }, 1);
			await until("the deletion to wait", async () => await database.sql(`select count(*) from pg_stat_activity
				where datname = current_database() and wait_event_type = 'Lock'`) === "1");
			await ask(database, "pipeline", "commit");
			assert.equal((await going).status, 200);
		} finally {
			session(database, "pipeline").child.stdin.end();
		}
		assert.equal(await database.sql(`select count(*) from utterance where id = '${id}'`), "0");
	});
	test("objects that can't be removed and failing jobs do not delay other removals", async () => {
		const object = path.join(database.store, "zz.wav");
		writeFileSync(object, "");
		await database.sql(`insert into store_removal select '../' || i from generate_series(1, 201) i
			union all select 'zz.wav'; revoke execute on function exports_upkeep() from smartrecord_jobs`);
		const jobs = await startJobs(server);
		try {
			await until("it to be removed", () => !existsSync(object));
		} finally {
			await jobs.stop();
		}
	});
});

test("an object is removed when it is due, and its row after it", async () => {
	const stuck = path.join(database.store, "stuck");
	mkdirSync(stuck);
	const [written, held, gone] = ["written.zip", "stuck/held.wav", "zz.wav"].map((key) => {
		const object = path.join(database.store, key);
		writeFileSync(object, "");
		return { key, object };
	});
	chmodSync(stuck, 0o555);
	const pendingRemovals = async () => (await database.rows(
	    "select key from store_removal order by key")).map(({ key }) => key);
	await database.sql(`delete from store_removal; insert into store_removal (key, due) values
		('${written.key}', now() + interval '1 hour'), ('${held.key}', now()), ('${gone.key}', now())`);
	const jobs = await startJobs(server);
	try {
		await until("the row of the removed object to go", async () => !(await pendingRemovals()).includes(gone.key));
		assert.ok(!existsSync(gone.object));
		assert.deepEqual(await pendingRemovals(), [held.key, written.key]);
		assert.ok(existsSync(held.object) && existsSync(written.object));
		assert.match(jobs.output, /event=removal_failed key=stuck\/held\.wav/);
		chmodSync(stuck, 0o777);
		await until("the row of the other object to go", async () => !(await pendingRemovals()).includes(held.key));
		assert.ok(!existsSync(held.object));
		assert.deepEqual(await pendingRemovals(), [written.key]);
		assert.ok(existsSync(written.object));
	} finally {
		await jobs.stop();
	}
});
