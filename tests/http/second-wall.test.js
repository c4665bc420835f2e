// Every security-definer function, called as each role that may execute
// it, in the context of people of each profile, without the route table.
// Its results and changes are compared with the tables below. A function
// without a row fails.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { calls, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { leave } from "../lib/sql.js";
import { allOfIt, mac, nowhere, number, quote, rename, sha256, stream, Wall, wanted } from "../lib/wall.js";

// The people in whose context functions are called:
//   supervisor     of the whole tenant
//   administrator  supervises no site
//   limited        supervises Lyon only; has an account in Paris
//   user           in Paris, no profile
//   former         in Lyon, without a profile; the context still says that they
//                  supervise all: the right was withdrawn meanwhile
//   neighbour      supervisor and administrator of another tenant
//   nobody         no context at all
const everybody = ["supervisor", "administrator", "limited", "user", "former", "neighbour", "nobody"];

// A cell names whose data is returned or changed: people by their keys, sites
// as @key, other things by name, or a number when the result is only that. "-"
// is nothing; "refused" is an error, SQLSTATE SR403.
const each = (...cells) => Object.fromEntries(everybody.map((who, i) => [who, cells[i]]));
const all = (cell) => each(...everybody.map(() => cell));
// each person gets their own data; without a context there is none
const own = (...more) => each(...["supervisor", "administrator", "limited", "user", "lyonnais", "neighbour"]
    .map((key) => [key, ...more].sort().join(" ")), "-");

const alpha = "administrator colleague limited lyonnais supervisor user";
const log = "administrator colleague limited lyonnais request supervisor user";
const team = `@lyon @paris ${alpha}`;
// the number of calls of the tenant, including the one to erase
const count = String(Object.values(calls).filter(({ account }) => people[account].tenant === "alpha").length + 1);

const hourAgo = () => new Date(Date.now() - 3600000).toISOString();
// the errors without a person and a session
const missing = (column, table) =>
	`23502 null value in column "${column}" of relation "${table}" violates not-null constraint`;
const token = (of) => `'${sha256(of)}'`;
const these = (...ids) => quote({ ids });
// Returns a list of files being sent, one for the session of each person.
const streams = (w, file) => quote(Object.keys(people).filter((key) => file(key)).map((key) =>
    ({ session: w.session[key], id: file(key) })));

