// A lone insider: one administrator with mailboxes of their choice. Searches
// breadth-first over their acts, in every order, for a state in which an account
// that they control reaches a call that is not theirs, of before or later. Acts
// are the database functions behind the routes, in the context of an account
// that the insider controls; mails are really claimed, and their links used.
// Equal states are merged. Every state is reached anew in a transaction that is
// rolled back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadCalls, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { ask, leave } from "../lib/sql.js";

const quote = (value) => `$v$${typeof value === "string" ? value : JSON.stringify(value)}$v$`;
const mailboxes = ["evil@one.test", "evil@two.test", people.administrator.email];
const numbers = { wanda: "+33180250001", other: "+33180250002" };

let database;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	// Wanda has calls and has not claimed her account; Denis administers too
	await database.command(["account", "create", "alpha", "wanda", "--site", "paris", "--first-name", "Wanda",
	    "--last-name", "Attente", "--email", "wanda@alpha.test", "--number", `${numbers.wanda}:fixed`]);
	await loadCalls(database, { wandas: { account: "user", ago: 2, mood: "neutral", subject: "Wanda", words: ["Bonjour."] } });
	await database.sql(`delete from mail; delete from right_notice;
		update recording set account_id = (select id from account where key = 'wanda') where subject = 'Wanda';
		create schema insider;
		create table insider.calls as select account_id from recording;
		grant usage on schema insider to public;

		-- the accounts that the insider controls: of people with their mailboxes
		create function insider.controlled() returns setof account language sql stable as $f$
			select a.* from account a join person p on p.id = a.person_id
			where p.email = any (${quote(`{${mailboxes}}`)}::text[]) and p.password_hash is not null $f$;

		-- acts as an account of the tenant
		create function insider.become(a account) returns void language plpgsql as $f$ begin
			perform set_config('app.tenant', a.tenant_id::text, true), set_config('app.account', a.id::text, true),
				set_config('app.person', a.person_id::text, true), set_config('app.team', account_sites(a.tenant_id, a.id), true);
		end $f$;

		create function insider.import(lines jsonb) returns void language plpgsql as $f$ begin
			-- the digest of a preview
			perform accounts_import(lines, encode(sha256(convert_to(accounts_plan(accounts_read(lines))::text, 'UTF8')), 'hex'));
		end $f$;

		create function insider.give(key text, wanted jsonb) returns void language plpgsql as $f$
		declare a account := (select x from account x where x.tenant_id = app_tenant() and x.key = give.key);
		begin perform account_rights_set(a.public_id, wanted, account_rights_version(a)); end $f$;

		create function insider.invite() returns void language sql as $f$
			select account_invite(a.public_id) from account a
			where a.tenant_id = app_tenant() and a.key in ('ghost', 'other', 'wanda', 'supervisor') $f$;

		create function insider.confirm() returns void language sql as $f$
			select confirmation_decide(c.public_id, true) from confirmation c where c.outcome is null $f$;

		-- asks for a link, as anybody may, and uses all links that reach a mailbox
		create function insider.claim() returns void language plpgsql as $f$
		declare m record; secret text;
		begin
			delete from mail_request;
			perform mail_request_add('invitation', b, '', 'n', 'a', 'fr') from unnest(${quote(`{${mailboxes}}`)}::text[]) b;
			perform mail_requests_answer();
			loop
				secret := encode(sha256(convert_to(clock_timestamp()::text || random(), 'UTF8')), 'hex');
				select * into m from mail_claim(secret, 'https://record.test');
				exit when m.id is null;
				perform mail_sent(m.id);
				if m.email = any (${quote(`{${mailboxes}}`)}::text[]) and m.secret_after is not null then
					perform mail_link_use(secret, case when m.secret_after like '%invitations/' then 'invitation' else 'reset' end, 'hash');
					perform confirmation_link_use(secret, true);
				end if;
			end loop;
		end $f$;

		create function insider.operator() returns void language sql as $f$
			select confirmation_command(c.public_id::text, true) from confirmation c where c.outcome is null $f$;

		-- Does an act as each controlled account; what is refused changes nothing.
		create function insider.act(statement text) returns void language plpgsql as $f$
		declare a account;
		begin
			for a in select * from insider.controlled() x order by x.tenant_id, x.id loop
				begin
					perform insider.become(a);
					execute 'select insider.' || statement;
				exception when sqlstate 'SR400' or sqlstate 'SR403' or sqlstate 'SR409' then null;
				end;
			end loop;
		end $f$;

		-- Returns the calls that the insider reaches and that are not theirs: by the
		-- policies of the application's role, and later ones, which go to the account
		-- of a number.
		create function insider.reached() returns text language plpgsql as $f$
		declare a account; found text;
		begin
			-- only those who may reach one are looked at, for speed
			for a in select * from insider.controlled() x where account_sites(x.tenant_id, x.id) <> ''
				or x.key <> 'administrator' and x.id in (select c.account_id from insider.calls c)
			loop
				perform insider.become(a);
				perform set_config('role', 'smartrecord_app', true);
				found := coalesce(found, (select string_agg(r.subject, ', ') from recording r
					where not exists (select from account o where o.id = r.account_id and o.key = 'administrator')));
				perform set_config('role', 'none', true);
			end loop;
			return coalesce(found, (select 'later calls of ' || n.number from account_number n
				where n.number = '${numbers.wanda}' and n.account_id in (select c.id from insider.controlled() c)));
		end $f$;

		-- all that decides what can follow, without ids and times; of the touched
		-- accounts, those that an act here can make confirm others' acts
		create function insider.digest() returns text language sql as $f$
			select md5(concat_ws('|',
				(select string_agg(concat(a.key, a.email, s.key, a.last_name, p.email, p.password_hash is null), ',' order by a.key)
					from account a join site s on s.id = a.site_id left join person p on p.id = a.person_id),
				(select string_agg(concat(a.key, p.kind, p.site_ids, p.suspended_at is null), ',' order by a.key, p.kind)
					from profile p join account a on a.id = p.account_id),
				(select string_agg(concat(a.key, n.number), ',' order by n.number) from account_number n join account a on a.id = n.account_id),
				(select string_agg(concat(m.key, c.kind, a.key, coalesce(c.wanted -> 'lines', c.wanted - 'account')), ',' order by c.wanted::text)
					from confirmation c join account m on m.id = c.made_by
					left join account a on a.public_id::text = c.wanted ->> 'account' where c.outcome is null),
				(select string_agg(concat(m.key, '>', a.key), ',' order by m.key, a.key) from account_touch t
					join account m on m.id = t.maker_id
					join account a on a.id = t.account_id and a.key in ('ghost', 'other')))) $f$`);
});
after(() => leave(database));

