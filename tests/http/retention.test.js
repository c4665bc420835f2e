// Recordings go: by themselves, to the second, whatever clocks and calendars
// do meanwhile; and nothing goes when the clock is not to be believed. The
// database's now() stands still where a test puts it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { ask, call, leave, makeWorld, session, sound } from "../lib/sql.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8").replace(/^--.*$/gm, "");

// now() is planned in like any SQL function, so it can be another one in a
// database of the test's own.
async function freeze(db) {
	await db.sql(`set allow_system_table_mods = on;
		create or replace function pg_catalog.now() returns timestamptz
		language sql stable parallel safe
		as $$ select pg_catalog.current_setting('test.now')::timestamptz $$`);
}
const at = (db, instant) => db.sql(`alter database "${db.name}" set test.now = '${instant}'`);
const plus = (instant, ms) => new Date(Date.parse(instant) + ms).toISOString();
const hour = 3600000, day = 24 * hour;

const ingest = async (db, document) => JSON.parse(await db.sql(
    `select pipeline.ingest($d$${JSON.stringify(document)}$d$)`, "pipeline")).id;
const inTeam = (db, tenant, query) => db.sql(`begin; set local app.tenant = '${tenant}';
	set local app.team = 'all'; ${query}; commit`, "smartrecord_app");
const purge = async (db, size = 1000) => {
	const [removed, problem] = (await db.sql(file("jobs/purge.sql").replace("$1", String(size)),
	    "smartrecord_jobs")).split("|");
	return { removed: Number(removed), problem };
};
// jobs has been at work until this instant
const workedUntil = (db, instant) => db.sql(`update purge_round set at = '${instant}'`);

describe("to the second, by the calendar", () => {
	let db;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
	});
	after(() => leave(db));

	// Ways to a call that must agree on whether it is there.
	const seen = async (id) => (await inTeam(db, 1, `
		select count(*) from recording where id = '${id}';
		select count(*) from utterance where id = '${id}';
		select jsonb_array_length(x -> 'items') || '/' || (x ->> 'total') from recordings_search('{}') x;
		select jsonb_array_length(x -> 'items') || '/' || (x ->> 'total') from recordings_search('{"q": "bonjour"}') x;
		select recordings_count('{"ids": ["${id}"]}');
		select recordings_count('{"filter": {}, "as_of": "2100-01-01T00:00:00Z"}')`)).split("\n");
	const there = ["1", "1", "1/1", "1/1", "1", "1"], gone = ["0", "0", "0/0", "0/0", "0", "0"];

	for (const [what, start, days, end] of [
		["the 29th of February", "2028-02-29T23:59:59.999Z", 30, "2028-03-30T23:59:59.999Z"],
		["over the 29th of February", "2028-02-15T08:00:00.000Z", 30, "2028-03-16T08:00:00.000Z"],
		["a February without it", "2027-02-15T08:00:00.000Z", 30, "2027-03-17T08:00:00.000Z"],
		["summer time begins", "2027-03-27T11:00:00.000Z", 1, "2027-03-28T11:00:00.000Z"],
		["summer time ends, in the hour that comes twice", "2027-10-30T00:30:00.000Z", 1, "2027-10-31T00:30:00.000Z"],
		["over both changes' months", "2027-10-15T22:30:00.000Z", 90, "2028-01-13T22:30:00.000Z"],
	])
		test(what, async () => {
			await db.sql(`update site set retention_days = ${days} where tenant_id = 1`, "deployer");
			await at(db, plus(start, hour));
			const id = await ingest(db, call({ started_at: start, audio: sound() }));
			assert.equal(await db.sql(`select rfc3339(expires_at) from recording where id = '${id}'`), end);
			await workedUntil(db, plus(end, -hour / 2));
			for (const [offset, visible] of [[-1000, true], [-1, true], [0, false], [1000, false]]) {
				await at(db, plus(end, offset));
				assert.deepEqual(await seen(id), visible ? there : gone, `${offset} ms`);
				if (visible)
					assert.deepEqual(await purge(db), { removed: 0, problem: "" });
			}
			assert.deepEqual(await purge(db), { removed: 1, problem: "" });
			assert.deepEqual(await purge(db), { removed: 0, problem: "" });
			assert.equal(await db.sql(`select (select count(*) from recording) + (select count(*) from utterance)
				+ (select count(*) from recording_source)`), "0");
			assert.equal(await db.sql("delete from store_removal returning key"), "alpha/ab/cd.wav");
			assert.equal(await db.sql("delete from audit where kind = 'expire' returning tenant_id, detail"),
			    '1|{"count": 1}');
		});

	test("a call that had expired before it came is refused", async () => {
		await db.sql("update site set retention_days = 30 where tenant_id = 1", "deployer");
		await at(db, "2028-02-29T12:00:00Z");
		await assert.rejects(ingest(db, call({ started_at: "2028-01-30T12:00:00.000Z" })),
		    /already expired: this site keeps calls for 30 days/);
		await ingest(db, call({ started_at: "2028-01-30T12:00:00.001Z" }));
	});

	test("neither what had expired nor what was deleted comes back to a site that keeps calls for longer", async () => {
		const retain = (days) => db.sql(`select site_retain('alpha', 'paris', ${days}, true)`, "deployer");
		const now = "2028-06-01T12:00:00Z";
		await at(db, now);
		await retain(1);
		const expired = call({ source_id: "expired", started_at: plus(now, -23 * hour) });
		const deleted = call({ source_id: "deleted", started_at: plus(now, -22 * hour) });
		await ingest(db, expired);
		await inTeam(db, 1, `set local app.person = '1'; set local app.account = '1';
			select deletion_create('{"ids": ["${await ingest(db, deleted)}"]}', 1, null, null)`);
		await workedUntil(db, plus(now, 2 * day));
		await at(db, plus(now, 2 * day));
		await purge(db);
		await db.sql(`begin; set local app.tenant = '1'; select accounts_apply(
			'[{"line": 1, "outcome": "change", "account": 1, "site_id": 2, "changes": []}]', '[{"line": 1, "key": "ada"}]'); commit`, "deployer");
		await assert.rejects(ingest(db, expired), /already expired: this site keeps calls for 30 days/);
		await db.sql("update account set site_id = 1, expired_until = default where id = 1", "deployer");
		await retain(90);
		await assert.rejects(ingest(db, expired), /already expired/);
		assert.match(await db.sql(`select pipeline.ingest($d$${JSON.stringify(deleted)}$d$)`, "pipeline"),
		    /"outcome": "deleted"/);
	});
});