// The arguments of each function, and its expected result per context. w: the
// world, who: the context, see wall.js. The arguments refer to the colleague in
// Paris, out of reach for limited.
const application = {
	// --- for administrators, whose right is read again ---
	account_invite: [[(w) => `account_invite('${w.account.colleague}')`,
		each("refused", "administrator colleague", "refused", "refused", "refused", "-", "refused")]],
	accounts_invite: [[(w) => `accounts_invite(array['${w.account.colleague}']::uuid[])`,
		each("refused", "administrator colleague", "refused", "refused", "refused", "-", "refused")]],
	accounts_invitations: [[() => "(select (accounts_invitations() ->> 'uninvited')::int)",
		each("refused", "1", "refused", "refused", "refused", "-", "refused")]],
	account_rights_set: [[(w) => `account_rights_set('${w.account.colleague}',
		'{"supervisor": null, "administrator": true}', '${w.version}')`,
		each("refused", "@lyon @paris administrator alpha colleague supervisor", "refused", "refused", "refused", "-", "refused")]],
	confirmation_decide: [[(w) => `confirmation_decide('${w.act}', true)`,
		each("administrator alpha colleague supervisor", "refused", "refused", "refused", "refused", "-", "refused")],
	[(w) => `confirmation_decide('${w.act}', false)`,
		each("alpha supervisor", "administrator alpha", "refused", "refused", "refused", "-", "refused")]],
	accounts_import: [[(w) => `accounts_import(${rename}, '${w.digest}')`,
		each("refused", "administrator colleague", "refused", "refused", "refused", "-", "refused")]],
	recording_policy: [[() => `(select recording_policy('${number}') - 'number')`,
		each("refused", "colleague", "refused", "refused", "refused", "-", "refused")]],
	// 1: the call is recorded
	recording_decision: [[() => `(select (recording_decision('${number}', 'call', null) ->> 'action' = 'start')::int)`,
		each("refused", "1", "refused", "refused", "refused", "-", "refused")]],
	erasure_file: [[() => "erasure_file('+33600000010', null, 'hash')",
		each("refused", "administrator", "refused", "refused", "refused", "beta neighbour", "refused")]],
	erasure_withdraw: [[(w) => `erasure_withdraw('${w.request}')`,
		each("-", "administrator request", "-", "-", "-", "-", "-")]],

	// --- for supervisors of the whole customer, whose right is read again ---
	erasure_carry_out: [[(w) => `erasure_carry_out('${w.request}', 1, null, 'hash')`,
		each("administrator colleague request supervisor", "refused", "refused", "refused", "refused", "-", "refused")]],

	// --- for both, within their sites, whose right is read again ---
	erasure_list: [[() => "erasure_list(null, '', '')",
		each("administrator request", "administrator request", "-", "-", "-", "-", "-")]],
	erasure_show: [[(w) => `erasure_show('${w.request}')`,
		each("administrator request", "administrator request", "-", "-", "-", "-", "-")]],
	account_show: [[(w) => `account_show('${w.account.colleague}')`,
		each("@paris administrator colleague", "@lyon @paris administrator colleague", "-", "-", "-", "-", "-")]],
	accounts_csv: [[() => "accounts_csv()",
		each("refused", alpha, "refused", "refused", "refused", "neighbour", "refused")]],
	confirmations_page: [[() => "confirmations_page()",
		each("administrator colleague", "administrator colleague", "-", "-", "-", "-", "-")]],
	accounts_page: [[() => "accounts_page(null, null)",
		each(team, team, "@lyon lyonnais", "-", "-", "@brest neighbour", "-")],
	[() => "accounts_page('legrand', null)", each("@paris colleague", "@paris colleague", "-", "-", "-", "-", "-")]],
	audit_csv: [[() => "audit_csv('{}')", each(log, log, "limited lyonnais", "-", "-", "neighbour", "-")],
		[(w) => `audit_csv(${quote({ person: w.public.person.user })})`, each("user", "user", "-", "-", "-", "-", "-")]],
	audit_page: [[() => "(select audit_page('{}') -> 'items')",
		each(log, log, "limited lyonnais", "-", "-", "neighbour", "-")],
		// the people to filter by, always including oneself
		[() => "(select audit_page('{}') -> 'people')",
			each(alpha, alpha, "limited lyonnais", "user", "lyonnais", "neighbour", "-")]],
	recording_change: [[(w) => `recording_change(${quote([{ id: w.account.colleague, active: false }])})`,
		each("colleague supervisor", "administrator colleague", "-", "-", "-", "-", "-")]],
	telephone_show: [[(w) => `telephone_show('${w.telephone}')`, each("colleague", "colleague", "-", "-", "-", "-", "-")]],
	telephones_set: [[(w) => `telephones_set('[{"id": "${w.telephone}", "recording_button": true}]')`,
		each("1 colleague supervisor", "1 administrator colleague", "-", "-", "-", "-", "-")]],
	telephony_accounts: [[() => "telephony_accounts('{}')", each("@lyon @paris colleague lyonnais",
		"@lyon @paris colleague lyonnais", "@lyon lyonnais", "-", "-", "@brest neighbour", "-")]],
	telephony_sites_json: [[() => "telephony_sites_json()",
		each("@lyon @paris", "@lyon @paris", "@lyon", "-", "-", "@brest", "-")]],
	// includes the own site of everybody
	telephony_help: [[() => "telephony_help()",
		each("@lyon @paris", "@lyon @paris", "@lyon @paris", "@paris", "@lyon", "@brest", "-")]],

	// --- for the team of the context, or a person's own calls ---
	recordings_search: [[() => "recordings_search('{}')",
		each(team, "@paris administrator", "@lyon lyonnais", "@paris user", team, "@brest neighbour", "-")],
	[() => `(select recordings_search('{"number": "${wanted}"}') -> 'items')`,
		each("@paris colleague", "-", "-", "-", "@paris colleague", "-", "-")]],
	recordings_per_day: [[() => "(select (recordings_per_day('{}') ->> 'total')::int)",
		each(count, "1", "1", "4", count, "1", "-")]],
	recordings_count: [[() => `recordings_count(${allOfIt()})`,
		each(count, "1", "1", "4", count, "1", "-")],
	[(w) => `recordings_count(${these(w.id.marked, w.id.neighbour_own)})`,
		each("1", "-", "-", "-", "1", "1", "-")]],
	recording_listeners: [[(w) => `recording_listeners('${w.id.marked}')`,
		each("colleague", "-", "-", "-", "colleague", "-", "-")],
	[(w) => `recording_listeners('${w.id.user_own}')`, each("user", "-", "-", "user", "user", "-", "-")],
	[(w) => `recording_listeners('${w.id.lyonnais_own}')`,
		each("lyonnais", "-", "lyonnais", "-", "lyonnais", "-", "-")]],
	export_create: [[() => `(select (export_create(${allOfIt()}, 'audio', 'fr', null, 'hash', null, null) #>> '{export,total}')::int)`,
		each(`${count} supervisor`, "1 administrator", "1 limited", "4 user", `${count} lyonnais`, "1 neighbour", "-")]],
	// supervisors only; others can't delete even their own calls
	deletion_create: [[(w) => `deletion_create(${these(w.id.marked)}, 1, null, 'hash')`,
		each("colleague supervisor", "refused", "-", "refused", "colleague lyonnais", "-", "refused")],
	[(w) => `deletion_create(${these(w.id.user_own)}, 1, null, 'hash')`,
		each("store_removal supervisor user", "refused", "-", "refused", "lyonnais store_removal user", "-", "refused")]],

	// --- for a person's own data ---
	// archives were requested by people who supervised all then; each holds a call of
	// an administrator
	export_archive: [[(w, who) => `export_archive('${w.archive[who] ?? nowhere}')`,
		each("archive supervisor", "-", "-", "-", "archive lyonnais", "archive neighbour", "-")],
		[(w) => `export_archive('${w.archive.supervisor}')`, each("archive supervisor", "-", "-", "-", "-", "-", "-")]],
	export_cancel: [[(w) => `export_cancel('${w.archive.supervisor}')`,
		each("administrator archive supervisor", "-", "-", "-", "-", "-", "-")]],
	notice_seen: [[(w) => `notice_seen('${w.notice}')`, each("colleague", "-", "-", "-", "-", "-", "-")]],
	own_sessions: [[() => "own_sessions()", own()]],
	own_sessions_end: [[() => "own_sessions_end(null)", own("1")],
		[(w) => `own_sessions_end('${w.session.colleague}')`, all("-")]],
	session_switch: [[(w) => `session_switch('${w.public.tenant.delta}', ${token("new")})`,
		each("supervisor", "-", "-", "-", "-", "-", "-")],
	[(w) => `session_switch('${w.public.tenant.beta}', ${token("new")})`, all("-")]],
	password_again: [[() => "password_again()",
		{ ...own(), nobody: missing("person_id", "person_attempt") }]],
	stream_claim: [[() => "stream_claim(4, 16)", { ...own(), nobody: missing("session_id", "stream_lease") }]],
	password_was_right: [[() => "password_was_right()",
		each("supervisor", "-", "-", "-", "-", "-", "-")]],
	password_change: [[() => `password_change('another hash', ${token("new")})`, { ...own(), nobody: "refused" }]],
	audit_once: [[() => `audit_once('listen', '${nowhere}', null)`, own()]],
	audit_record: [[() => "audit_record('download')", own()]],
	audit_seldom: [[() => "audit_seldom('search', '{}')", own()]],

	// --- for everybody of the customer ---
	// the deleted calls whose rows still exist, for the policies
	app_gone: [[() => "app_gone()", each("gone", "gone", "gone", "gone", "gone", "-", "-")]],
	// whether one is that, for the policy of transcripts: the id of one of the same customer
	app_is_gone: [[(w) => `(select case when app_is_gone('${w.id.gone}') then '${w.id.gone}' end)`,
		each("gone", "gone", "gone", "gone", "gone", "-", "-")]],
	// the names of the accounts in a given page of the log
	audit_named: [[(w) => `audit_named(${quote({ items: [{ detail: { account: w.account.colleague } }] })})`,
		each("colleague", "colleague", "colleague", "colleague", "colleague", "-", "-")]],

	// --- for whoever has a secret: the token of a session or link, a session's id ---
	session_find: [[() => `session_find(${token("session of user")})`, all("user")],
		[() => `session_find(${token("no session")})`, all("-")]],
	session_delete: [[() => `session_delete(${token("session of user")})`, all("user")],
		[() => `session_delete(${token("no session")})`, all("-")]],
	audit_signed_in: [[() => `audit_signed_in(${token("session of user")}, '')`, all("user")],
		[() => `audit_signed_in(${token("no session")}, '')`, all("-")]],
	mail_link_find: [[() => `mail_link_find(${token("link")}, 'reset')`, all("colleague")],
		[() => `mail_link_find(${token("link")}, 'invitation')`, all("-")],
		[() => `mail_link_find(${token("no link")}, 'reset')`, all("-")]],
	mail_link_outdated: [[() => `(select mail_link_outdated(${token("link")}, 'reset')::int)`, all("-")],
		[() => `(select (not mail_link_outdated(${token("link")}, 'reset'))::int)`, all("1")]],
	mail_link_use: [[() => `(select mail_link_use(${token("link")}, 'reset', 'another hash') is null)`, all("colleague")],
		[() => `(select mail_link_use(${token("no link")}, 'reset', 'another hash') is null)`, all("-")]],
	confirmation_link_find: [[() => `confirmation_link_find(${token("confirmation link")})`, all("administrator colleague")],
		[() => `confirmation_link_find(${token("no link")})`, all("-")]],
	confirmation_link_use: [[() => `confirmation_link_use(${token("confirmation link")}, true)`, all("administrator alpha colleague supervisor")],
		[() => `confirmation_link_use(${token("no link")}, true)`, all("-")]],
	sessions_alive: [[(w) => `sessions_alive(array['${w.session.user}']::uuid[])`, all("user")],
		[() => `sessions_alive(array['${nowhere}']::uuid[])`, all("-")]],
	// in any context: by an id that only the worker of the stream knows
	stream_hold: [[() => `stream_hold('{${stream}, ${nowhere}}')`, all("user")],
		[() => `stream_hold('{${nowhere}}')`, all("-")]],
	stream_leave: [[() => `stream_leave('${stream}')`, all("user")],
		[() => `stream_leave('${nowhere}')`, all("-")]],
	// in any context: what the person of each session may receive now
	recordings_watched: [[(w) => `recordings_watched(${streams(w, () => w.id.marked)})`, all("colleague supervisor")]],
	exports_watched: [[(w) => `exports_watched(${streams(w, (key) => w.archive[key])})`, all("neighbour supervisor")],
		[(w) => `exports_watched(${streams(w, () => w.archive.supervisor)})`, all("supervisor")]],

	// --- before sign-in ---
	sign_in_begin: [[() => `sign_in_begin('${people.user.email}', '', '', '', '')`, all("user")]],
	sign_in_failed: [[() => `sign_in_failed('${people.user.email}', '', '', null)`, all("user")],
		// counts in the lane of browsers that know the person
		[(w) => `sign_in_failed('${people.user.email}', '', '', '${w.person.user}')`, all("sign_in_failure user")]],
	audit_sign_in_failed: [[(w) => `audit_sign_in_failed('${w.person.user}', '')`, all("user")]],
	session_create: [[(w) => `session_create('${w.person.user}', ${token("new")}, '', '', '', 'hash of user', '')`, all("user")],
		[(w) => `session_create('${w.person.user}', ${token("new")}, '', '', '', 'another hash', '')`, all("refused")],
		[(w) => `session_create('${w.person.user}', ${token("new")}, '', '', '', null, ${token("session of limited")})`,
			all("limited user")]],
	// whoever has a hash has checked the password against it
	password_renew: [[(w) => `(select password_renew('${w.person.user}', 'hash of user', 'another hash') is null)`, all("user")],
		[(w) => `(select password_renew('${w.person.user}', 'another hash', 'hash') is null)`, all("-")],
		[(w) => `(select password_renew('${w.person.user}', 'hash of user', null) is null)`, all("-")]],
	mail_request_add: [[() => "mail_request_add('reset', 'who@alpha.test', '', '', '', 'fr')", all("mail_request")]],
	brand_of: [[(w) => `brand_of('${w.tenant.beta}', null)`, all("brand")]],
	brand_logo: [[(w) => `brand_logo('${w.logo}')`, all("brand")]],
	host_find: [[() => "host_find('console.smart.test')", all("brand")]],

	// --- for the server, which distributes the result to its streams ---
	recordings_arrived: [[(w) => `recordings_arrived(${quote([{ tenant: w.tenant.alpha, after: hourAgo() }])})`, all(alpha)]],
	recordings_as_of: [[() => "(select (recordings_as_of() is not null)::int)", all("1")]],
};

