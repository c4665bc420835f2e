// A day in a filter, a selection or an export is the day that a row shows: that
// of its site. A list over several time zones says so.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { at, day, freeze, plus } from "../lib/clock.js";
import { freshDatabase } from "../lib/pg.js";
import { call, ingest, leave, makeWorld } from "../lib/sql.js";

const date = "2027-07-15", eve = "2027-07-14", morrow = "2027-07-16";
// The local day at each site begins at…
const begins = { ada: `${eve}T22:00:00.000Z`, lou: `${eve}T20:00:00.000Z` };	// Paris, Réunion
const calls = [["eve", -1], ["first", 0], ["last", day - 1], ["morrow", day]];
let db;
const ids = {};

before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
	await freeze(db);
	await db.sql("update site set time_zone = 'Indian/Reunion' where key = 'lyon'", "deployer");
	await at(db, plus(`${date}T12:00:00.000Z`, 5 * day));
	for (const [account, begin] of Object.entries(begins))
		for (const [name, ms] of calls)
			ids[`${account} ${name}`] = (await ingest(db, call({ account, started_at: plus(begin, ms), words: ["Bonjour."] }))).id;
});
after(() => leave(db));

// Asks as the application, with a scope; returns a value.
const ask = async (statement, team = "all", account = "") => JSON.parse((await db.sql(`begin;
	set local app.tenant = '1'; set local app.team = '${team}'; set local app.account = '${account}';
	set local role smartrecord_app; select ${statement}; commit`)).split("\n").pop());
const names = (list) => Object.keys(ids).filter((k) => list.includes(ids[k]));
const found = async (filter, ...scope) => names((await ask(`recordings_search('${JSON.stringify(filter)}')`, ...scope))
    .items.map((i) => i.id));
const of = (...which) => ["ada", "lou"].flatMap((account) => which.map((name) => `${account} ${name}`));

describe("each row is compared in its own site's zone", () => {
	for (const q of [undefined, "bonjour"])
		for (const [filter, expected] of [
			[{ from: date, to: date }, of("first", "last")],
			[{ from: date }, of("first", "last", "morrow")], [{ to: date }, of("eve", "first", "last")],
			[{ from: eve, to: eve }, of("eve")], [{ from: morrow, to: morrow }, of("morrow")],
			[{ from: eve, to: morrow }, of("eve", "first", "last", "morrow")],
			// an instant is the same everywhere, also beside a day
			[{ from: begins.lou, to: begins.ada }, ["ada eve", "lou first"]],
			[{ from: begins.ada, to: date }, ["ada first", "ada last", "lou last"]],
			[{ from: `${date}T23:59:59.999+04:00`.replace("T", "t"), to: date }, ["ada last", "lou last"]],
		])
			test(JSON.stringify({ q, ...filter }), async () =>
				assert.deepEqual(await found({ q, ...filter }), expected));

	test("counts and pages follow it", async () => {
		const filter = { from: date, to: date, limit: 3 };
		const page = await ask(`recordings_search('${JSON.stringify(filter)}')`);
		assert.deepEqual([page.total, page.counts], [4, { neutral: 4 }]);
		assert.deepEqual(await found({ ...filter, after: page.next }), ["lou first"]);
	});

	test("selections, which deletions and exports use, follow it", async () => {
		assert.equal(await ask(`recordings_count('${JSON.stringify({ filter: { from: date, to: date } })}')`), 4);
		assert.equal(await ask(`recordings_count('${JSON.stringify({ filter: { from: eve, to: eve } })}')`), 2);
	});

	test("a scope of one site, or an account's own, has that site's day", async () => {
		assert.deepEqual(await found({ from: date, to: date }, "{2}"), ["lou first", "lou last"]);
		assert.deepEqual(await found({ from: date, to: date }, "", "2"), ["lou first", "lou last"]);
		assert.deepEqual(await found({ from: date, to: date }, "", "1"), ["ada first", "ada last"]);
	});
});

test("the model tells how many time zones the sites in reach have", async () => {
	const zones = async (...scope) => (await ask("recordings_search('{}')", ...scope)).time_zones;
	assert.deepEqual([await zones(), await zones("{2}"), await zones("", "1")], [2, 1, 1]);
});

test("days that do not exist are refused without sites, too", async () => {
	for (const filter of [{ from: "2027-02-30" }, { to: "2027-07-15T10:00:00+25:00" }])
		await assert.rejects(found(filter, "{77}"), /Cette valeur ne convient pas/);
});

test("a day begins at the first midnight where there are two, and at the end of the gap where there is none", async () => {
	for (const [zone, on, begin] of [
		["Atlantic/Azores", "2027-10-31", "2027-10-31T00:00:00.000Z"], ["Atlantic/Azores", "2027-11-01", "2027-11-01T01:00:00.000Z"],
		["America/Havana", "2027-11-07", "2027-11-07T04:00:00.000Z"], ["America/Havana", "2027-03-14", "2027-03-14T05:00:00.000Z"],
		["Europe/Paris", "2027-10-31", "2027-10-30T22:00:00.000Z"]])
		assert.equal(await db.sql(`select rfc3339(search_instant('{"from": "${on}"}', 'from', '${zone}', 0))`, "deployer"), begin, zone);
});
