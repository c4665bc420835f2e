// Row-level security: what each role may access, what a context shows,
// expiry to the second, partitions; rules of sessions and throttling.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { story } from "../lib/once.js";
import { freshDatabase, functions } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { ask, call, filled, ingest, inScope, leave, makeWorld, own, refusal, search, sound, team, uid }
    from "../lib/sql.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8");
const statements = { detail: file("recordings/detail.sql"), play: file("recordings/play.sql") };

let db;
const ids = {};
before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
	for (const [name, document] of Object.entries({
		ada: call({ ago: 1, audio: sound(), words: ["Un mot."] }),
		lou: call({ ago: 2, account: "lou", audio: sound(), words: ["Un mot."] }),
		// a call of Ada's from when she worked in Lyon
		moved: call({ ago: 3, words: ["Un mot."] }),
		voisin: call({ ago: 4, tenant: "beta", account: "voisin", audio: sound(4, "beta"), words: ["Un mot."] }),
	})) {
		if (name === "moved")
			await db.sql("update account set site_id = 2 where key = 'ada'", "deployer");
		ids[name] = (await ingest(db, document)).id;
		await db.sql("update account set site_id = 1 where key = 'ada'", "deployer");
	}
});
after(() => leave(db));

const lines = (text) => text.split("\n").filter(Boolean).sort();
const names = (list) => list.map((id) => Object.keys(ids).find((k) => ids[k] === id)).sort();

// Contexts, and the recordings that each may see; all ways to read them must
// agree.
const everybody = [
	["no context", {}, []],
	["a tenant without account or team", { tenant: 1 }, []],
	["a tenant's whole team", team, ["ada", "lou", "moved"]],
	["the team of Paris", { tenant: 1, team: "{1}" }, ["ada"]],
	["the team of Lyon, with an own account in Paris", { tenant: 1, account: 1, team: "{2}" }, ["lou", "moved"]],
	["a site of the neighbour's", { tenant: 1, team: "{3}" }, []],
	["no site at all", { tenant: 1, team: "{}" }, []],
	["one's own", own(1), ["ada", "moved"]],
	["an account of the neighbour's", own(3), []],
	["the neighbour", { tenant: 2, team: "all" }, ["voisin"]],
	["a tenant that is none", { tenant: 99, team: "all" }, []],
];
for (const [who, scope, expected] of everybody)
	describe(who, () => {
		test("recordings, transcripts", async () => {
			for (const table of ["recording", "utterance"])
				assert.deepEqual(names(lines(await inScope(db, scope, `select id from ${table}`))), expected);
		});
		test("the list, with and without words", async () => {
			for (const filter of [{}, { q: "mot" }, { number: "0613241088" }, { mood: ["neutral"] }]) {
				const page = await search(db, filter, scope);
				assert.deepEqual(names(page.items.map((i) => i.id)), expected);
				assert.equal(page.total, expected.length);
			}
		});
		test("filters can't widen the scope", async () => {
			const page = await search(db, { site: [1, 2, 3].map(uid) }, scope);
			assert.deepEqual(names(page.items.map((i) => i.id)), expected);
			for (const account of [1, 2, 3].map(uid))
				for (const item of (await search(db, { account }, scope)).items)
					assert.ok(expected.includes(names([item.id])[0]));
		});
		test("detail and audio of each", async () => {
			for (const [name, id] of Object.entries(ids))
				for (const text of Object.values(statements)) {
					const rows = lines(await inScope(db, scope, filled(text, id)));
					assert.equal(rows.length, expected.includes(name) ? 1 : 0, name);
				}
		});
		test("sites, accounts, the tenant", async () => {
			const tenant = String(scope.tenant ?? "");
			for (const table of ["site", "account"])
				assert.ok(lines(await inScope(db, scope, `select tenant_id from ${table}`))
					.every((t) => t === tenant));
			assert.ok(lines(await inScope(db, scope, "select id from tenant")).every((t) => t === tenant));
		});
	});