// Functions of upkeep ignore the context. The tenant and the worker's name
// identify who makes an archive; the context determines its calls.
const ofCustomer = (cell) => each(cell, cell, cell, cell, cell, "-", "-");
const elsewhere = "administrator colleague limited supervisor user";
const making = (name, rest, cells) => [[(w) => `${name}('${w.running}', 'worker'${rest})`, cells],
	[(w) => `${name}('${w.running}', 'another worker'${rest})`, all("-")]];
const jobs = {
	// an archive of limited, who selected everything; it holds a call of Lyon so far
	export_begin: making("export_begin", "", each(`${count} ${elsewhere}`, "1 administrator limited lyonnais",
	    "1 limited", "4 limited lyonnais user", `${count} ${elsewhere}`, "-", "-")),
	export_calls: [[(w) => `(select count(call) from export_calls('${w.archive.supervisor}', null, 10, true))`,
		each("1", "1", "-", "-", "1", "-", "-")]],
	export_expect: making("export_expect", ", 1000, null, null", ofCustomer("limited")),
	export_store: making("export_store", ", 'alpha/exports/new.zip'", ofCustomer("archive")),
	export_release: making("export_release", ", null, true, '{}'", ofCustomer("limited")),
	export_ready: making("export_ready", ", 'alpha/exports/running.zip', 1000, '{}', '[]'",
	    each("archive limited lyonnais supervisor", "administrator archive limited lyonnais", "archive limited lyonnais",
	    "archive limited lyonnais user", "archive limited lyonnais", "-", "-")),
	export_beat: ["worker", "another worker"].map((worker) => [(w) => `export_beat(${quote([{ id: w.running,
		tenant: w.tenant.alpha, worker, done: 0, bytes: 0 }])})`,
		all(worker === "worker" ? "limited" : "-")]),
	export_claim: [[() => "export_claim('a third worker', true)", all("brand user")]],
	exports_upkeep: [[() => "exports_upkeep()", all("archive limited lyonnais")]],
	// first the rows that lists read, then what remains
	deletions_work: [[() => "deletions_work(10)", all("colleague gone supervisor")],
		[() => `(select max(n) from (select (deletions_work(10)).removed as n
			from generate_series(1, 2) offset 0) x)`, all("1 colleague gone supervisor")]],
	recordings_purge: [[() => "recordings_purge(10)", all("gamma purge_round store_removal stranger")]],
	recordings_drop_partition: [[() => "(select dropped from recordings_drop_partition(current_date))", all("1")]],
	recordings_make_partitions: [[() => "recordings_make_partitions(current_date + 40, current_date + 40)", all("2")]],
	purge_trust: [[() => "purge_trust()", all("purge_round")]],
	audit_seal: [[() => "audit_seal()", all("gamma")]],
	audit_purge: [[() => "audit_purge()", all("2 delta purge_round")]],
	mail_claim: [[() => `mail_claim(${token("new")}, 'https://smart.test')`, all("brand colleague")]],
	mail_sent: [[(w) => `mail_sent('${w.mail}')`, all("colleague")]],
	mail_failed: [[(w) => `mail_failed('${w.mail}', 'refused', false)`, all("colleague")]],
	mail_requests_answer: [[() => "mail_requests_answer()", all("1 colleague")]],
};

