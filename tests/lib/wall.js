// Makes data that belong to different people, and describes whose data a
// statement reads or changes when it runs in the scope of a person.
import { createHash } from "node:crypto";
import { document, loadCalls, people, recordingIds } from "./fixtures.js";
import { session } from "./sql.js";

export const number = "+33180250194";		// of the colleague
export const mac = "00:00:5e:00:53:01";		// of the colleague's telephone
export const wanted = "+33600000009";		// to be erased; in the call "marked"
export const nowhere = "00000000-0000-7000-8000-000000000000";
export const stream = "00000000-0000-4000-8000-0000000000e0";	// of the user
export const quote = (value) =>
	`'${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", "''")}'`;
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
export const rename = quote([{ line: 2, key: "colleague", last_name: "Dupont", errors: [] }]);
// returns a selection of the whole list
export const allOfIt = () => quote({ filter: {}, except: [], as_of: new Date(Date.now() + 60000).toISOString() });

// Makes people, telephones, sessions (with the token "session of KEY"), and
// calls that are to be erased or deleted.
async function makePeople(db) {
	await loadCalls(db, Object.fromEntries([["marked", wanted], ["gone", "+33600000008"]].map(([key, value], i) => [key, {
		account: "colleague", ago: 20 + i, mood: "neutral", subject: "À effacer", words: ["Bonjour."], silent: true,
		caller: { kind: "e164", value, name: null } }])));
	const { name: [first, last], email } = people.supervisor;
	for (const command of [
		["operator", "set", "smart", "--host", "console.smart.test"],
		["tenant", "create", "smart/delta", "--name", "delta"],
		["site", "create", "delta", "dijon", "--name", "Dijon"],
		["account", "create", "delta", "away", "--site", "dijon", "--first-name", first, "--last-name", last, "--email", email],
		["account", "profile", "beta", "neighbour", "--supervisor", "--administrator"],
		["telephone", "add", "alpha", "colleague", mac, "--model", "Yealink T54W"]])
		await db.command(command);
	await db.sql(`
		update tenant set show_listeners = true;
		update operator set logo = '\\x89504e470d0a1a0a' where key = 'smart';
		update person p set password_hash = 'hash of ' || a.key from account a
			where a.person_id = p.id and a.key not in ('away', 'colleague');
		update person set password_hash = null where email = '${people.colleague.email}';
		insert into account_number (tenant_id, account_id, number, kind)
			select a.tenant_id, a.id, v.number, 'fixed' from account a join (values ('colleague', '${number}'),
			('lyonnais', '+33478000001'), ('neighbour', '+33298000001')) v (key, number) on a.key = v.key;
		update account set recording_active = true where key = 'colleague';
		insert into session (token_hash, person_id, tenant_id, account_id, agent)
			select sha256(convert_to(v.kind || ' of ' || a.key, 'UTF8')), a.person_id, a.tenant_id, a.id, v.kind
			from account a, (values ('session'), ('browser')) v (kind) where a.key <> 'away'`);
}

// An archive with one call, requested by a person who supervised a team then.
const archive = ({ id, site }, owner, { of = "all", state = "ready", key = `${owner}.zip`, lives = "1 day",
    call = "administrator_own" } = {}) => `
	with made as (insert into export (tenant_id, id, person_id, account_id, team, content, language, total, state,
		archive_key, bytes, ready_at, expires_at, worker, lease_until, selection, started_at)
	select a.tenant_id, uuid7_new(now()), a.person_id, a.id,
		'${of === "all" ? of : `{${of.map((place) => site[place])}}`}', 'audio', 'fr', 99, '${state}',
		${state === "ready" ? `t.key || '/exports/${key}', 1000, now(), now() + interval '${lives}'`
		    : "null, 0, null, null"},
		${state === "running" ? `'worker', now() + interval '1 hour', ${allOfIt()}` : "null, null, null"}, now()
	from account a join tenant t on t.id = a.tenant_id where a.key = '${owner}' returning *)
	insert into export_item select tenant_id, id, '${id[call]}' from made where state <> 'queued'`;