const line = (key, cells) => ({ line: 2, key, errors: [], ...cells });
const load = (...lines) => `import(${quote(lines.map((one, i) => ({ ...one, line: i + 2 })))})`;
const acts = {
	"invent an account": load(line("ghost", { last_name: "Fantôme", site: "paris", email: "evil@one.test" })),
	"invent another one": load(line("other", { last_name: "Autre", site: "paris", email: "evil@two.test" })),
	"readdress Wanda": load(line("wanda", { email: "evil@one.test" })),
	"readdress a supervisor": load(line("supervisor", { email: "evil@two.test" })),
	"take Wanda's number away": load(line("wanda", { fixed: [numbers.other] })),
	"move Wanda's number": load(line("wanda", { fixed: [numbers.other] }), line("ghost", { fixed: [numbers.wanda] })),
	"give the free number": load(line("ghost", { fixed: [numbers.wanda] })),
	"Supervisor to the account": `give('ghost', '{"supervisor": "all", "administrator": false}')`,
	"Administrator to the account": `give('other', '{"supervisor": null, "administrator": true}')`,
	"invite them all": "invite()",
	"confirm all": "confirm()",
	"use the mailboxes": "claim()",
};
const all = { ...acts, "the operator confirms": "operator()" };
const some = (...names) => Object.fromEntries(names.map((name) => [name, all[name]]));

// Returns { states, found: path to a call or null } of a search over acts, at
// most so many states, from the state after some acts.
async function search(world, most, start = []) {
	const names = Object.keys(world), known = new Set();
	const replay = (path) => path.map((name) => `select insider.act($act$${all[name]}$act$);`).join("\n");
	let level = [start];
	while (level.length) {
		const next = [];
		for (const path of level) {
			// each act from this state, each undone before the next one
			const said = await ask(database, "postgres", `set client_min_messages = warning; begin; \\o /dev/null
				${replay(path)}
				${names.map((name) => `savepoint one; select insider.act($act$${world[name]}$act$);
				\\o\nselect insider.digest(), insider.reached();\n\\o /dev/null
				rollback to one;`).join("\n")}
				rollback;\n\\o`);
			for (const [i, row] of said.split("\n").filter(Boolean).entries()) {
				const [digest, reached] = row.split("|");
				if (reached)
					return { states: known.size, found: [...path, names[i], reached] };
				if (!known.has(digest)) {
					known.add(digest);
					next.push([...path, names[i]]);
				}
			}
			if (known.size > most)
				throw new Error(`more than ${most} states`);
		}
		level = next;
	}
	return { states: known.size, found: null };
}

test("no order of an administrator's acts reaches a call that is not theirs", async (t) => {
	const { states, found } = await search(acts, 1000);
	t.diagnostic(`${states} states`);
	assert.equal(found, null);
	assert.ok(states > 20, `${states} states`);
});

test("nor do two administrators of whom one is of the other's making, within 30 days", async () => {
	const twins = ["invent another one", "the operator confirms", "use the mailboxes", "Administrator to the account", "the operator confirms"];
	const world = some("invent an account", "readdress Wanda", "confirm all", "use the mailboxes");
	assert.equal((await search(world, 1000, twins)).found, null);
	// after 30 days the second one confirms
	await database.sql("create or replace function insider.invite() returns void language sql as $f$ update account_touch set at = now() - interval '31 days' $f$");
	const { found } = await search(world, 1000, [...twins, "invite them all"]);
	assert.equal(found?.at(-1), "Wanda");
});

test("the search finds each way that a second person opens", async () => {
	for (const [names, reached] of [
		[["readdress Wanda", "use the mailboxes"], /^Wanda$/],
		[["readdress a supervisor", "use the mailboxes"], /Facture contestée/],
		[["invent an account", "move Wanda's number", "use the mailboxes"], /later calls/],
		[["invent an account", "take Wanda's number away", "give the free number", "use the mailboxes"], /later calls/],
		[["invent an account", "Supervisor to the account", "use the mailboxes"], /Facture contestée/]]) {
		const { found } = await search(some(...names, "the operator confirms"), 1000);
		assert.ok(found?.includes("the operator confirms"), names.join(", "));
		assert.match(found.at(-1), reached);
	}
});