// The pipeline names the tenant in its arguments, and can't mix two of them.
const pipeline = {
	"pipeline.ingest": [[() => `pipeline.ingest(${wall.document("alpha")})`, all("alpha colleague")],
		[() => `pipeline.ingest(${wall.document("beta")})`, all("SR400 account: unknown \"colleague\"")]],
	"pipeline.recording_policy": [[() => `(select pipeline.recording_policy('${number}') - 'number')`, all("colleague")],
		[() => `(select pipeline.recording_policy('${number}', 'beta') - 'number')`, all("-")]],
	"pipeline.recording_decision": ["alpha", "beta"].map((tenant) => [() => `(select (pipeline.recording_decision(
		'${number}', 'call', null, '${tenant}') ->> 'action' = 'start')::int)`, all(tenant === "alpha" ? "1" : "-")]),
	"pipeline.telephone": [[() => `pipeline.telephone('${mac}')`, all("colleague")],
		[() => "pipeline.telephone('00:00:5e:00:53:ff')", all("-")]],
};

let wall;
before(async () => { wall = await Wall.make(await freshDatabase({ fixtures: true })); });
after(() => leave(wall?.db));

const tables = { smartrecord_app: application, smartrecord_jobs: jobs, pipeline };

for (const [role, table] of Object.entries(tables)) {
	test(`${role}: the rows are exactly the functions that it may execute`, async () => {
		const names = await wall.db.sql(`select case p.pronamespace when 'pipeline'::regnamespace then 'pipeline.' else '' end || p.proname as name
			from pg_proc p where p.prosecdef and has_schema_privilege('${role}', p.pronamespace, 'usage')
			and has_function_privilege('${role}', p.oid, 'execute')`);
		assert.deepEqual(names.split("\n").sort(), Object.keys(table).sort());
	});
	describe(role, () => {
		for (const [name, cases] of Object.entries(table)) {
			test(name, async () => {
				for (const [statement, expected] of cases) {
					const found = {};
					for (const who of everybody)
						found[who] = await wall.attempt(role, who, statement(wall.world, who));
					assert.deepEqual(found, expected, statement(wall.world, "supervisor"));
				}
			});
		}
	});
}
test("each row returns or changes something for at least one person", () => {
	for (const [name, cases] of Object.values(tables).flatMap(Object.entries))
		assert.ok(cases.flatMap(([, cells]) => Object.values(cells)).some((cell) => !/^(-|refused|(SR)?\d{3,5} .*)$/.test(cell)), name);
});
