// What lists keep of their counts is always what counting would give: after
// random deliveries, completions, deletions, expiries, other retentions, and
// transactions that overlap, are rolled back or commit in another order.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { at, day, freeze, hour, plus } from "../lib/clock.js";
import { freshDatabase, functions } from "../lib/pg.js";
import { call, inScope, ingest, leave, makeWorld, own, search, session, team, uid } from "../lib/sql.js";

let db, now = "2027-03-29T09:00:00.000Z";	// a day after Paris changed its clocks
const moods = ["neutral", "angry", "anxious"];
let seed = 14;
const random = (n) => (seed = seed * 48271 % 2147483647) % n;

// Statements of two sessions that are kept open, at the same instant.
const writer = (who) => (text) => session(db, who).ask(text);
const first = (text) => writer("deployer")(text), second = (text) => writer("postgres")(text);
const tell = (text) => db.sql(`set search_path = ${functions()}, public; ${text}`);

before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
	await freeze(db, now);
	await db.sql(`update site set time_zone = 'Indian/Reunion', retention_days = 3 where key = 'lyon';
		insert into account (tenant_id, key, site_id, first_name, last_name)
			values (1, 'eve', 1, 'Eve', 'Faure'), (1, 'max', 2, 'Max', 'Gros'),
			(1, 'ann', 1, 'Ann', 'Huc'), (1, 'tom', 2, 'Tom', 'Ives')`, "deployer");
	await tell("select recordings_make_partitions('2027-02-20', '2027-04-30')");
});
after(() => leave(db));

const document = (changes = {}) => call({ account: ["ada", "lou", "eve", "max"][random(4)],
	started_at: plus(now, -random(40) * hour), ...changes,
	direction: ["inbound", "outbound"][random(2)] });
const insert = (id, mood, expires = "30 days") => `insert into public.recording (tenant_id, id, site_id, account_id,
	duration_ms, started_at, expires_at, direction, mode, mood, subject, caller_kind, callee_kind)
	select 1, '${id}', 1, 1, 1000, s, s + interval '${expires}', 'inbound', 'always', '${mood}', 'x', 'withheld', 'withheld'
	from (select ${functions()}.uuid7_time('${id}') as s) x`;
const newId = (ago) => tell(`select uuid7_new('${plus(now, -ago)}')`);
const one = (condition = "true") => db.sql(`select id from recording where tenant_id = 1 and ${condition}
	order by md5(id::text || ${random(1000)}) limit 1`);

const scopes = [team, { tenant: 1, team: "{1}" }];
const filters = [{}, { mood: ["angry"] }, { direction: "inbound" }, { site: [uid(2)] },
	{ from: "2027-03-27", to: "2027-03-28" }, { from: "2027-03-27T10:00:00Z", direction: "outbound" }];

// All that may be found now, by one plain statement.
const visible = async () => JSON.parse(await db.sql(`select coalesce(json_agg(x), '[]') from (
	select (r.started_at at time zone s.time_zone)::date::text as date, r.mood, r.direction, r.site_id,
		s.public_id as site, rfc3339(r.started_at) as at
	from recording r join site s on s.id = r.site_id
	where r.tenant_id = 1 and r.expires_at > now() and r.id not in (select id from recording_gone)) x`
    .replace("rfc3339", `${functions()}.rfc3339`)));
const matches = (f, scope) => (r) => (scope.team === "all" || r.site_id === 1)
	&& (!f.site || f.site.includes(r.site)) && (!f.direction || f.direction === r.direction)
	&& (!f.from || (f.from.length === 10 ? f.from <= r.date && r.date <= f.to : r.at >= f.from.replace("Z", ".000Z")));

const byMood = (rows) => rows.reduce((all, { mood }) => mood ? { ...all, [mood]: (all[mood] ?? 0) + 1 } : all, {});
const sorted = (counts) => Object.fromEntries(Object.entries(counts ?? {}).sort());
const perDay = async (f, scope = team) =>
	JSON.parse(await inScope(db, scope, `select recordings_per_day($f$${JSON.stringify(f)}$f$)`));

async function compare(what) {
	const rows = await visible();
	for (const scope of scopes) {
		const answers = JSON.parse(await inScope(db, scope, `select json_build_array(${filters.map((f) =>
			["search", "per_day"].map((name) => `recordings_${name}($f$${JSON.stringify(f)}$f$)`)).flat().join()})`));
		for (const [i, f] of filters.entries()) {
			const [page, { days, total }] = answers.slice(2 * i);
			const found = rows.filter(matches(f, scope));
			const wanted = (list) => list.filter((r) => !f.mood || f.mood.includes(r.mood)).length;
			const where = `${what}: ${JSON.stringify({ ...scope, ...f })}`;
			assert.deepEqual([page.total, sorted(page.counts)], [wanted(found), sorted(byMood(found))], where);
			assert.equal(total, wanted(found), where);
			for (const d of days) {
				const those = found.filter((r) => r.date === d.date);
				assert.deepEqual([d.date, d.total, sorted(d.moods)], [d.date, wanted(those), sorted(byMood(those))], where);
			}
			assert.ok(found.every((r) => days.some((d) => d.date === r.date)), where);
		}
	}
}