test("a context ends with its transaction", async () => {
	await inScope(db, team, "select 1");
	assert.equal(await ask(db, "smartrecord_app", "select count(*) from recording"), "0");
	assert.equal(await ask(db, "smartrecord_app", "select current_setting('app.tenant', true)"), "");
	assert.deepEqual(JSON.parse(await ask(db, "smartrecord_app", "select recordings_search('{}')")).items, []);
});

describe("expiry", () => {
	// now() is constant in a transaction, so the offsets are exact
	for (const [offset, visible] of [["1 second", 1], ["1 microsecond", 1], ["0", 0], ["-1 second", 0]])
		test(`expires_at = now() + ${offset}`, async () => {
			const answer = await db.sql(`begin;
				update recording set expires_at = now() + interval '${offset}' where id = '${ids.lou}';
				update utterance set expires_at = now() + interval '${offset}' where id = '${ids.lou}';
				do $$ begin perform set_config('app.tenant', '1', true), set_config('app.team', 'all', true); end $$;
				set local role smartrecord_app;
				select count(*) from recording where id = '${ids.lou}';
				select count(*) from utterance where id = '${ids.lou}';
				select count(*) from (${filled(statements.detail, ids.lou)}) d;
				select count(*) from (${filled(statements.play, ids.lou)}) p;
				select count(*) from json_array_elements(recordings_search('{}') -> 'items') i
					where i ->> 'id' = '${ids.lou}';
				select count(*) from json_array_elements(recordings_search('{"q": "mot"}') -> 'items') i
					where i ->> 'id' = '${ids.lou}';
				select (recordings_search('{}') ->> 'total')::int - 2;
				select (recordings_search('{"q": "mot"}') ->> 'total')::int - 2;
				rollback`);
			assert.deepEqual(lines(answer), Array(8).fill(String(visible)));
		});
});

