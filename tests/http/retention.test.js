// Retention: recordings expire to the second, across changes of clocks and
// time zones; nothing is purged while the clock is not trusted. The
// database's now() is set by each test; its time zone is not UTC.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { at, day, freeze, hour, plus } from "../lib/clock.js";
import { story } from "../lib/once.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { ask, call, leave, makeWorld, session, sound, uid } from "../lib/sql.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8").replace(/^--.*$/gm, "");

const deliver = async (db, document) => JSON.parse(await db.sql(
    `select pipeline.ingest($d$${JSON.stringify(document)}$d$)`, "pipeline"));
const ingest = async (db, document) => (await deliver(db, document)).id;
const inTeam = (db, tenant, query) => db.sql(`begin; set local app.tenant = '${tenant}';
	set local app.team = 'all'; ${query}; commit`, "smartrecord_app");
const purge = async (db, size = 1000) => {
	const [removed, problem] = (await db.sql(file("jobs/purge.sql").replace("$1", String(size)),
	    "smartrecord_jobs")).split("|");
	return { removed: Number(removed), problem };
};
// Sets the instant of the purge's last round.
const workedUntil = (db, instant) => db.sql(`update purge_round set at = '${instant}'`);

describe("exact expiry, by the calendar", () => {
	let db;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
	});
	after(() => leave(db));

	// Returns the results of all ways to find a call, which must agree.
	const seen = async (id) => (await inTeam(db, 1, `
		select count(*) from recording where id = '${id}';
		select count(*) from utterance where id = '${id}';
		select json_array_length(x -> 'items') || '/' || (x ->> 'total') from recordings_search('{}') x;
		select json_array_length(x -> 'items') || '/' || (x ->> 'total') from recordings_search('{"q": "bonjour"}') x;
		select recordings_count('{"ids": ["${id}"]}');
		select recordings_count('{"filter": {}, "as_of": "2100-01-01T00:00:00Z"}')`)).split("\n");
	const there = ["1", "1", "1/1", "1/1", "1", "1"], gone = ["0", "0", "0/0", "0/0", "0", "0"];

	test("the database's own time zone has summer time", async () => {
		assert.equal(await db.sql("show timezone"), "Europe/Paris");
	});

	for (const [what, start, days, end] of [
		["begun on 29 February", "2028-02-29T23:59:59.999Z", 30, "2028-03-30T23:59:59.999Z"],
		["over 29 February", "2028-02-15T08:00:00.000Z", 30, "2028-03-16T08:00:00.000Z"],
		["over a February without a 29th", "2027-02-15T08:00:00.000Z", 30, "2027-03-17T08:00:00.000Z"],
		["summer time begins", "2027-03-27T11:00:00.000Z", 1, "2027-03-28T11:00:00.000Z"],
		["summer time ends, in the hour that occurs twice", "2027-10-30T00:30:00.000Z", 1, "2027-10-31T00:30:00.000Z"],
		["over the end of summer time, 90 days", "2027-10-15T22:30:00.000Z", 90, "2028-01-13T22:30:00.000Z"],
		["over the beginning of summer time, 90 days", "2027-02-15T08:00:00.000Z", 90, "2027-05-16T08:00:00.000Z"],
	])
		test(what, async () => {
			await db.sql(`update site set retention_days = ${days} where tenant_id = 1`, "deployer");
			await at(db, plus(start, hour));
			const audio = sound();
			const id = await ingest(db, call({ started_at: start, audio }));
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
			assert.equal(await db.sql("delete from store_removal returning key"), audio.key);
			assert.equal(await db.sql("delete from audit where kind = 'expire' returning tenant_id, detail"),
			    '1|{"count": 1}');
		});

	test("a call that has expired before it arrives is refused", async () => {
		await db.sql("update site set retention_days = 30 where tenant_id = 1", "deployer");
		await at(db, "2028-02-29T12:00:00Z");
		await assert.rejects(ingest(db, call({ started_at: "2028-01-30T12:00:00.000Z" })),
		    /already expired: this site keeps calls for 30 days/);
		await ingest(db, call({ started_at: "2028-01-30T12:00:00.001Z" }));
	});

	const retain = (days) => db.sql(`select site_retain('alpha', 'paris', ${days}, true)`, "deployer");
	// Moves Ada from Paris to Lyon, as an administrator's file does.
	const move = async () => db.sql(`begin; set local app.tenant = '1';
		select accounts_apply('[{"line": 1, "outcome": "change", "account": "${uid(1)}",
			"site": "${uid(2)}", "changes": []}]', '[{"line": 1, "key": "ada"}]', false); commit`, "deployer");
	const back = () => db.sql(`update account set site_id = (select id from site where key = 'paris'),
		expired_until = default where key = 'ada'; update site set expired_until = default`, "deployer");
	const remove = async (id) => inTeam(db, 1, `set local app.person = '1'; set local app.account = '1';
		select deletion_create('{"ids": ["${id}"]}', 1, null, null)`);

	test("a new number of days sets the expiry to that many times 24 hours", async () => {
		const start = "2027-03-27T11:00:00.000Z";	// a day before summer time
		await at(db, plus(start, hour));
		await retain(1);
		const id = await ingest(db, call({ started_at: start }));
		for (const [days, end] of [[30, "2027-04-26T11:00:00.000Z"], [1, "2027-03-28T11:00:00.000Z"]]) {
			await retain(days);
			for (const table of ["recording", "utterance", "recording_source"])
				assert.equal(await db.sql(`select rfc3339(expires_at) from ${table}
					where ${table === "recording_source" ? "recording_id" : "id"} = '${id}'`), end, table);
		}
	});

	test("expired and deleted calls do not come back when the site keeps calls for longer", async () => {
		const now = "2028-06-01T12:00:00Z";
		await at(db, now);
		await retain(1);
		const expired = call({ source_id: "expired", started_at: plus(now, -23 * hour) });
		const deleted = call({ source_id: "deleted", started_at: plus(now, -22 * hour) });
		await ingest(db, expired);
		await remove(await ingest(db, deleted));
		await workedUntil(db, plus(now, 2 * day));
		await at(db, plus(now, 2 * day));
		await purge(db);
		await move();
		await assert.rejects(ingest(db, expired), /already expired: this site keeps calls for 30 days/);
		await back();
		await retain(90);
		await assert.rejects(ingest(db, expired), /already expired/);
		assert.equal((await deliver(db, deleted)).outcome, "deleted");
	});

	test("after a longer retention, calls that had expired before are still refused, exact to the millisecond", async () => {
		const now = "2028-04-05T12:00:00.000Z", last = "2028-03-06T12:00:00.000Z";
		await at(db, now);
		for (const longer of [() => retain(90), move]) {
			await back();
			await db.sql(`update site set retention_days = case key when 'paris' then 30 else 90 end
				where tenant_id = 1`, "deployer");
			await longer();
			for (const started_at of [plus(last, -1), last])
				await assert.rejects(ingest(db, call({ started_at })), /already expired: this site keeps calls for 90 days/);
			await ingest(db, call({ started_at: plus(last, 1) }));
		}
	});

	test("a deleted call stays deleted for as long as any site could keep it", async () => {
		await back();
		// before its expiry clocks go forward in the first case and back in the second
		for (const start of ["2028-02-15T08:00:00.000Z", "2028-10-15T08:00:00.000Z"]) {
			await at(db, plus(start, hour));
			await retain(30);
			const document = call({ started_at: start });
			await remove(await ingest(db, document));
			await retain(90);
			for (const later of [30 * day, 31 * day, 90 * day - hour / 2, 90 * day - 1]) {
				await workedUntil(db, plus(start, later));
				await at(db, plus(start, later));
				await purge(db);
				assert.equal((await deliver(db, document)).outcome, "deleted", `${start} ${later / day}`);
			}
			await at(db, plus(start, 90 * day));
			await purge(db);
			await assert.rejects(ingest(db, document), /already expired: this site keeps calls for 90 days/);
		}
	});
});

