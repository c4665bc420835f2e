// Deleting: the number that was confirmed, who may, what is left, and that a
// big deletion is invisible at once though its rows take longer.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { calls, document, loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
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

// A copy of a call many times over, in the schema alone.
const many = (n, like = "colleague_own") => database.sql(`
	create temporary table made as
	select uuid7_new(r.started_at - i * interval '1 minute') as new, i, r.*
	from recording r, generate_series(1, ${n}) i where r.id = '${ids[like]}';
	select recordings_make_partitions((now() - interval '35 days')::date, now()::date);
	insert into recording select tenant_id, new, site_id, account_id, duration_ms,
		started_at - i * interval '1 minute', expires_at, ingested_at, direction, mode, language, mood,
		caller_kind, caller_value, caller_name, callee_kind, callee_value, callee_name, subject, pauses,
		'copy/' || i || '.wav', audio_format, audio_rate, audio_channels, audio_samples, audio_sha256, tsv from made;
	insert into utterance select u.tenant_id, new, u.site_id, u.account_id, u.expires_at, summary, utterances
		from made join utterance u on u.id = made.id;
	insert into recording_source select tenant_id, 'copy-' || new, new, expires_at from made`);

describe("one", () => {
	test("a user, a colleague's supervisor elsewhere and the board can't", async () => {
		const before = await left();
		assert.equal((await remove(user, { ids: [ids.user_own] }, 1)).status, 403);
		assert.equal((await remove(limited, { ids: [ids.colleague_own] }, 1)).status, 404);
		assert.equal((await remove(supervisor, { ids: [ids.neighbour_own] }, 1)).status, 404);
		assert.equal((await supervisor.post("/board/deletions", { fields: { id: ids.user_own, expect: 1 } })).status, 404);
		assert.equal((await supervisor.send("POST", "/api/v1/deletions", {
		    json: { select: { ids: [ids.user_own] }, expect: 1 }, headers: { "x-csrf-token": "x" } })).status, 403);
		assert.equal(await left(), before);
	});
	test("its page asks, its form deletes, its receipt says so; then it is nowhere", async () => {
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
		assert.ok(existsSync(path.join(database.store, key)));	// until jobs comes by
		assert.deepEqual(await database.rows(`select a.kind, p.email, a.detail - 'deletion' as detail, site_id is not null as site
			from audit a join person p on p.id = a.person_id where recording_id = '${ids.user_second}' and kind = 'delete'`),
		    [{ kind: "delete", email: people.supervisor.email, detail: {}, site: true }]);
	});
	test("a replay does not bring it back", async () => {
		const replayed = document("user_second", { ...calls.user_second, silent: true });
		const answer = JSON.parse(await database.sql(
		    `select pipeline.ingest($d$${JSON.stringify({ ...replayed, audio: null })}$d$)`, "pipeline"));
		assert.equal(answer.outcome, "deleted");
	});
});

describe("many", () => {
	test("the number is exact, and another one is refused with the real one", async () => {
		const n = await count(supervisor, all());
		assert.equal(n, 8);
		assert.equal(await count(supervisor, { ...all(), except: [ids.user_own] }), 7);
		assert.equal(await count(limited, all()), 1);
		const answer = await remove(supervisor, all(), n - 1);
		assert.equal(answer.status, 409);
		assert.equal(answer.json().count, n);
		assert.equal(answer.json().type, "urn:smartrecord:problem:count-changed");
		const page = await supervisor.post("/console/deletions", { fields: {
		    select: JSON.stringify(all()), expect: n + 1, request: "a" } });
		assert.equal(page.status, 409);
		assert.match(page.text, /Supprimer 8 enregistrements\s\?/);
		assert.match(page.text, /a changé entre-temps/);
		assert.equal(await count(supervisor, all()), n);
	});
	test("a key stands for one request", async () => {
		const key = { "idempotency-key": "one-of-mine" };
		const first = await remove(supervisor, { ids: [ids.limited_own, ids.colleague_own] }, 2, {}, key);
		assert.equal(first.status, 200);
		assert.deepEqual([first.json().count, first.json().state], [2, "done"]);
		const again = await remove(supervisor, { ids: [ids.limited_own, ids.colleague_own] }, 2, {}, key);
		assert.equal(again.status, 200);
		assert.equal(again.json().id, first.json().id);
		assert.equal((await remove(supervisor, { ids: [ids.user_own] }, 1, {}, key)).status, 409);
		assert.equal(await database.sql("select count(*) from audit where kind = 'delete_many'"), "1");
	});
	test("what makes no sense is refused by name", async () => {
		for (const [json, field] of [[{}, "expect"], [{ expect: 0 }, "expect"], [{ expect: "many" }, "expect"],
		    [{ expect: 1 }, "select"], [{ expect: 1, select: { ids: ["x"] } }, "select.ids"],
		    [{ expect: 1, select: { filter: { moood: "x" }, as_of: "2026-01-01T00:00:00Z" } }, "select.filter"],
		    [{ expect: 1, select: { filter: {} } }, "as_of"]]) {
			const answer = await supervisor.send("POST", "/api/v1/deletions", { json });
			assert.deepEqual([answer.status, answer.json().field], [400, field], JSON.stringify(json));
		}
	});
});

test("a download under way is cut at the instant of expiry, and nothing comes after", async () => {
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
			// a slow reader, who goes on once it is over
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

describe("thousands", () => {
	const n = 1500;
	before(() => many(n, "user_own"));
	const filter = { q: "facture" };

	test("above a hundred the password is asked for again", async () => {
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
	test("gone for everybody when the answer comes, erased by jobs, with a receipt that follows", async () => {
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
		assert.equal(await work(), "1000");
		assert.deepEqual([(await receipt()).done, (await receipt()).state], [1000, "running"]);
		assert.equal(await work(), "501");
		assert.equal(await work(), "0");
		assert.deepEqual([(await receipt()).done, (await receipt()).state], [n + 1, "done"]);
		assert.doesNotMatch((await page()).text, /<progress/);
		assert.equal(await left(), String(rows - n - 1));
		assert.equal(await database.sql("select count(*) from recording_gone"), "0");
		assert.equal(await database.sql("select count(*) from store_removal where key like 'copy/%'"), String(n));
		assert.equal(await database.sql(`select count(distinct recording_id) || ' ' || count(*) from audit
			where kind = 'delete' and detail ->> 'deletion' = '${answer.json().id}'`), `${n + 1} ${n + 1}`);
		assert.equal(await database.sql(`select count(*) from recording_source s
			where deleted_at is null and not exists (select from recording r where r.id = s.recording_id)`), "0");
		// what was asked might be told from its hash, by trying: kept a week
		await database.sql("update deletion set created_at = created_at - interval '8 days'");
		assert.equal(await work(), "0");
		assert.equal(await database.sql("select count(*) from deletion where num_nonnulls(request_key, request_hash) > 0"), "0");
	});
	test("two that mean the same delete each once", async () => {
		await many(150, "lyonnais_own");
		const select = all({ q: "panne" });
		const answers = await Promise.all([1, 2].map(() => remove(supervisor, select, 151, { password })));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, 404]);
		assert.equal(await count(supervisor, select), 0);
	});
	test("words that come while their call goes go with it", async () => {
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
	test("an object that can't be removed, or work that fails, keeps the others no longer", async () => {
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
