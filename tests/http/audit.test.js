// The access log: which rows it gets and which texts never enter it, that
// roles can only add to it, and that its seals reveal each later change.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { at, day, freeze, plus } from "../lib/clock.js";
import { people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase, functions } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ask, filled, inScope, leave, makeWorld, refusal } from "../lib/sql.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8");

describe("what people do is logged", () => {
	let database, server, ids, client;
	before(async () => {
		database = await freshDatabase({ fixtures: true });
		ids = await recordingIds(database);
		server = await startServer({ database });
		client = await server.client().signIn(people.supervisor.email);
	});
	after(async () => {
		client?.close();
		await server?.stop();
	});

	// Returns the rows of some kinds that no earlier call returned.
	const seen = new Set();
	const news = async (...kinds) => {
		const rows = (await database.rows(`select a.id, a.kind, p.email, a.recording_id,
			a.site_id, a.detail from audit a left join person p on p.id = a.person_id order by a.id`))
		    .filter((row) => kinds.includes(row.kind) && !seen.has(row.id));
		for (const row of rows)
			seen.add(row.id);
		return rows;
	};

	const sound = () => `/api/v1/recordings/${ids.colleague_own}/audio.mp3`;
	const listenAgain = async () => {
		const again = await server.client().signIn(people.supervisor.email);
		await again.get(sound());
		again.close();
	};
	// Makes two sessions that listened and one that read, if no earlier test has.
	const used = async () => {
		const none = async (kind) => await database.sql(`select count(*) from audit where kind = '${kind}'`) === "0";
		if (await none("listen")) {
			await client.get(sound());
			await listenAgain();
		}
		if (await none("read"))
			await client.get(`/console/recordings/${ids.lyonnais_own}`);
	};

	test("sign-in and failed sign-in", async () => {
		assert.deepEqual((await news("sign_in")).map((r) => [r.email, r.detail]),
		    [[people.supervisor.email, { address: "127.0.0.1" }]]);
		const guest = server.client();
		for (const email of [people.user.email, "personne@alpha.test"]) {
			const answer = await guest.post("/api/v1/session", { json: { email, password: "wrong-wrong-wrong" } });
			assert.equal(answer.status, 401);
		}
		const rows = await until("the failure to be written", async () => {
			const found = await news("sign_in_failed");
			return found.length > 0 && found;
		});
		assert.deepEqual(rows.map((r) => r.email), [people.user.email]);
		guest.close();
	});

	test("listening is logged once per session, whatever the ranges; HEAD and peaks are not logged", async () => {
		await client.get(`/api/v1/recordings/${ids.colleague_own}/peaks`);
		assert.equal((await client.send("HEAD", sound())).status, 200);
		assert.deepEqual(await news("listen"), []);
		for (const range of ["bytes=0-99", "bytes=100-199", undefined])
			assert.ok((await client.get(sound(), range && { range })).status < 300);
		const rows = await news("listen");
		assert.deepEqual(rows.map((r) => [r.email, r.recording_id]),
		    [[people.supervisor.email, ids.colleague_own]]);
		assert.notEqual(rows[0].site_id, null);
		await listenAgain();
		assert.equal((await news("listen")).length, 1);
		// no audio yet, or out of reach: nothing is logged
		assert.equal((await client.get(`/api/v1/recordings/${ids.pending_nothing}/audio.mp3`)).status, 404);
		assert.equal((await client.get(`/api/v1/recordings/${ids.neighbour_own}/audio.mp3`)).status, 404);
		assert.deepEqual(await news("listen"), []);
	});

	test("reading a transcript", async () => {
		for (let i = 0; i < 2; i++)
			await client.get(`/console/recordings/${ids.lyonnais_own}`);
		await client.get(`/console/recordings/${ids.pending_audio}`);
		assert.deepEqual((await news("read")).map((r) => r.recording_id), [ids.lyonnais_own]);
	});

	test("a search logs the number of results, never the searched text", async () => {
		await client.get("/console/recordings?mood=angry");
		assert.deepEqual(await news("search"), []);
		await client.get("/console/recordings?q=facture");
		await client.get("/api/v1/recordings?number=0613241088");
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }, { results: 9 }]);
		// a later page and a count are logged like the first page
		const other = await server.client().signIn(people.supervisor.email);
		await other.get("/api/v1/recordings?q=facture&after=ffffffff-ffff-7fff-bfff-ffffffffffff");
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }]);
		other.close();
		const counter = await server.client().signIn(people.supervisor.email);
		await counter.post("/api/v1/deletions/count", { json: { select: {
			filter: { q: "facture" }, as_of: new Date(Date.now() + 60000).toISOString() } } });
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }]);
		counter.close();
		// searches while typing: one row a minute
		const typist = await server.client().signIn(people.limited.email);
		for (const q of ["fac", "fact", "factu"])
			await typist.get(`/console/recordings?q=${q}&typing=1`);
		typist.close();
		assert.deepEqual((await news("search")).map((r) => [r.email, r.detail]),
		    [[people.limited.email, { results: 0 }]]);
	});

	test("refused requests, one row a minute", async () => {
		const user = await server.client().signIn(people.user.email);
		const refused = async () => assert.equal((await user.get("/console/recordings")).status, 403);
		await refused();
		const rows = [];
		await until("the refusal to be written", async () => rows.push(...await news("refused")) && rows.length > 0);
		await refused();
		await refused();
		assert.equal((await user.post("/console/language", { fields: { lang: "fr", csrf: "x" } })).status, 303);
		rows.push(...await news("refused"));
		assert.deepEqual(rows.map((r) => [r.email, r.detail]), [[people.user.email,
			{ method: "GET", route: "/console/recordings" }]]);
		user.close();
	});

	test("granting a right by command", async () => {
		await database.command(["account", "profile", "alpha", "colleague", "--supervisor-sites", "lyon"]);
		const row = (await news("grant")).at(-1);
		assert.equal(row.email, null);
		assert.deepEqual([row.detail.profile, row.detail.sites.length], ["supervisor", 1]);
	});

	test("the page has a word for each kind of row that functions write", async () => {
		const written = new Set();
		const source = await server.database.sql(`select string_agg(prosrc, ' ') from pg_proc
			where pronamespace = '${functions()}'::regnamespace`);
		for (const pattern of [/audit_(?:record|record_all|once|seldom|command)\((?:[a-z_.]+, )?'([a-z_]+)'/g,
			/select app_tenant\(\), '([a-z_]+)', app_person/g])
			for (const [, kind] of source.matchAll(pattern))
				written.add(kind);
		assert.ok(written.size > 9, [...written].join());
		const page = (await client.get("/console/audit")).text;
		const known = [...page.matchAll(/<option value="([a-z_]+)"/g)].map(([, kind]) => kind);
		assert.deepEqual([...written].filter((kind) => !known.includes(kind)), []);
	});

	test("the log and its filters show each person the rows within their reach", async () => {
		const visit = (who) => server.client().signIn(people[who].email);
		const [limited, administrator, neighbour] = await Promise.all(
		    ["limited", "administrator", "neighbour"].map(visit));
		const log = async (visitor, query = "") => (await visitor.get(`/api/v1/audit?${query}`)).json();
		const calls = (page) => [...new Set(page.items.map((i) => i.recording).filter(Boolean))].sort();

		await used();
		assert.deepEqual(calls(await log(client)), [ids.colleague_own, ids.lyonnais_own].sort());
		assert.deepEqual(calls(await log(administrator)), [ids.colleague_own, ids.lyonnais_own].sort());
		const theirs = await log(limited);
		assert.deepEqual(calls(theirs), [ids.lyonnais_own]);
		assert.ok(theirs.items.every((i) => i.recording || i.person?.email === people.limited.email));
		assert.deepEqual(new Set((await log(neighbour)).items.filter((i) => i.person).map((i) => i.person.email)),
		    new Set([people.neighbour.email]));
		assert.ok(theirs.people.every((p) => p.name !== "Bruno Voisin"));

		const listens = await log(client, "kind=listen&kind=read");
		assert.deepEqual(listens.items.map((i) => i.kind), ["read", "listen", "listen"]);
		const { id } = listens.items[0].person;
		assert.equal((await log(client, `person=${id}&kind=listen`)).items.length, 2);
		assert.equal((await log(client, "to=2020-01-01")).items.length, 0);
		assert.equal((await log(client, `recording=${ids.lyonnais_own}`)).items.length, 1);
		for (const query of ["person=x", "kind=A", "from=2026-02-30", "recording=1", "after=-1"])
			assert.equal((await client.get(`/api/v1/audit?${query}`)).status, 400, query);
		const page = await client.get("/console/audit?kind=listen");
		assert.match(page.text, /Journal des accès/);
		assert.match(page.text, new RegExp(`href="/console/recordings/${ids.colleague_own}"`));
		assert.doesNotMatch((await administrator.get("/console/audit")).text, /href="\/console\/recordings\//);
		for (const one of [limited, administrator, neighbour])
			one.close();
	});

	test("from and to are days in the customer's time zone", async () => {
		const zone = (name) => database.sql(`update tenant set time_zone = '${name}' where key = 'alpha'`);
		try {
			for (const [name, date, begin, end] of [
				["Europe/Paris", "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
				["Europe/Paris", "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
				["Pacific/Noumea", "2026-07-15", "2026-07-14T13:00:00.000Z", "2026-07-15T13:00:00.000Z"],
			]) {
				const instants = [plus(begin, -1800000), plus(begin, -1), begin, plus(end, -1800000), plus(end, -1), end];
				await zone(name);
				await database.sql(instants.map((instant) => `insert into audit (tenant_id, at, kind)
					select id, '${instant}', 'midnight' from tenant where key = 'alpha'`).join(";"));
				const { items } = (await client.get(`/api/v1/audit?kind=midnight&from=${date}&to=${date}`)).json();
				assert.deepEqual(items.map((i) => i.at.replace("000Z", "Z")).reverse(), instants.slice(2, 5), date);
			}
		} finally {
			await zone("Europe/Paris");
		}
	});

	test("pages by cursor, and CSV in which no cell is a formula", async () => {
		await database.sql(`insert into audit (tenant_id, kind, person_id, account_id, detail)
			select tenant_id, 'mode', person_id, id, jsonb_build_object('count', i)
			from account, generate_series(1, 120) i where key = 'colleague';
			update account set first_name = '=HYPERLINK("http://evil"); +1;-1', last_name = '' where key = 'colleague'`);
		const seen = [];
		for (let after = ""; after !== null;) {
			const page = (await client.get(`/api/v1/audit?kind=mode&after=${after}`)).json();
			seen.push(...page.items.map((i) => i.detail.count));
			after = page.next;
		}
		assert.deepEqual(seen, Array.from({ length: 120 }, (_, i) => 120 - i));
		for (const [comma, mark, answer] of [[",", "", await client.get("/api/v1/audit?kind=mode", { accept: "text/csv" })],
		    [";", "\ufeff", await client.get("/console/audit.csv?kind=mode")]]) {
			assert.equal(answer.headers["content-type"], "text/csv; charset=utf-8");
			assert.equal(answer.headers.link, undefined);
			const lines = answer.text.split("\r\n");
			assert.equal(lines.length, 122);
			assert.equal(lines[0], mark + ["at", "kind", "person", "email", "recording", "detail"].map((name) => `"${name}"`).join(comma));
			assert.match(lines[1].replaceAll(`"${comma}"`, "\",\""),
			    /^"20[^"]*Z","mode","'=HYPERLINK\(""http:\/\/evil""\); '\+1;'-1","colleague@alpha.test","","{""count"": 120}"$/);
		}
	});

	test("the log holds no number, name or word of a call", async () => {
		await client.get("/api/v1/recordings?q=facture&number=0613241088");
		assert.notEqual(await database.sql("select count(*) from audit where kind = 'search'"), "0");
		const all = await database.sql("select string_agg(a::text, e'\\n') from audit a");
		assert.doesNotMatch(all, /13241088|facture|factu|Sophie|Martin|Résiliation/i);
	});

	test("a call shows its listeners if the customer enables it", async () => {
		await used();
		const detail = async () => (await client.get(`/api/v1/recordings/${ids.colleague_own}`)).json();
		assert.equal((await detail()).listeners, null);
		await database.sql("update tenant set show_listeners = true where key = 'alpha'", "deployer");
		assert.deepEqual((await detail()).listeners.map((l) => l.name), ["Sophie Martin"]);
		await database.sql(`insert into audit (tenant_id, kind, person_id, account_id, recording_id, detail)
			select a.tenant_id, 'export', p.person_id, p.id, a.recording_id, jsonb_build_object('content',
				case p.email when '${people.limited.email}' then 'both' else 'transcript' end)
			from audit a, account p where a.kind = 'listen' and a.recording_id = '${ids.colleague_own}'
			and p.email in ('${people.limited.email}', '${people.user.email}')`);
		assert.deepEqual((await detail()).listeners.map((l) => l.name), ["Sophie Martin", "Luc Perrin"]);
		assert.match((await client.get(`/console/recordings/${ids.colleague_own}`)).text,
		    /Écouté par<\/dt><dd><span class="pause">Sophie Martin, <time/);
	});
});

const seal = (db) => ask(db, "smartrecord_jobs", filled(file("jobs/audit_seal.sql")));
const purge = (db) => db.sql(filled(file("jobs/audit_purge.sql")), "smartrecord_jobs");
async function verify(db, ...args) {
	const done = await db.command(["verify-audit", "alpha", ...args, "--json"], { check: false });
	const [log] = JSON.parse(done.stdout);
	assert.equal(done.status, log.problems.length > 0 ? 1 : 0);
	return log;
}
// Returns what verify-audit finds after a statement of the database's owner, and
// then undoes the statement.
async function problems(db, statement, ...args) {
	await db.sql(`create table kept as select * from audit; create table kept_batch as select * from audit_batch;
		${statement}`);
	try {
		return (await verify(db, ...args)).problems;
	} finally {
		await db.sql(`delete from audit; delete from audit_batch;
			insert into audit overriding system value select * from kept;
			insert into audit_batch select * from kept_batch;
			drop table kept, kept_batch`);
	}
}

describe("integrity of the log", () => {
	let db;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		for (let i = 1; i <= 12; i++) {
			await inScope(db, { tenant: 1, account: 1, person: 7 },
			    `select audit_record('search', detail => '{"results": ${i}}')`);
			if (i % 4 === 0)
				await seal(db);
		}
		await inScope(db, { tenant: 2, account: 3, person: 8 }, "select audit_record('delete')");
		await seal(db);
	});
	after(() => leave(db));

	const finds = async (statement, expected, ...args) =>
	    assert.deepEqual(await problems(db, statement, ...args), expected);

	test("no role can read, change or remove it", async () => {
		for (const role of ["smartrecord_app", "smartrecord_jobs", "smartrecord_owner"])
			for (const statement of ["select from audit", "update audit set kind = 'x'", "delete from audit",
			    "insert into audit (tenant_id, kind) values (1, 'x')", "truncate audit",
			    "delete from audit_batch", "update audit_batch set rows = 1"])
				if (role !== "smartrecord_owner")
					assert.equal((await refusal(db, statement, role, { tenant: 1 })).state, "42501");
				else
					assert.match(await db.sql(`set role smartrecord_owner; ${statement}`).catch((e) => e.message),
					    /permission denied/);
	});
	test("a row has the person of the request; without a tenant no row is written", async () => {
		await inScope(db, {}, "select audit_record('search')");
		const rows = await db.rows("select distinct tenant_id, person_id from audit order by 1");
		assert.deepEqual(rows, [{ tenant_id: 1, person_id: 7 }, { tenant_id: 2, person_id: 8 }]);
	});
	test("rows are sealed in order, in batches per customer", async () => {
		const log = await verify(db);
		assert.deepEqual([log.rows, log.batches, log.unsealed, log.problems], [12, 3, 0, []]);
		assert.match(log.head, /^3:[0-9a-f]{64}$/);
		assert.equal(await seal(db), "0|0");
		const all = await db.command(["verify-audit"]);
		assert.match(all.stdout, /^alpha: 12 rows in 3 batches, 0 not sealed yet, head 3:\w{64}: intact\nbeta: 1 rows/);
	});
	test("a row that commits late is sealed in the next batch", async () => {
		await ask(db, "smartrecord_app", `begin; select set_config('app.tenant', '2', true);
			select audit_record('slow')`);
		await db.sql("insert into audit (tenant_id, kind) values (2, 'quick')");
		assert.equal(await seal(db), "1|1");
		await ask(db, "smartrecord_app", "commit");
		assert.equal(await seal(db), "1|1");
		assert.deepEqual(await db.rows("select kind from audit where tenant_id = 2 order by seq"),
		    [{ kind: "delete" }, { kind: "quick" }, { kind: "slow" }]);
	});

	test("an altered row", () => finds("update audit set person_id = 9 where tenant_id = 1 and seq = 6",
	    ["row 6 (batch 2): altered since it was sealed"]));
	test("an instant altered by a microsecond", () => finds(
	    "update audit set at = at + interval '1 us' where tenant_id = 1 and seq = 1",
	    ["row 1 (batch 1): altered since it was sealed"]));
	test("a dropped row", () => finds("delete from audit where tenant_id = 1 and seq = 5",
	    ["row 5 (batch 2): dropped"]));
	test("two swapped rows", () => finds(`update audit set seq = -3 where tenant_id = 1 and seq = 3;
		update audit set seq = 3 where tenant_id = 1 and seq = 10;
		update audit set seq = 10 where tenant_id = 1 and seq = -3`,
	    ["row 3 (batch 1): altered since it was sealed", "row 10 (batch 3): altered since it was sealed"]));
	test("a row with a new id, which changes the order of reading", () => finds(`
		update audit set id = default where tenant_id = 1 and seq = 3`,
	    ["row 3 (batch 1): altered since it was sealed"]));
	test("an inserted row", () => finds("insert into audit (tenant_id, kind, seq) values (1, 'x', 13)",
	    ["row 13: belongs to no batch"]));
	test("a row and its hash altered", () => finds(`update audit set person_id = 9 where tenant_id = 1 and seq = 6;
		update audit_batch b set leaves = overlay(leaves placing (select audit_leaf(a) from audit a
			where tenant_id = 1 and seq = 6) from 33) where tenant_id = 1 and number = 2`,
	    ["batch 2: the hashes of its rows were altered"]));
	test("a row, its hash and its batch's hash altered: the next batch reveals it", () => finds(`
		update audit set person_id = 9 where tenant_id = 1 and seq = 6;
		update audit_batch b set leaves = overlay(leaves placing (select audit_leaf(a) from audit a
			where tenant_id = 1 and seq = 6) from 33) where tenant_id = 1 and number = 2;
		update audit_batch set leaves_hash = sha256(leaves) where number = 2;
		update audit_batch b set hash = audit_chain((select hash from audit_batch p
			where p.tenant_id = 1 and p.number = 1), b) where tenant_id = 1 and number = 2`,
	    ["batch 3: its hash does not follow from its content and the batch before"]));
	test("a batch dropped with its rows", () => finds(`delete from audit_batch where tenant_id = 1 and number = 2;
		delete from audit where tenant_id = 1 and seq between 5 and 8`,
	    ["batch 3: batches 2 to 2 are missing", "batch 3: its rows begin at 9 instead of 5",
	    "batch 3: its hash does not follow from its content and the batch before"]));
	test("rows removed before their year is over", () => finds(`delete from audit where tenant_id = 1 and seq <= 4;
		update audit_batch set leaves = null where tenant_id = 1 and number = 1`,
	    ["batch 1: its rows were removed before their year was over"]));
	test("the last batch dropped: a head recorded elsewhere reveals it", async () => {
		const { head } = await verify(db);
		assert.deepEqual((await verify(db, "--head", head)).problems, []);
		await finds(`delete from audit_batch where tenant_id = 1 and number = 3;
			delete from audit where tenant_id = 1 and seq > 8`,
		    [`batch 3: the hash recorded for it, ${head.slice(2)}, is not its own`], "--head", head);
	});
	test("after a year whole batches are purged, and the chain still verifies", async () => {
		await db.sql(`update audit set at = at - interval '13 months' where seq <= 8;
			update audit_batch b set sealed_at = sealed_at - interval '13 months' where number <= 2 and tenant_id = 1`);
		// recompute the seals for the new dates
		for (const number of [1, 2, 3])
			await db.sql(`update audit_batch b set leaves = (select string_agg(audit_leaf(a), '' order by seq) from audit a
					where a.tenant_id = 1 and seq between b.first_seq and b.first_seq + b.rows - 1)
				where tenant_id = 1 and number = ${number};
				update audit_batch set leaves_hash = sha256(leaves) where tenant_id = 1 and number = ${number};
				update audit_batch b set hash = audit_chain((select hash from audit_batch p where p.tenant_id = 1
					and p.number = b.number - 1), b) where tenant_id = 1 and number = ${number}`);
		assert.deepEqual((await verify(db)).problems, []);
		// after a jump of the clock nothing is purged: the last round is two hours old
		await db.sql(`insert into recording_source values (1, 'x', gen_random_uuid(), now() + interval '1 day');
			update purge_round set at = now() - interval '2 hours'`);
		assert.equal(await purge(db), "0");
		await db.sql("select purge_trust()");
		assert.equal(await purge(db), "8");
		assert.equal(await purge(db), "0");
		const log = await verify(db);
		assert.deepEqual([log.rows, log.batches, log.problems], [4, 3, []]);
		await inScope(db, { tenant: 1, account: 1, person: 7 }, "select audit_record('search')");
		await seal(db);
		assert.deepEqual((await verify(db)).problems, []);
	});
});