describe("an untrusted clock", () => {
	let db;
	const step = story();
	const now = "2027-06-15T12:00:00.000Z";
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
		await at(db, now);
		for (const ago of [30 * day - 90 * 60000, 29 * day, day])
			await ingest(db, call({ started_at: plus(now, -ago) }));
		await workedUntil(db, now);
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	after(() => leave(db));
	const left = () => db.sql("select count(*) from recording");

	step("set forward by hours or days: no round purges anything", async () => {
		for (const ahead of [hour + 1, 2 * hour, 23 * hour, 3 * day, 3 * day + 60000]) {
			await at(db, plus(now, ahead));
			const { removed, problem } = await purge(db);
			assert.equal(removed, 0);
			assert.equal(problem, "it was 2027-06-15T12:00:00.000Z at the last round, and no call has begun since");
		}
		assert.equal(await left(), "3");
	});
	step("calls dated by the old clock do not confirm the new one", async () => {
		await ingest(db, call({ started_at: plus(now, 60000) }));
		assert.match((await purge(db)).problem, /no call has begun since/);
		assert.equal(await left(), "4");
	});
	step("set right again: purging continues by itself", async () => {
		await at(db, plus(now, 10 * 60000));
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	step("set back: nothing is purged", async () => {
		await at(db, plus(now, -2 * hour));
		assert.match((await purge(db)).problem, /^it was 2027-06-15T12:10:00.000Z at the last round$/);
	});
	step("a round that is late by less than an hour is not a jump", async () => {
		await at(db, plus(now, 70 * 60000));	// the last round was 60 minutes before
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
	step("jobs was stopped for three days: the first new call confirms the clock", async () => {
		const later = plus(now, 3 * day);
		await at(db, later);
		assert.match((await purge(db)).problem, /no call has begun since/);
		await ingest(db, call({ started_at: plus(later, -20 * 60000) }));
		assert.deepEqual(await purge(db), { removed: 2, problem: "" });
	});
	step("the operator confirms the clock with jobs --trust-clock", async () => {
		await at(db, plus(now, 40 * day));
		assert.match((await purge(db)).problem, /no call has begun since/);
		const done = await db.command(["jobs", "--trust-clock"]);
		assert.equal(done.stdout, "the clock of the database is right: 2027-07-25T12:00:00.000Z\n");
		assert.deepEqual(await purge(db), { removed: 3, problem: "" });
	});
	step("without recordings the clock needs no confirmation", async () => {
		await at(db, plus(now, 400 * day));
		assert.deepEqual(await purge(db), { removed: 0, problem: "" });
	});
});

describe("purge in batches, then of partitions", () => {
	let db;
	const step = story();
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

	step("expired recordings are purged in batches, and no others", async () => {
		assert.deepEqual(await purge(db, 6), { removed: 6, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 6, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 3, problem: "" });
		assert.deepEqual(await purge(db, 6), { removed: 0, problem: "" });
		assert.equal(await db.sql("select count(*) from recording where expires_at <= now()"), "0");
		assert.equal(await db.sql("select count(*) from recording"), "11");
		assert.equal(await db.sql("select sum((detail ->> 'count')::int) from audit where kind = 'expire'"), "15");
	});
	step("two rounds at once purge each recording once", async () => {
		await at(db, plus(now, 40 * day));
		await workedUntil(db, plus(now, 40 * day));
		const rounds = await Promise.all([purge(db, 8), purge(db, 8)]);
		const more = await purge(db);
		assert.equal(rounds[0].removed + rounds[1].removed + more.removed, 11);
		assert.equal(await db.sql("select sum((detail ->> 'count')::int) from audit where kind = 'expire'"), "26");
	});
	step("dropping a partition waits a tenth of a second for a long reader, then gives up", async () => {
		const before = Number(await partitions());
		await ask(db, "smartrecord_app", `begin; select set_config('app.tenant', '1', true);
			select count(*) from recording`);
		assert.equal(await drop(), "0|1|f");
		assert.equal(Number(await partitions()), before);
		await ask(db, "smartrecord_app", "commit");
	});
	step("empty partitions of past days are dropped, one per round, and no others", async () => {
		await db.sql(file("jobs/partitions.sql"), "smartrecord_jobs");
		const before = Number(await partitions());
		let dropped = 0;
		// a partition in use is busy: the next round drops it
		await until("all of them to be dropped", async () => {
			const answer = await drop();

			dropped += answer === "1|0|t" ? 1 : 0;
			return answer === "0|0|f";
		}, 120000);
		const oldest = await db.sql(`select min(right(relname, 8)) from pg_class
			where relname ~ '^(recording|utterance)_[0-9]{8}$'`);
		// it is 40 days later, and 30 days and two more are kept
		assert.ok(oldest >= "20270623", oldest);
		assert.ok(dropped > 0);
		assert.equal(Number(await partitions()), before - dropped);
		// the partition that a new call needs exists
		await ingest(db, call({ started_at: plus(now, 39 * day) }));
		assert.equal(await db.sql("select count(*) from recording"), "1");
	});
	step("a partition with rows stays", async () => {
		await db.sql("update recording_source set expires_at = 'infinity'; update recording set expires_at = 'infinity'");
		const where = await db.sql("select tableoid::regclass from recording");
		await at(db, plus(now, 100 * day));
		while (await drop() === "1|0|t")
			continue;
		assert.equal(await db.sql("select tableoid::regclass from recording"), where);
		session(db, "smartrecord_app");
	});
});