// Makes jobs in every state.
async function makeWork(db, world) {
	const { id } = world;
	const { colleague, supervisor } = people;
	await db.sql([
		...["supervisor", "administrator", "user", "lyonnais"].map((owner) => archive(world, owner)),
		archive(world, "limited", { of: ["lyon", "paris"] }),
		archive(world, "neighbour", { call: "neighbour_own" }),
		archive(world, "limited", { key: "stale.zip", lives: "-1 second", call: "lyonnais_own" }),
		archive(world, "limited", { of: ["lyon"], state: "running", call: "lyonnais_own" }),
		archive(world, "user", { state: "queued" }),
		"update export set total = 1 where state <> 'running'",
		"insert into store_removal values ('alpha/exports/running.zip', now() + interval '1 hour')",
		// a call that is being deleted, and one that has expired
		`with made as (insert into deletion (tenant_id, id, person_id, account_id, total) select tenant_id,
			uuid7_new(now()), person_id, id, 1 from account where key = 'supervisor' returning *)
		insert into recording_gone select tenant_id, '${id.gone}', id from made`,
		...["recording", "utterance"].map((table) =>
		    `update ${table} set expires_at = now() where id = '${id.stranger_own}'`),
		`update recording_source set expires_at = now() where recording_id = '${id.stranger_own}'`,
		`insert into sign_in_failure select sign_in_email_hash(email), '192.0.2.0/24', '192.0.2.9' from person
			where email in ('${supervisor.email}', '${colleague.email}')`,
		`insert into person_attempt (person_id, kind) select id, 'again' from person
			where email in ('${supervisor.email}', '${colleague.email}')`,
		`insert into stream_lease select '${stream}', gen_random_uuid(), id, now() from person
			where email = '${people.user.email}'`,
		`insert into mail (person_id, kind, language) select person_id, 'right_granted', 'fr'
			from account where key = 'colleague'`,
		`insert into mail_link select sha256('link'), person_id, 'reset', now() + interval '1 day'
			from account where key = 'colleague'`,
		`update tenant set contract_email = 'holder@alpha.test' where key = 'alpha'`,
		// an act that waits for a second person, with the contract holder's link, and a notice
		`with act as (insert into confirmation (tenant_id, public_id, kind, made_by, wanted)
			select a.tenant_id, '${world.act}', 'rights', a.id, jsonb_build_object('account', c.public_id, 'supervisor', 'all')
			from account a join account c on c.tenant_id = a.tenant_id and c.key = 'colleague'
			where a.key = 'administrator' returning *)
		insert into confirmation_link select sha256('confirmation link'), tenant_id, id, now() + interval '1 day' from act`,
		`insert into right_notice (tenant_id, id, reader_id, account_id, profile) select a.tenant_id, '${world.notice}',
			a.id, c.id, 'supervisor' from account a join account c on c.tenant_id = a.tenant_id and c.key = 'colleague'
			where a.key = 'supervisor'`,
		`insert into mail_request (purpose, email, email_hash, host, network, address, language) values ('reset',
			'${colleague.email}', sign_in_email_hash('${colleague.email}'), '', '', '', 'fr')`,
	].join(";\n"));
}

// Makes the access log: everybody has listened to a call of their own. Some
// entries were sealed a year ago, some are sealed now, some are not sealed.
const makeLog = (db, { id }) => db.sql(`
	insert into audit (tenant_id, kind, person_id, account_id, recording_id, site_id)
		select distinct on (a.id) a.tenant_id, 'listen', a.person_id, a.id, r.id, r.site_id from account a
		join recording r on r.tenant_id = a.tenant_id and r.account_id = a.id and r.id <> '${id.gone}'
		order by a.id, r.id = '${id.marked}' desc, r.id = '${id.user_own}' desc;
	insert into audit (tenant_id, kind) select id, 'expire' from tenant where key = 'delta';
	select audit_seal();
	update audit_batch set sealed_at = now() - interval '13 months'
		where tenant_id = (select id from tenant where key = 'delta');
	insert into audit (tenant_id, kind) select id, 'expire' from tenant where key = 'gamma'`);