describe("every column of the log is sealed", () => {
	let db, columns;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await db.sql("insert into tenant (operator_id, key, name) select id, 'gamma', 'Gamma' from operator", "deployer");
		// three batches of one row each; in the second row every column has a value
		for (const scope of [{}, { account: 1, person: 7, session: "00000000-0000-4000-8000-000000000007" }, {}]) {
			await inScope(db, { tenant: 1, ...scope }, scope.person
			    ? "select audit_record('listen', gen_random_uuid(), 1, '{\"results\": 1}')" : "select audit_record('search')");
			await seal(db);
		}
		columns = await db.rows(`select table_name as table, column_name as column, udt_name as type, is_identity
			from information_schema.columns where table_schema = 'public' and table_name in ('audit', 'audit_batch')`);
	});
	after(() => leave(db));

	// Returns an SQL expression for another value of a column.
	const other = ({ column, type, is_identity }) => is_identity === "YES" ? "default" :
	    column === "tenant_id" ? "(select id from tenant where key = 'gamma')" : {
		text: `${column} || 'x'`,
		jsonb: `${column} || '{"x": 1}'`,
		uuid: "gen_random_uuid()",
		timestamptz: `${column} + interval '1 us'`,
		bytea: `set_byte(${column}, 0, get_byte(${column}, 0) # 1)`,
	}[type] ?? `coalesce(${column}, 0) + 10`;

	test("rows: each changed, removed or added value is found", async () => {
		const rows = columns.filter(({ table }) => table === "audit");
		assert.ok(rows.length >= 11, String(rows.length));
		for (const what of rows)
			for (const [seq, value] of [[1, other(what)], [2, other(what)],
			    ...["person_id", "account_id", "session_id", "recording_id", "site_id"].includes(what.column) ? [[2, "null"]] : []])
				assert.deepEqual(await problems(db, `update audit set ${what.column} = ${value} where seq = ${seq}`),
				    what.column === "seq" ? [`row ${seq} (batch ${seq}): dropped`, `row ${seq + 10}: belongs to no batch`] :
				    what.column === "tenant_id" ? [`row ${seq} (batch ${seq}): dropped`] :
				    [`row ${seq} (batch ${seq}): altered since it was sealed`], `${what.column} = ${value}`);
	});

	const chain = (number) => `batch ${number}: its hash does not follow from its content and the batch before`;
	const missing = ["batch 3: batches 2 to 2 are missing", "batch 3: its rows begin at 3 instead of 2", chain(3)];
	const expected = {
		tenant_id: [...missing, "row 2: belongs to no batch"],
		first_seq: ["batch 2: its rows begin at 12 instead of 2", chain(2), "batch 3: its rows begin at 3 instead of 13",
			"row 2: belongs to no batch", "row 12 (batch 2): dropped"],
		sealed_at: [chain(2)],
		leaves: ["batch 2: the hashes of its rows were altered", "row 2 (batch 2): altered since it was sealed"],
		leaves_hash: ["batch 2: the hashes of its rows were altered", chain(2)],
		hash: [chain(2), chain(3)],
	};
	test("batches, also the last one: each changed value is found", async () => {
		const batches = columns.filter(({ table }) => table === "audit_batch");
		assert.ok(batches.length >= 8, String(batches.length));
		for (const what of batches) {
			const change = (number) => `update audit_batch set ${what.column} = ${other(what)} where number = ${number}`;
			const found = await problems(db, change(2));
			if (expected[what.column])
				assert.deepEqual(found.sort(), expected[what.column].sort(), what.column);
			else
				assert.ok(found.some((problem) => /^batch (2|12): /.test(problem)), `${what.column}: ${found.join()}`);
			const last = await problems(db, change(3));
			assert.ok(last.some((problem) => /^batch (3|13): |^row 3: belongs to no batch$/.test(problem)),
			    `${what.column}: ${last.join()}`);
		}
	});
});

