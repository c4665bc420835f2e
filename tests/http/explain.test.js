// Query plans under the application's role: lists, searches and look-ups
// keep their index conditions under row-level security and inside the
// search function. auto_explain shows the plans of nested statements.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import path from "node:path";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { ask, filled, leave, makeWorld, own, session, team, uid } from "../lib/sql.js";

const perDay = 1500, days = 8;
let db, id;
// the days that have calls, as in names of partitions
const full = new Set(Array.from({ length: days - 1 }, (_, n) =>
	new Date(Date.now() - (n + 1) * 86400000).toISOString().slice(0, 10).replaceAll("-", "")));
before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
	// two customers, sixty accounts, one call in a hundred with a rare word
	await db.sql(`
		insert into account (tenant_id, key, site_id, first_name, last_name)
		select 1, 'n' || n, 1 + n % 2, 'N', n from generate_series(1, 60) n;
		update account set public_id = ('00000000-0000-4000-8000-' || lpad(id::text, 12, '0'))::uuid;
		select recordings_make_partitions(current_date - 40, current_date + 3);
		create temporary table said as select n, search_tsv(array['Bonjour madame, rendez-vous '
			|| case when n = 0 then 'mirabelle' else 'demain' end]) as tsv from generate_series(0, 99) n;
		insert into recording (tenant_id, id, site_id, account_id, duration_ms, started_at, expires_at,
			direction, mode, mood, subject, caller_kind, caller_value, callee_kind, tsv)
		select t, uuid7_new(at), case when t = 2 then 3 else 1 + s.n % 2 end,
			case when t = 2 then 3 else 4 + s.n % 60 end, 1000 * (1 + s.n % 300), at, at + interval '30 days',
			'inbound', 'always', (recording_moods())[1 + s.n / 7 % 11], 'x', 'e164',
			'+336' || lpad((s.n::bigint * 7919 % 100000000)::text, 8, '0'), 'withheld', said.tsv
		from generate_series(1, ${perDay * days}) s (n)
		join said on said.n = s.n / 5 % 100,
		lateral (values (1 + (s.n % 5 = 0)::int, now() - s.n * interval '${86400 / perDay} seconds')) v (t, at);
		update recording r set tsv = search_keys(r) || tsv;
		insert into utterance select tenant_id, id, site_id, account_id, expires_at, 'x', '[[0, 900, "caller", "Bonjour madame, rendez-vous demain"]]'
			from recording;
		analyze`);
	// a client that connects meanwhile, even to another database, delays this
	await until("vacuum to see all rows old", () => db.sql("vacuum").then(() => db.sql(`select
		bool_and(relallvisible = relpages) from pg_class where relkind = 'r'
		and relname ~ '^(recording|utterance)_2'`)).then((answer) => answer === "t"));
	id = await db.sql("select id from recording where tenant_id = 1 order by id limit 1 offset 4000");
	await ask(db, "postgres", `load 'auto_explain'; set auto_explain.log_min_duration = 0;
		set auto_explain.log_nested_statements = on; set auto_explain.log_level = notice;
		set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
		set role smartrecord_app`);
});
after(() => leave(db));