describe("roles", () => {
	test("none of our roles is a superuser or bypasses row-level security", async () => {
		assert.equal(await db.sql(`select rolname from pg_roles where rolname ~ '^(smartrecord_|pipeline$)'
			and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`), "");
		assert.equal(await db.sql(`select rolname from pg_roles where rolname ~ '^(smartrecord_|pipeline$)'
			and rolcanlogin order by 1`), "pipeline\nsmartrecord_app\nsmartrecord_jobs");
	});

	test("all tables have row-level security; only recordings do not force it on their owner", async () => {
		assert.equal(await db.sql(`select relname from pg_class c
			where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
			and relname not in ('migration', 'release') and not relrowsecurity`), "");
		assert.equal(await db.sql(`select string_agg(relname, ' ' order by relname) from pg_class c
			where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
			and relname not in ('migration', 'release') and not relforcerowsecurity`), "recording utterance");
	});

	test("no role may use partitions or the migrations directly", async () => {
		assert.equal(await db.sql(`select distinct r.rolname from pg_class c, pg_roles r
			where r.rolname in ('smartrecord_app', 'smartrecord_jobs', 'pipeline')
			and (c.relispartition or c.relname = 'migration') and c.relkind = 'r'
			and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')`), "");
	});

	test("no role may create temporary tables or large objects", async () => {
		// a copied database does not have the original's database privileges
		const [migration] = readdirSync(path.join(top, "migrations"))
		    .filter((name) => name.endsWith("_no_large_objects.sql"));
		const roles = ["smartrecord_app", "smartrecord_jobs", "pipeline"];
		const may = async (what) => (await Promise.all(roles.map((role) =>
		    db.sql(`select ${what.replace("ROLE", role)}`)))).join("");
		const temporary = `has_database_privilege('ROLE', current_database(), 'temporary')`;
		const objects = `has_function_privilege('ROLE', 'lo_create(oid)', 'execute')`;
		assert.equal(await may(temporary), "ttt");
		await db.sql(readFileSync(path.join(top, "migrations", migration), "utf8"), "deployer");
		assert.equal(await may(temporary), "fff");
		assert.equal(await may(objects), "ttt");	// the deployer is no superuser
		await db.sql(readFileSync(path.join(top, "migrations", migration), "utf8"));
		assert.equal(await may(objects), "fff");
	});

	const executes = (role) => db.sql(`select string_agg(p.proname, ' ' order by p.proname) from pg_proc p
		where p.pronamespace in ('${functions()}'::regnamespace, 'public'::regnamespace, 'pipeline'::regnamespace)
		and has_schema_privilege('${role}', p.pronamespace, 'usage')
		and has_function_privilege('${role}', p.oid, 'execute')
		and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`);
	test("each role may execute exactly what it needs", async () => {
		assert.equal(await executes("pipeline"), "ingest recording_decision recording_policy telephone");
		// every role may execute pure functions
		const pure = "number_code number_countries number_country number_fits number_guess number_is_e164 number_is_short " +
		    "number_keys number_parts number_plain number_problem number_read number_refusal number_trunkless " +
		    "number_valid number_written rfc3339 rfc3339_read rfc3339_us";
		const needs = (text) => `${text} ${pure}`.split(" ").sort();
		assert.deepEqual((await executes("smartrecord_jobs")).split(" ").sort(), needs("app_account app_person app_session app_sites " +
		    "app_team app_tenant audit_purge audit_seal deletions_work export_beat export_begin export_calls " +
		    "export_claim export_expect export_ready export_release export_store exports_upkeep mail_claim " +
		    "mail_failed mail_requests_answer mail_sent purge_trust recordings_drop_partition recordings_make_partitions recordings_purge"));
		assert.deepEqual((await executes("smartrecord_app")).split(" ").sort(), needs("account_invite account_rights_set account_show " +
		    "accounts_csv accounts_import accounts_invitations accounts_invite accounts_page app_account app_gone app_is_gone app_person app_session app_sites app_team app_tenant " +
		    "audit_csv audit_named audit_once audit_page audit_record audit_seldom audit_sign_in_failed audit_signed_in " +
		    "brand_logo brand_of confirmation_decide confirmation_link_find confirmation_link_use confirmations_page deletion_create deletion_json erasure_carry_out erasure_file erasure_list erasure_show " +
		    "erasure_withdraw export_archive export_cancel export_create export_json exports_watched host_find " +
		    "mail_link_find mail_link_outdated mail_link_use mail_request_add notice_seen own_sessions own_sessions_end password_again password_change " +
		    "password_renew password_was_right recording_change recording_decision recording_item recording_listeners recording_moods " +
		    "recording_policy recordings_arrived recordings_as_of recordings_count recordings_per_day recordings_search recordings_watched " +
		    "session_create session_delete session_find session_switch sessions_alive sign_in_begin sign_in_failed " +
		    "stream_claim stream_hold stream_leave telephone_show telephones_set telephony_accounts telephony_help telephony_sites_json uuid7_floor"));
	});

	test("every definer function has its search path pinned", async () => {
		assert.equal(await db.sql(`select proname from pg_proc where prosecdef and not exists (
			select from unnest(proconfig) c where c in ('search_path=pg_catalog, public, pg_temp',
			'search_path=${functions()}, public, pg_temp'))`), "");
	});

	test("the application role can't read sessions or passwords, and writes only a person's language", async () => {
		for (const statement of ["select * from session", "select * from device", "select * from sign_in_failure",
		    "select password_hash from person", "select email from person", "select * from profile",
		    "select * from recording_source", "delete from recording", "update recording set mood = 'angry'",
		    "delete from utterance", "update site set retention_days = 90",
		    "update person set password_hash = 'x'", "create table x ()", "set role smartrecord_owner",
		    "select search_page(null)"])
			assert.equal((await refusal(db, statement)).state, "42501", statement);
	});

	test("a function of the same name in another schema is not called instead of ours", async () => {
		assert.equal(await db.sql(`create schema evil; create function evil.now() returns timestamptz
			language sql return 'epoch'::timestamptz; grant usage on schema evil to smartrecord_app;
			begin; set local search_path = evil, pg_catalog, ${functions()}, public;
			do $$ begin perform set_config('app.tenant', '1', true), set_config('app.team', 'all', true); end $$;
			set local role smartrecord_app;
			select recordings_search('{}') ->> 'total'; rollback; drop schema evil cascade`), "3");
	});
});