describe("a clock that is not to be believed", () => {
	let db;
	const now = "2027-06-15T12:00:00.000Z";
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
		await at(db, now);
		for (const ago of [29 * day, day])
			await ingest(db, call({ started_at: plus(now, -ago) }));
		await workedUntil(db, now);
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	after(() => leave(db));
	const left = () => db.sql("select count(*) from recording");

	test("set forward by three days: nothing is purged, however often it is tried", async () => {
		for (let minute = 0; minute < 3; minute++) {
			await at(db, plus(now, 3 * day + minute * 60000));
			const { removed, problem } = await purge(db);
			assert.equal(removed, 0);
			assert.equal(problem, "it was 2027-06-15T12:00:00.000Z at the last round, and no call has begun since");
		}
		assert.equal(await left(), "2");
	});
	test("calls that the pipeline dates by the old clock do not confirm it", async () => {
		await ingest(db, call({ started_at: plus(now, 60000) }));
		assert.match((await purge(db)).problem, /no call has begun since/);
		assert.equal(await left(), "3");
	});
	test("set right again: it goes on by itself", async () => {
		await at(db, plus(now, 10 * 60000));
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	test("set back: nothing is purged", async () => {
		await at(db, plus(now, -2 * hour));
		assert.match((await purge(db)).problem, /^it was 2027-06-15T12:10:00.000Z at the last round$/);
	});
	test("within the hour, a round that was late is no jump", async () => {
		await at(db, plus(now, 60 * 60000));
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	test("jobs was away for three days: the first new call confirms the clock", async () => {
		const later = plus(now, 3 * day);
		await at(db, later);
		assert.match((await purge(db)).problem, /no call has begun since/);
		await ingest(db, call({ started_at: plus(later, -20 * 60000) }));
		assert.deepEqual(await purge(db), { removed: 1, problem: "" });
	});
	test("or the operator does", async () => {
		await at(db, plus(now, 40 * day));
		assert.match((await purge(db)).problem, /no call has begun since/);
		const done = await db.command(["jobs", "--trust-clock"]);
		assert.equal(done.stdout, "the clock of the database is right: 2027-07-25T12:00:00.000Z\n");
		assert.deepEqual(await purge(db), { removed: 3, problem: "" });
	});
	test("with nothing to lose it asks nobody", async () => {
		await at(db, plus(now, 400 * day));
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
});

describe("in batches, then the partitions", () => {
	let db;
	const now = "2027-06-15T12:00:00.000Z";
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
		await at(db, now);
		for (let i = 0; i < 25; i++)
			await ingest(db, call({ started_at: plus(now, -i * day), account: i % 2 ? "ada" : "lou" }));
		await ingest(db, call({ started_at: plus(now, -day), tenant: "beta", account: "voisin" }));
		await workedUntil(db, plus(now, 20 * day));
		await at(db, plus(now, 20 * day));
	});
	after(() => leave(db));
	const partitions = () => db.sql(`select count(*) from pg_inherits
		where inhparent in ('recording'::regclass, 'utterance'::regclass)`);
	const drop = () => db.sql(file("jobs/drop_partition.sql"), "smartrecord_jobs");

	test("oldest first, a batch at a time, none that has not expired", async () => {
		assert.deepEqual(await purge(db, 6), { removed: 6, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 6, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 3, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 0, problem: "" });
		assert.equal(await db.sql("select count(*) from recording where expires_at <= now()"), "0");
		assert.equal(await db.sql("select count(*) from recording"), "11");
		assert.equal(await db.sql("select sum((detail ->> 'count')::int) from audit where kind = 'expire'"), "15");
	});
	test("two rounds at once purge each recording once", async () => {
		await at(db, plus(now, 40 * day));
		await workedUntil(db, plus(now, 40 * day));
		const rounds = await Promise.all([purge(db, 8), purge(db, 8)]);
		const more = await purge(db);
		assert.equal(rounds[0].removed + rounds[1].removed + more.removed, 11);
		assert.equal(await db.sql("select sum((detail ->> 'count')::int) from audit where kind = 'expire'"), "26");
	});
	test("a long reader is waited for a tenth of a second, and keeps nobody else waiting", async () => {
		const before = Number(await partitions());
		await ask(db, "smartrecord_app", `begin; select set_config('app.tenant', '1', true);
			select count(*) from recording`);
		assert.equal(await drop(), "0|1");
		assert.equal(Number(await partitions()), before);
		await ask(db, "smartrecord_app", "commit");
	});
	test("empty partitions of days gone by are dropped, one at a time, no other", async () => {
		await db.sql(file("jobs/partitions.sql"), "smartrecord_jobs");
		const before = Number(await partitions());
		let dropped = 0;
		// one that somebody looks at is busy: the next round drops it
		await until("none to be left", async () => {
			const answer = await drop();

			dropped += answer === "1|0" ? 1 : 0;
			return answer === "0|0";
		}, 120000);
		const oldest = await db.sql(`select min(right(relname, 8)) from pg_class
			where relname ~ '^(recording|utterance)_[0-9]{8}$'`);
		// 40 days later, 30 days and two kept
		assert.ok(oldest >= "20270623", oldest);
		assert.ok(dropped > 0);
		assert.equal(Number(await partitions()), before - dropped);
		// and what is needed is there
		await ingest(db, call({ started_at: plus(now, 39 * day) }));
		assert.equal(await db.sql("select count(*) from recording"), "1");
	});
	test("a partition that holds something stays", async () => {
		await db.sql("update recording_source set expires_at = 'infinity'; update recording set expires_at = 'infinity'");
		const where = await db.sql("select tableoid::regclass from recording");
		await at(db, plus(now, 100 * day));
		while (await drop() === "1|0")
			continue;
		assert.equal(await db.sql("select tableoid::regclass from recording"), where);
		session(db, "smartrecord_app");
	});
});