// Returns the plans of a statement and of its nested ones, as texts, under the
// application's role (a superuser would bypass row-level security).
async function plans(scope, statement) {
	const settings = Object.entries(scope).map(([key, value]) =>
		`perform set_config('app.${key}', '${value}', true);`).join(" ");
	const answer = await session(db, "postgres").ask(
	    `begin; do $$ begin ${settings} end $$; ${statement}; commit`);
	return answer.split(/^NOTICE: .*duration: .*plan:$/m).slice(1)
		.map((text) => text.split(/^LOCATION: /m)[0]);
}
const list = (filter, scope = team) => plans(scope, `select recordings_search($f$${JSON.stringify(filter)}$f$)`);
// Return the plans that read recordings for the page and for the counts.
const page = (all) => all.filter((p) => /select array\(select r\.id/.test(p));
const counts = (all) => all.filter((p) => /select r\.mood, count/.test(p));
// Returns the plans of a search by words, of a window each.
const windows = (all) => all.filter((p) => /with hit as materialized/.test(p));
const touched = (p) => new Set([...p.matchAll(/recording_(\d{8})(?=\w* r)/g)].map((m) => m[1])).size;

// Checks that each scan of a day with calls uses an index whose condition
// contains all of these, without sequential scans. (A day without calls may use
// any index.)
function keepsIndex(plan, ...conditions) {
	assert.doesNotMatch(plan, /Seq Scan on (recording|utterance)/, plan);
	const scans = [...plan.matchAll(/Index (?:Only )?Scan.* (?:recording|utterance)_(\d{8})_.*\n\s*(Index Cond: .*)?/g)];
	assert.ok(scans.length || /One-Time Filter: false/.test(plan), plan);
	for (const [, day, condition] of scans)
		if (full.has(day))
			for (const c of conditions)
				assert.match(condition ?? "", c, plan);
}
const tenant = /tenant_id = /, range = /id >= .*id < |id < .*id >= /, words = /tsv @@/;

describe("a list", () => {
	test("scans the primary key from the newest day and stops after it", async () => {
		const [first, ...more] = page(await list({}));
		keepsIndex(first, tenant, range);
		assert.match(first, /Index (Only )?Scan Backward using recording_\d+_pkey/);
		assert.doesNotMatch(first, /Sort/);
		assert.equal(touched(first), 1, first);
		assert.ok(more.length <= 1);
	});
	test("a later page starts at its cursor", async () => {
		const [first] = page(await list({ after: id }));
		keepsIndex(first, tenant, range);
		assert.match(first, new RegExp(`id < '${id}'`));
		assert.equal(touched(first), 1, first);
	});
	test("filters by mood and site use an index on tenant and id", async () => {
		for (const plan of page(await list({ mood: ["angry"], site: [uid(1)] })))
			keepsIndex(plan, tenant, range);
	});
	test("scope=own uses an index on the account", async () => {
		for (const plan of page(await list({}, own(7))))
			keepsIndex(plan, tenant, /account_id = 7/, range);
	});
	test("counts are index-only scans", async () => {
		// in the last hour of a day the counts begin with tomorrow, which has no calls
		const tomorrow = new Date(Date.now() + 86400000).toISOString().slice(0, 10).replaceAll("-", "");
		for (const plan of counts(await list({})).filter((p) => !p.includes(`recording_${tomorrow}`)).slice(0, 3)) {
			keepsIndex(plan, tenant, range);
			assert.match(plan, /Index Only Scan/);
			assert.match(plan, /Heap Fetches: 0/);
		}
	});
	test("the rows of the page are found by their ids", async () => {
		for (const filter of [{}, { q: "demain" }])
			for (const plan of (await list(filter)).filter((p) => /recording_item/.test(p) && /r\.id = any/.test(p)))
				keepsIndex(plan);
	});
});

describe("a search", () => {
	for (const [what, filter] of [["a common word", { q: "bonjour" }], ["a rare word", { q: "mirabelle" }],
	    ["an absent word", { q: "chaudière" }], ["a phrase", { q: "\"rendez vous\"" }],
	    ["a half-typed word", { q: "bonjour mirab", typing: true }], ["an exclusion", { q: "bonjour -mirabelle" }],
	    ["a number", { number: "0600" }], ["a word and a mood", { q: "bonjour", mood: ["angry"] }],
	    ["a word and an account", { q: "bonjour", account: uid(7) }], ["a word and a site", { q: "bonjour", site: [uid(2)] }],
	    ["a word and dates", { q: "bonjour", from: "2020-01-01" }]])
		test(`${what}: uses the index of words, in each day`, async () => {
			const all = windows(await list(filter));
			// each recording is read once, in few statements
			// (an absent word is also looked for as a beginning)
			assert.ok(all.length >= 1 && all.length <= (/absent/.test(what) ? 9 : 5), String(all.length));
			for (const plan of all)
				keepsIndex(plan, tenant, words);
		});
	test("a common word reads the newest days only, a rare one reads older ones too", async () => {
		const days = async (q) => windows(await list({ q })).reduce((sum, plan) => sum + touched(plan), 0);
		assert.ok(await days("bonjour") < 6);
		assert.ok(await days("mirabelle") >= 8);
	});
	test("the newest hours are asked for by their lexemes, a phrase by its pairs", async () => {
		assert.match(windows(await list({ q: "bonjour" }))[0], /Index Cond: .*'t\/\d\d'/);
		for (const plan of windows(await list({ q: "\"bonjour madame\"" })))
			keepsIndex(plan, tenant, /'b\/[0-9a-f]{4}'/);
	});
	test("a further page is found without counting", async () => {
		for (const plan of windows(await list({ q: "bonjour", after: id })).slice(-1))
			keepsIndex(plan, tenant, words);
	});
	test("scope=own and a team of one site", async () => {
		for (const scope of [own(7), { tenant: 1, team: "{2}" }])
			for (const plan of windows(await list({ q: "bonjour" }, scope)))
				keepsIndex(plan, tenant, words);
	});
	test("no query text contains the searched word", async () => {
		for (const plan of await list({ q: "mirabelle" }))
			assert.doesNotMatch(plan.match(/Query Text: .*/)?.[0] ?? "", /mirabelle.*from recording/);
	});
});

describe("one recording, under row-level security", () => {
	for (const name of ["detail", "play"])
		test(name, async () => {
			const text = readFileSync(path.join(top, "src", `recordings/${name}.sql`), "utf8");
			const [plan] = (await plans(team, filled(text, id))).slice(-1);
			keepsIndex(plan);
			for (const partition of ["recording", "utterance"].slice(0, name === "detail" ? 2 : 1))
				assert.match(plan, new RegExp(`Index Scan using ${partition}_\\d+_pkey`));
			assert.match(plan, /Index Cond: \(\(tenant_id = \$\d\) AND \(id = /);
			assert.equal(touched(plan), 1, plan);
		});
});