const steps = {
	async deliver() {
		for (let i = 0; i < 3; i++)
			await ingest(db, document(random(2) ? { analysis: null } : { analysis: { mood: moods[random(3)], subject: "x", summary: "y",
				utterances: [{ start_ms: 0, end_ms: 900, speaker: "caller", text: "Bonjour." }] } }));
	},
	async complete() {
		const id = await one("mood is null");
		if (id)
			await db.sql(`update recording set mood = '${moods[random(3)]}', subject = 'x' where id = '${id}'`);
	},
	async remove() {
		const id = await one();
		if (id)
			await tell(`select recordings_remove(1, array['${id}']::uuid[])`);
	},
	async hide() {
		const id = await one("id not in (select id from recording_gone)");
		if (id)
			await db.sql(`insert into deletion (tenant_id, id, person_id, account_id, total)
				values (1, '${id}', 1, 1, 1) on conflict do nothing;
				insert into recording_gone values (1, '${id}', '${id}')`);
	},
	show: () => db.sql("delete from recording_gone where id = (select min(id::text)::uuid from recording_gone)"),
	async expire() {
		now = plus(now, random(3 * day));
		await at(db, now);
		await refresh();
	},
	async back() {
		now = plus(now, -random(hour));
		await at(db, now);
		await refresh();
	},
	retain: () => tell(`select site_retain('alpha', 'lyon', ${2 + random(5)}, true)`),
	move: async () => db.sql(`update account set site_id = 3 - site_id where tenant_id = 1 and key = 'eve'`),
	async rolledBack() {
		await db.sql(`begin; ${insert(await newId(hour), "angry")}; rollback`);
	},
	// the one that began later commits first; the list is read in between
	async overlap() {
		const [a, b] = [await newId(2 * hour), await newId(26 * hour)];
		await first(`begin; ${insert(a, "angry")}`);
		await second(`begin; ${insert(b, "anxious")}`);
		await compare("both open");
		await second("commit");
		await compare("one open");
		await first(random(2) ? "commit" : "rollback");
	},
};
// Psql sessions keep the instant of their start.
const refresh = async () => {
	for (const role of Object.keys(db.sessions ?? {}))
		await session(db, role).ask(`set test.now = '${now}'`);
};

test("after each of many changes the kept counts are those that are counted", async () => {
	await steps.deliver();
	for (let i = 0; i < 22; i++) {
		const name = i < Object.keys(steps).length ? Object.keys(steps)[i] : Object.keys(steps)[random(Object.keys(steps).length)];
		await steps[name]();
		await compare(`${i} ${name}`);
	}
});

// Each trigger is needed, so each is noticed above when it is missing.
describe("without a trigger the counts would be old:", () => {
	const change = {
		"changed_new on recording": async () => insert(await newId(hour), "neutral"),
		"changed_row on recording": async () => `update recording set mood = 'relieved'
			where id = '${await one("site_id = 1 and mood is not null and expires_at > now() and id not in (select id from recording_gone)")}'`,
		"changed_old on recording": async () => `delete from recording
			where id = '${await one("site_id = 1 and expires_at > now() and id not in (select id from recording_gone)")}'`,
		"changed_new on recording_gone": async () => {
			const id = await one("site_id = 1 and expires_at > now() and id not in (select id from recording_gone)");
			return `insert into deletion (tenant_id, id, person_id, account_id, total) values (1, '${id}', 1, 1, 1)
				on conflict do nothing; insert into recording_gone values (1, '${id}', '${id}')`;
		},
		"changed_old on recording_gone": async () => "delete from recording_gone",
	};
	for (const [trigger, make] of Object.entries(change))
		test(trigger, async () => {
			const [name, table] = trigger.split(" on ");
			for (let i = 0; i < 3; i++)
				await db.sql(insert(await newId(hour), "neutral"));
			await compare("before");
			await db.sql(`alter table ${table} disable trigger ${name}`);
			await db.sql(await make());
			await assert.rejects(compare("after"), assert.AssertionError);
			await db.sql(`alter table ${table} enable trigger ${name}; delete from recording_tally`);
			await compare("with it");
		});
});

test("what can be chosen follows sites and accounts at once", async () => {
	const names = async () => {
		const { sites, accounts } = await search(db, {});
		return [...sites, ...accounts].map((x) => x.name).join(" ");
	};
	for (const [what, expected] of [["update site set name = 'Lutèce' where key = 'paris'", /Lutèce/],
		["update account set last_name = 'Zola' where key = 'ada'", /Ada Zola/],
		["insert into account (tenant_id, key, site_id, first_name, last_name) values (1, 'new', 1, 'Noé', 'Huet')", /Noé Huet/],
		["delete from account where key = 'new'", /^(?!.*Noé Huet)/]]) {
		await names();
		await db.sql(what, "deployer");
		assert.match(await names(), expected, what);
	}
});

test("a restored dump's counts are not believed", async () => {
	await search(db, {});
	const { total } = await search(db, {});
	// as a dump is loaded: the same rows, by another transaction
	await db.sql(`create temp table dump as select * from recording_tally; delete from recording_tally;
		update dump set total = total + 1000; insert into recording_tally select * from dump`);
	assert.equal((await search(db, {})).total, total);
});

test("moods of one person are not counted", async () => {
	for (const [f, scope] of [[{}, own(1)], [{ account: uid(1) }, team], [{ number: "0613241088" }, team],
		[{ q: "0613241088" }, team], [{ site: [uid(3)] }, { tenant: 2, team: "all" }]]) {
		assert.equal((await search(db, f, scope)).counts, null, JSON.stringify(f));
		assert.ok((await perDay(f, scope)).days.every((d) => d.moods === null), JSON.stringify(f));
	}
	assert.ok((await search(db, {})).counts);
});