describe("partitions", () => {
	test("jobs creates missing partitions once", async () => {
		const day = await db.sql("select to_char(now() at time zone 'UTC' + interval '2 days', 'YYYYMMDD')");
		await db.sql(`drop table recording_${day}`);
		assert.equal(await ask(db, "smartrecord_jobs", file("jobs/partitions.sql")), "1");
		assert.equal(await ask(db, "smartrecord_jobs", file("jobs/partitions.sql")), "0");
	});
	test("partitions reach back as far as the longest retention", async () => {
		await db.sql("update site set retention_days = 45 where key = 'brest'", "deployer");
		assert.ok(Number(await ask(db, "smartrecord_jobs", file("jobs/partitions.sql"))) >= 28);
		assert.equal(await ask(db, "smartrecord_jobs", file("jobs/partitions.sql")), "0");
		assert.equal(await db.sql(`select to_regclass('recording_' || to_char(
			now() at time zone 'UTC' - interval '45 days', 'YYYYMMDD')) is not null`), "t");
	});
	test("a day's partition begins with its first millisecond", async () => {
		const at = (instant) => db.sql(`begin; insert into recording (tenant_id, id, site_id, account_id,
			duration_ms, started_at, expires_at, direction, mode, caller_kind, callee_kind)
			values (1, uuid7_new('${instant}'), 1, 1, 1, '${instant}', now(), 'inbound', 'always',
			'withheld', 'withheld') returning tableoid::regclass; rollback`);
		const day = await db.sql("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD')");
		const eve = await db.sql("select to_char(now() at time zone 'UTC' - interval '1 day', 'YYYY-MM-DD')");
		assert.equal(await at(`${day}T00:00:00.000Z`), `recording_${day.replaceAll("-", "")}`);
		assert.equal(await at(`${eve}T23:59:59.999Z`), `recording_${eve.replaceAll("-", "")}`);
		await assert.rejects(at("2020-01-01T00:00:00Z"), /no partition/);
	});
	test("days without midnight in the database's time zone get their partitions, as does the last day", async () => {
		assert.equal(await db.sql(`begin; set local time zone 'America/Sao_Paulo';
			select recordings_make_partitions('2018-11-02', '2018-11-06');
			select count(*) from pg_class where relname ~ '^(recording|utterance)_2018110[23456]$'; rollback`), "10\n10");
	});
	test("an id contains its time; ids of the same millisecond differ", async () => {
		assert.equal(await db.sql(`select uuid7_time(uuid7_new('2026-07-30T15:14:05.250Z'))
			= '2026-07-30T15:14:05.250Z'::timestamptz`), "t");
		assert.equal(await db.sql(`select count(distinct id), bool_and(id::text ~
			'^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')
			from (select uuid7_new('2026-07-30T15:14:05.250Z') id from generate_series(1, 1000)) i`), "1000|t");
	});
});