export class Wall {
	contexts = { nobody: {} };
	// ids by key, as SQL literals: those of accounts and telephones, and public
	// ids in world.public
	world = { act: "00000000-0000-4000-8000-000000000001", notice: "00000000-0000-4000-8000-000000000002" };
	#marks = [];		// [text, owner]
	#owners = {};		// "account ID", "person ID", "tenant ID" → key

	// Makes the data in a database with the fixtures.
	static async make(db) {
		const wall = new Wall();
		wall.db = db;
		await makePeople(db);
		await wall.#readIds();
		await makeWork(db, wall.world);
		await wall.#makeViews();
		await wall.#prepare();
		await makeLog(db, wall.world);
		await db.sql("insert into wall.before table wall.now");
		return wall;
	}

	async #readIds() {
		const { db, world } = this;
		const keys = async (query) => Object.fromEntries((await db.rows(query)).map(({ key, id }) => [key, id]));
		const accounts = await db.rows(`select a.key, a.id, a.public_id, a.tenant_id, a.person_id, p.public_id as person, a.email, a.last_name,
			account_sites(a.tenant_id, a.id) as team, s.id as session from account a
			left join person p on p.id = a.person_id left join session s
			on s.tenant_id = a.tenant_id and s.account_id = a.id and s.agent = 'session'`);
		const of = (name) => Object.fromEntries(accounts.map((a) => [a.key, a[name]]));
		Object.assign(world, { id: await recordingIds(db), site: await keys("select key, id from site"),
			tenant: await keys("select key, id from tenant"), account: of("public_id"), person: of("person_id"),
			session: of("session"), telephone: await db.sql("select public_id from telephone"),
			public: { person: of("person"), tenant: await keys("select key, public_id as id from tenant") } });
		for (const a of accounts)
			this.#addPerson(a, a.key === "away" ? "supervisor" : a.key);
		this.contexts.former = { ...this.contexts.lyonnais, team: "all" };
		for (const table of ["session", "recording"])
			for (const row of await db.rows(`select id, account_id from ${table}`))
				this.#marks.push([row.id, row.id === world.id.gone ? "gone" : this.#owners[`account ${row.account_id}`]]);
		for (const row of await db.rows("select key, name from site"))
			this.#marks.push([`"${row.name}"`, `@${row.key}`]);
		for (const [key, id] of Object.entries(world.tenant))
			this.#owners[`tenant ${id}`] = key;
		this.#marks.push([number, "colleague"], [mac, "colleague"], ["/exports/", "archive"],
		    ["Smart Telecom", "brand"], ["console.smart.test", "brand"], ["89504e47", "brand"]);
	}

	// Adds texts that identify the person of an account, and their scope.
	#addPerson(a, key) {
		this.#owners[`account ${a.id}`] = this.#owners[`person ${a.person_id}`] = key;
		this.#marks.push(...[a.email, a.last_name, sha256(a.email), `hash of ${key}`, `"account": "${key}"`]
		    .map((mark) => [mark, key]));
		if (a.key === key)
			this.contexts[key] = { tenant: a.tenant_id, account: a.id, person: a.person_id, team: a.team,
				session: a.session };
	}

	// Makes the view wall.now of all rows, and the table wall.before for a copy of it.
	async #makeViews() {
		const names = (await this.db.sql(`select relname from pg_class where relnamespace = 'public'::regnamespace
			and relkind in ('r', 'p') and not relispartition and relname not in ('migration', 'release',
			'recording_change', 'recording_tally', 'recording_choice')`)).split("\n");
		await this.db.sql(`create schema wall; create table wall.before (tab text, line jsonb);
			create view wall.now as ${names.map((name) =>
			    `select '${name}' as tab, to_jsonb(t) as line from ${name} t`).join(" union all ")}`);
		await session(this.db, "postgres").ask(`prepare changed as
			with now as materialized (table wall.now)
			select coalesce(jsonb_agg(to_jsonb(c)), '[]') from ((table now except table wall.before)
				union (table wall.before except table now)) c`);
	}

	async #prepare() {
		const { db, world } = this;
		const asked = async (statement, end) => (await this.#run("smartrecord_app", "administrator", statement, end)).answer[0].a;
		const archives = await db.rows(`select a.key, e.id, e.state, e.expires_at > now() as lives
			from export e join account a on a.tenant_id = e.tenant_id and a.id = e.account_id`);
		world.archive = Object.fromEntries(archives.filter((e) => e.state === "ready" && e.lives).map((e) => [e.key, e.id]));
		world.archive.former = world.archive.lyonnais;
		world.running = archives.find((e) => e.state === "running").id;
		world.mail = await db.sql("select id from mail");
		world.logo = await db.sql("select logo_hash from operator where key = 'smart'");
		world.version = await db.sql("select account_rights_version(a) from account a where key = 'colleague'");
		world.request = (await asked(`erasure_file('${wanted}', null, 'hash')`, "commit")).erasure.id;
		world.digest = (await asked(`accounts_import(${rename}, null)`)).digest;
		this.#marks.push([world.request, "request"]);
	}

	// Returns the document of a call of an account of alpha, sent for another
	// customer.
	document(tenant) {
		return quote({ ...document("new", { account: "colleague", ago: 1, silent: true, pending: true }), tenant });
	}

	// Runs a statement as a role in a scope. Returns its result and the changed
	// rows, then rolls back.
	async #run(role, who, statement, end = "rollback") {
		// only requests have a session
		const context = Object.entries(this.contexts[who])
		    .filter(([name]) => role === "smartrecord_app" || name !== "session")
		    .map(([name, value]) => `set local app.${name} = ${quote(String(value))};`);
		const said = await session(this.db, "postgres").ask(`begin; ${context.join(" ")} set local role ${role};
			select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (select * from ${statement} a) x;
			reset role; execute changed; ${end}`);
		const [, error, message] = /ERROR: {2}(\w{5}): (.*)/.exec(said) ?? [];
		if (error)
			return { error, message };
		const [answer, changed] = said.split("\n").filter(Boolean).map((line) => JSON.parse(line));
		return { answer, changed };
	}

	#marked(value) {
		const text = JSON.stringify(value, null, 1).replace(/\n\s*/g, "");
		return this.#marks.filter(([mark]) => text.includes(mark)).map(([, owner]) => owner);
	}

	// Returns the owners of a row: by the texts that identify people, else by its
	// customer, else the name of the table.
	#ownersOf({ tab, line }) {
		const found = [...this.#marked(line), this.#owners[`account ${tab === "account" ? line.id : line.account_id}`],
			this.#owners[`person ${tab === "person" ? line.id : line.person_id}`]].filter(Boolean);
		return found.length ? found : [this.#owners[`tenant ${line.tenant_id}`] ?? tab];
	}

	// Returns the effect of a statement as sorted words; "-" for none.
	async attempt(role, who, statement) {
		const { error, message, answer, changed } = await this.#run(role, who, statement);
		if (error)
			return error === "SR403" ? "refused" : `${error} ${message}`;
		const words = [...this.#marked(answer), ...changed.flatMap((row) => this.#ownersOf(row))];
		const values = answer.length === 1 ? Object.values(answer[0]) : [];
		if (values.length === 1 && typeof values[0] === "number" && values[0] !== 0)
			words.push(String(values[0]));
		return [...new Set(words)].sort().join(" ") || "-";
	}
}