describe("how long the log is kept", () => {
	let db;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		await freeze(db);
	});
	after(() => leave(db));

	// Makes a batch that was sealed at an instant.
	const sealedAt = async (instant) => {
		await at(db, instant);
		await db.sql(`delete from audit; delete from audit_batch;
			insert into audit (tenant_id, at, kind) select id, '${instant}', 'search' from tenant where key = 'alpha'`);
		await db.sql(filled(file("jobs/audit_seal.sql")), "smartrecord_jobs");
		await db.sql(`update audit_batch set sealed_at = '${instant}'; update audit_batch b set hash = audit_chain(null, b)`);
	};
	const later = async (instant) => {
		await at(db, instant);
		await db.sql("select purge_trust()");
	};

	for (const [sealed, kept, end] of [
		["2026-06-15T12:00:00.000Z", ["2026-09-15T12:00:00.001Z", "2027-05-15T12:00:00.000Z", "2027-06-15T11:59:59.999Z"],
			"2027-06-15T12:00:00.001Z"],
		// the day after its expiry is 29 February
		["2027-02-28T20:00:00.000Z", ["2028-01-31T20:00:00.000Z", "2028-02-28T19:59:59.999Z"], "2028-02-28T20:00:00.001Z"],
		// it expires in the hour that occurs twice
		["2026-10-31T00:30:00.000Z", ["2027-10-31T00:29:59.999Z"], "2027-10-31T00:30:00.001Z"],
	])
		test(`a batch sealed at ${sealed} is kept for 12 months, then purged`, async () => {
			await sealedAt(sealed);
			for (const instant of kept) {
				await later(instant);
				assert.equal(await purge(db), "0", instant);
				const { rows, problems } = await verify(db);
				assert.deepEqual([rows, problems], [1, []], instant);
			}
			await later(end);
			assert.equal(await purge(db), "1");
			// verify-audit accepts that at any later time
			for (const instant of [end, plus(end, 60000), plus(end, day / 2), plus(end, day), plus(end, 30 * day)]) {
				await later(instant);
				const { rows, batches, problems } = await verify(db);
				assert.deepEqual([rows, batches, problems], [0, 1, []], instant);
			}
		});
});