describe("sessions", () => {
	const step = story();
	const token = (n) => n.repeat(64);
	const find = async (t) => lines(await ask(db, "smartrecord_app",
	    filled(file("server/session_find.sql"), t, "host.test")))[0]?.split("|");
	const create = async (person, t, device = "", replaced = "") => (await ask(db, "smartrecord_app",
	    filled(file("onepass/session_create.sql"), String(person), t, device, "192.0.2.1", "Firefox", "hash-1", replaced, "", "")))
	    .replace(/\|+$/, "");		// removes the columns of functions without a value
	const age = (column, interval, t) => db.sql(`update session set ${column} = now() - interval '${interval}'
		where token_hash = decode('${t}', 'hex')`);
	before(() => db.sql(`
		insert into operator (key, name, host) values ('two', 'Deux', 'deux.test');
		insert into person (operator_id, email, name, password_hash)
			values (1, 'ada@alpha.test', 'Ada Berger', 'hash-1'), (1, 'seule@alpha.test', 'Seule', 'hash-2'),
			(2, 'ada@alpha.test', 'Ada Autre', 'hash-3');
		update person set public_id = '${uid(7)}' where id = 1;
		update account set person_id = 1 where key = 'ada'`, "deployer"));

	step("a session has its person, customer, account and profiles", async () => {
		const made = JSON.parse(await create(1, token("a"), token("d")));
		assert.deepEqual(made, { person: { id: uid(7), name: "Ada Berger", email: "ada@alpha.test", language: null },
		    tenant: { id: uid(1), name: "Alpha" }, account: { id: uid(1) }, profiles: ["user"], home: "board" });
		const [id, ...rest] = await find(token("a"));
		assert.match(id, /^[0-9a-f-]{36}$/);
		assert.deepEqual(rest, ["1", uid(7), "Ada Berger", "ada@alpha.test", "", "1", uid(1), "Alpha",
		    "Europe/Paris", "1", "f", "f", "", "", "", "Opérateur", "", "", "", "", "", ""]);
	});
	step("profiles are read with every request; a session ends when they grow", async () => {
		const rights = async (t) => (await find(token(t))).slice(-12, -9);
		const grown = async (t) => {
			const row = await find(token(t));
			assert.deepEqual([row[0], row[1], row[6], row.at(-8)], ["", "", "1", "rights"]);
		};
		const become = (profiles) => db.sql(`delete from profile; insert into profile
			select 1, 1, kind, sites::int[] from (values ${profiles}) v (kind, sites) where kind <> ''`, "deployer");
		const both = (sites) => `('supervisor', ${sites}), ('administrator', null)`;
		await become(both("'{1,2}'"));
		await grown("a");
		await grown("a");	// also when asked again
		const made = JSON.parse(await create(1, token("b")));
		assert.deepEqual([made.profiles, made.home], [["user", "supervisor", "administrator"], "console"]);
		assert.deepEqual(await rights("b"), ["t", "t", "{1,2}"]);
		await become(both("'{2}'"));
		assert.deepEqual(await rights("b"), ["t", "t", "{2}"]);
		await become("('supervisor', '{2}')");
		assert.deepEqual(await rights("b"), ["t", "f", "{2}"]);
		await become(both("'{2}'"));		// given back
		await grown("b");
		for (const [before, after] of [["('', '')", "('supervisor', '{2}')"], ["('', '')", "('administrator', '')"],
		    ["('supervisor', '{2}')", "('supervisor', '{1,2}')"], ["('supervisor', '{1,2}')", "('supervisor', null)"]]) {
			const nulls = (profiles) => become(profiles.replace("administrator', ''", "administrator', null"));
			await nulls(before);
			await db.sql("delete from session");
			await create(1, token("a"));
			await find(token("a"));
			await nulls(after);
			await grown("a");
		}
		await db.sql("delete from session");
		await create(1, token("b"));
		assert.deepEqual(await rights("b"), ["t", "f", "all"]);
		await become("('', '')");
		assert.deepEqual(await rights("b"), ["f", "f", ""]);
		await create(1, token("a"));
	});
	step("a session of an earlier release keeps the rights that it is found with", async () => {
		await create(1, token("3"));
		await db.sql(`update session set begun_sites = null, begun_administrator = null
			where token_hash = decode('${token("3")}', 'hex')`);
		await db.sql("insert into profile values (1, 1, 'supervisor', '{1}')", "deployer");
		assert.deepEqual((await find(token("3"))).slice(-12, -9), ["t", "f", "{1}"]);
		await db.sql("update profile set site_ids = null", "deployer");
		assert.equal((await find(token("3"))).at(-8), "rights");
		await db.sql("delete from profile", "deployer");
	});
	step("a sign-in ends the session that it replaces", async () => {
		await create(1, token("1"));
		await create(1, token("2"), "", token("1"));
		assert.equal(await find(token("1")), undefined);
		assert.ok(await find(token("2")));
	});
	step("a person keeps the newest 20 sessions", async () => {
		await db.sql("delete from session; delete from audit");
		for (let i = 0; i < 22; i++) {
			await create(1, String(10 + i).repeat(32));
			await age("created_at", `${22 - i} minutes`, String(10 + i).repeat(32));
		}
		await create(1, token("a"));
		assert.equal(await db.sql("select count(*) from session"), "20");
		for (let i = 0; i < 22; i++)
			assert.equal(await find(String(10 + i).repeat(32)) !== undefined, i > 2, String(i));
		assert.deepEqual(await db.rows("select kind, person_id, detail from audit where kind = 'session_end' group by 1, 2, 3"),
		    [{ kind: "session_end", person_id: 1, detail: { sessions: 1 } }]);
		await db.sql("delete from session");
		await Promise.all(["a", "b"].map((t) => create(1, token(t))));
	});
	step("a session ends after 30 idle minutes, at its expiry, when the person is disabled, and by sign-out", async () => {
		await age("last_seen_at", "29 minutes", token("a"));
		assert.ok(await find(token("a")));
		await age("last_seen_at", "30 minutes", token("a"));
		assert.equal(await find(token("a")), undefined);
		await age("last_seen_at", "0", token("a"));
		await age("expires_at", "0", token("a"));
		assert.equal(await find(token("a")), undefined);
		assert.ok(await find(token("b")));
		await db.sql("update person set disabled_at = now() where id = 1", "deployer");
		assert.equal(await find(token("b")), undefined);
		await db.sql("update person set disabled_at = null where id = 1", "deployer");
		await ask(db, "smartrecord_app", filled(file("onepass/session_delete.sql"), token("b")));
		assert.equal(await find(token("b")), undefined);
		assert.equal(await find(token("c")), undefined);
	});
	step("last_seen is written once a minute at most", async () => {
		await create(1, token("e"));
		const seen = () => db.sql(`select xmin from session where token_hash = decode('${token("e")}', 'hex')`);
		await age("last_seen_at", "30 seconds", token("e"));
		const before = await seen();
		await find(token("e"));
		assert.equal(await seen(), before);
		await age("last_seen_at", "61 seconds", token("e"));
		const aged = await seen();
		await find(token("e"));
		assert.notEqual(await seen(), aged);
	});
	step("a locked session does not delay downloads and streams", async () => {
		await create(1, token("8"));
		const id = await db.sql(`update session set last_seen_at = now() - interval '2 minutes'
			where token_hash = decode('${token("8")}', 'hex') returning id`);
		await ask(db, "deployer", `begin; select from session where id = '${id}' for update`);
		const had = await inScope(db, {}, `set local lock_timeout = '1s';
			select recordings_watched('[{"session": "${id}", "id": "${ids.ada}"}]') -> '${id}' ? '${ids.ada}'`)
		    .finally(() => ask(db, "deployer", "rollback"));
		assert.equal(had, "t");
	});
	step("a disabled person can't switch the customer", async () => {
		const refused = (disabled) => db.sql(`begin; update account set person_id = 1 where key = 'voisin';
			update person set disabled_at = ${disabled} where id = 1;
			do $$ begin perform set_config('app.person', '1', true), set_config('app.tenant', '1', true),
				set_config('app.session', id::text, true) from session where token_hash = decode('${token("8")}', 'hex'); end $$;
			select session_switch('${uid(2)}', '${token("9")}') is null; rollback`);
		assert.deepEqual([await refused("now()"), await refused("null")], ["t", "f"]);
	});
	step("a person without an account is refused with the reason", async () => {
		const refused = await refusal(db, filled(file("onepass/session_create.sql"), "2", token("f"), "", "", "", "hash-2", "", "", ""));
		assert.deepEqual([refused.state, refused.message],
		    ["SR403", "Votre compte OnePass n’est rattaché à aucun client."]);
	});
	step("a password that was replaced after its check neither signs in nor changes the new one", async () => {
		for (const [statement, scope] of [[filled(file("onepass/session_create.sql"), "1", token("f"), "", "", "", "hash-0", "", "", "hash-4")],
			[filled(file("onepass/password_change.sql"), "hash-9", token("f")), { person: 1, session: "00000000-0000-4000-8000-000000000000" }]]) {
			const refused = await refusal(db, statement, "smartrecord_app", scope);
			assert.deepEqual([refused.state, refused.message], ["SR403", "Le mot de passe a changé entre-temps. Reconnectez-vous."]);
		}
		assert.equal(await db.sql("select password_hash from person where id = 1", "deployer"), "hash-1");
	});
	step("people set their own language only", async () => {
		const set = (person) => inScope(db, { person }, filled(file("onepass/language_set.sql"), "en"));
		assert.equal(await set(1), "en");
		assert.equal(await inScope(db, {}, filled(file("onepass/language_set.sql"), "en")), "");
		assert.equal(await db.sql("select string_agg(coalesce(language, '-'), ' ' order by id) from person"), "en - -");
	});

	const begin = async (email, { host = "", network = "198.51.100.0/24", address = "198.51.100.7", device = "" } = {}) =>
		(await ask(db, "smartrecord_app", filled(file("onepass/sign_in_begin.sql"), email, host, network, address, device))).split("|");
	const fail = (email, network, address) => ask(db, "smartrecord_app",
	    filled(file("onepass/sign_in_failed.sql").replace("$4::int", "null"), email, network, address));
	step("sign_in_begin: the e-mail in any case; the host's operator, else any; always one row", async () => {
		assert.deepEqual(await begin(" Ada@Alpha.TEST "), ["1", "hash-1", "f", "0"]);
		assert.deepEqual(await begin("ada@alpha.test", { host: "DEUX.test" }), ["3", "hash-3", "f", "0"]);
		assert.deepEqual(await begin("seule@alpha.test", { host: "deux.test" }), ["", "", "f", "0"]);
		assert.deepEqual(await begin("personne@alpha.test"), ["", "", "f", "0"]);
		assert.deepEqual(await begin("ada@alpha.test", { device: token("d") }), ["1", "hash-1", "t", "0"]);
		assert.deepEqual(await begin("seule@alpha.test", { device: token("d") }), ["2", "hash-2", "f", "0"]);
	});
	step("too many failures require a wait, except in a known browser and from another network", async () => {
		for (let i = 0; i < 10; i++)
			await fail("Ada@alpha.test", "198.51.100.0/24", `198.51.100.${i}`);
		assert.equal((await begin("ada@alpha.test"))[3], "0");
		await fail("ada@alpha.test", "198.51.100.0/24", "198.51.100.10");
		const wait = Number((await begin("ADA@alpha.test"))[3]);
		assert.ok(wait > 890 && wait <= 900, String(wait));
		assert.equal((await begin("ada@alpha.test", { device: token("d") }))[3], "0");
		assert.equal((await begin("ada@alpha.test", { network: "203.0.113.0/24", address: "203.0.113.1" }))[3], "0");
		assert.equal((await begin("seule@alpha.test"))[3], "0");
		// the wait ends when the eleventh newest failure is 15 minutes old
		await db.sql("update sign_in_failure set at = at - interval '10 minutes'");
		const later = Number((await begin("ada@alpha.test"))[3]);
		assert.ok(later > 290 && later <= 300, String(later));
		await db.sql("update sign_in_failure set at = at - interval '5 minutes'");
		assert.equal((await begin("ada@alpha.test"))[3], "0");
		assert.equal(await db.sql("select count(*) from sign_in_failure where email_hash::text like '%ada%'"), "0");
	});
	step("attempts that begin together are counted one after the other, and no more than allowed", async () => {
		await db.sql("delete from sign_in_failure");
		const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => db.sql(
		    filled(file("onepass/sign_in_failed.sql").replace("$4::int", "null"),
		    "ada@alpha.test", "198.51.100.0/24", `198.51.100.${i}`), "smartrecord_app")));
		assert.equal(answers.filter((answer) => answer === "f|0").length, 11);
		assert.equal(await db.sql("select count(*) from sign_in_failure"), "11");
	});
	step("a sign-in clears the failures of its own address only", async () => {
		const email = "ada@alpha.test";
		const ada = await db.sql("select person_id from account where key = 'ada'");
		const failed = () => db.sql(`select string_agg(distinct address, ' ' order by address) from sign_in_failure
			where email_hash = sign_in_email_hash('${email}')`);
		await db.sql("delete from sign_in_failure");
		for (let i = 0; i < 11; i++)
			await fail(email, "198.51.100.0/24", "198.51.100.9");
		await fail(email, "192.0.2.0/24", "192.0.2.1");
		assert.ok(Number((await begin(email))[3]) > 0);
		assert.equal(await failed(), "192.0.2.1 198.51.100.9");
		await create(ada, token("7"));		// from 192.0.2.1
		assert.equal(await failed(), "198.51.100.9");
		assert.ok(Number((await begin(email))[3]) > 0, "failures from elsewhere still count after the owner has signed in");
	});
	step("a person's checks leave the lane of known browsers after five in ten minutes", async () => {
		const lane = async (person) => (await ask(db, "smartrecord_app", filled(file("onepass/sign_in_failed.sql")
		    .replace("$4::int", person), "seule@alpha.test", "", ""))).split("|")[0];
		await db.sql("delete from person_attempt");
		for (let i = 0; i < 5; i++)
			assert.equal(await lane("2"), "t");
		assert.equal(await lane("2"), "f");
		assert.equal(await lane("1"), "t");		// others do not suffer
		assert.equal(await lane("null"), "f");		// an unknown browser
		await db.sql("update person_attempt set at = at - interval '10 minutes'");
		assert.equal(await lane("2"), "t");
	});
	step("after ten wrong passwords typed again a person waits, in all sessions and from everywhere", async () => {
		const again = async (person) => (await inScope(db, { person }, file("onepass/again.sql"))).split("|")[1];
		await db.sql("delete from person_attempt; delete from sign_in_failure");
		for (let i = 0; i < 10; i++)
			assert.equal(await again(2), "f");
		assert.equal(await again(2), "t");
		assert.equal(await again(1), "f");
		assert.equal(await db.sql("select count(*) from sign_in_failure"), "0");	// sign-in stays open
		await db.sql("update person_attempt set at = at - interval '15 minutes'");
		assert.equal(await again(2), "f");
		await inScope(db, { person: 2 }, file("onepass/again_right.sql"));
		assert.equal(await db.sql("select count(*) from person_attempt where kind = 'again' and person_id = 2"), "0");
		await db.sql("delete from person_attempt");
	});
	step("a network whose addresses try many e-mails has to wait", async () => {
		for (let i = 0; i < 51; i++)
			await fail(`victime${i}@alpha.test`, "192.0.2.0/24", i % 2 ? "192.0.2.66" : `192.0.2.${i}`);
		const from = (network, device = "") => begin("ada@alpha.test", { network, address: "192.0.2.200", device });
		assert.equal((await from("192.0.2.0/24"))[3], "0", "they may still be checked");
		await db.sql("update sign_in_failure set at = at - interval '10 seconds'");
		assert.ok(Number((await from("192.0.2.0/24"))[3]) > 0);
		assert.equal((await from("192.0.2.0/24", token("d")))[3], "0");
		assert.equal((await from("192.0.3.0/24"))[3], "0");
	});
	step("expired sessions, failures and devices are deleted", async () => {
		await age("expires_at", "1 second", token("e"));
		await db.sql("update sign_in_failure set at = now() - interval '25 hours' where address = '192.0.2.66'");
		await db.sql("update device set last_used_at = now() - interval '181 days'");
		const [sessions, failures, devices] = (await ask(db, "smartrecord_jobs", file("jobs/sessions.sql"))).split("|");
		assert.deepEqual([Number(sessions) >= 1, failures, devices], [true, "25", "1"]);
		assert.equal(await ask(db, "smartrecord_jobs", file("jobs/sessions.sql")), "0|0|0");
	});
});
