// The access log: what gets into it and what never does, that it can only be
// added to, and that its seals give away whatever is changed behind them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ask, inScope, leave, makeWorld, refusal } from "../lib/sql.js";

const file = (name) => readFileSync(path.join(top, "src", name), "utf8");

describe("what people do is written down", () => {
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

	// What is new of some kinds since the last time.
	const seen = new Set();
	const news = async (...kinds) => {
		const rows = (await database.rows(`select a.id, a.kind, p.email, a.recording_id,
			a.site_id, a.detail from audit a left join person p on p.id = a.person_id order by a.id`))
		    .filter((row) => kinds.includes(row.kind) && !seen.has(row.id));
		for (const row of rows)
			seen.add(row.id);
		return rows;
	};

	test("signing in, and failing to", async () => {
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

	test("listening counts once for a session, whatever the ranges; the picture does not count", async () => {
		const sound = `/api/v1/recordings/${ids.colleague_own}/audio.mp3`;
		await client.get(`/api/v1/recordings/${ids.colleague_own}/peaks`);
		assert.equal((await client.send("HEAD", sound)).status, 200);
		assert.deepEqual(await news("listen"), []);
		for (const range of ["bytes=0-99", "bytes=100-199", undefined])
			assert.ok((await client.get(sound, range && { range })).status < 300);
		const rows = await news("listen");
		assert.deepEqual(rows.map((r) => [r.email, r.recording_id]),
		    [[people.supervisor.email, ids.colleague_own]]);
		assert.notEqual(rows[0].site_id, null);
		const again = await server.client().signIn(people.supervisor.email);
		await again.get(sound);
		again.close();
		assert.equal((await news("listen")).length, 1);
		// no sound yet: nothing was heard
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

	test("searching: how much was found, never what was looked for", async () => {
		await client.get("/console/recordings?mood=angry");
		assert.deepEqual(await news("search"), []);
		await client.get("/console/recordings?q=facture");
		await client.get("/api/v1/recordings?number=0613241088");
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }, { results: 9 }]);
		// "further on" is as good as the beginning, and a count tells as much
		const other = await server.client().signIn(people.supervisor.email);
		await other.get("/api/v1/recordings?q=facture&after=ffffffff-ffff-7fff-bfff-ffffffffffff");
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }]);
		other.close();
		const counter = await server.client().signIn(people.supervisor.email);
		await counter.post("/api/v1/deletions/count", { json: { select: {
			filter: { q: "facture" }, as_of: new Date(Date.now() + 60000).toISOString() } } });
		assert.deepEqual((await news("search")).map((r) => r.detail), [{ results: 1 }]);
		counter.close();
		// letter by letter: one a minute
		const typist = await server.client().signIn(people.limited.email);
		for (const q of ["fac", "fact", "factu"])
			await typist.get(`/console/recordings?q=${q}&typing=1`);
		typist.close();
		assert.deepEqual((await news("search")).map((r) => [r.email, r.detail]),
		    [[people.limited.email, { results: 0 }]]);
	});

	test("refusals", async () => {
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

	test("granting by command", async () => {
		await database.command(["account", "profile", "alpha", "colleague", "--supervisor-sites", "lyon"]);
		const [row] = await news("grant");
		assert.equal(row.email, null);
		assert.deepEqual([row.detail.profile, row.detail.sites.length], ["supervisor", 1]);
	});

	test("the page and its filters, for each as far as they supervise", async () => {
		const visit = (who) => server.client().signIn(people[who].email);
		const [limited, administrator, neighbour] = await Promise.all(
		    ["limited", "administrator", "neighbour"].map(visit));
		const log = async (visitor, query = "") => (await visitor.get(`/api/v1/audit?${query}`)).json();
		const calls = (page) => [...new Set(page.items.map((i) => i.recording).filter(Boolean))].sort();

		assert.deepEqual(calls(await log(client)), [ids.colleague_own, ids.lyonnais_own].sort());
		assert.deepEqual(calls(await log(administrator)), [ids.colleague_own, ids.lyonnais_own].sort());
		const theirs = await log(limited);
		assert.deepEqual(calls(theirs), [ids.lyonnais_own]);
		assert.ok(theirs.items.every((i) => i.recording || i.person?.email === people.limited.email));
		assert.deepEqual(new Set((await log(neighbour)).items.map((i) => i.person.email)),
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

	test("page after page, and as CSV that no spreadsheet calculates", async () => {
		await database.sql(`insert into audit (tenant_id, kind, person_id, detail)
			select (select id from tenant where key = 'alpha'), 'mode', (select id from person where email =
			'${people.colleague.email}'), jsonb_build_object('count', i) from generate_series(1, 120) i;
			update person set name = '=HYPERLINK("http://evil"); +1;-1' where email = '${people.colleague.email}'`);
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
			assert.equal(lines[0], mark + ["at", "kind", "person", "email", "recording", "detail"].join(comma));
			assert.match(lines[1].replaceAll(`"${comma}"`, "\",\""),
			    /^"20[^"]*Z","mode","'=HYPERLINK\(""http:\/\/evil""\);' \+1;'-1","colleague@alpha.test","","{""count"": 120}"$/);
		}
	});

	test("no number, name or word of a call is in it", async () => {
		const all = await database.sql("select string_agg(a::text, e'\\n') from audit a");
		assert.doesNotMatch(all, /13241088|facture|factu|Sophie|Martin|Résiliation/i);
	});

	test("who has heard a call is shown where the customer wants it", async () => {
		const detail = async () => (await client.get(`/api/v1/recordings/${ids.colleague_own}`)).json();
		assert.equal((await detail()).listeners, null);
		await database.sql("update tenant set show_listeners = true where key = 'alpha'", "deployer");
		assert.deepEqual((await detail()).listeners.map((l) => l.name), ["Sophie Martin"]);
		await database.sql(`insert into audit (tenant_id, kind, person_id, recording_id, detail)
			select a.tenant_id, 'export', p.id, a.recording_id, jsonb_build_object('content',
				case p.email when '${people.limited.email}' then 'both' else 'transcript' end)
			from audit a, person p where a.kind = 'listen' and a.recording_id = '${ids.colleague_own}'
			and p.email in ('${people.limited.email}', '${people.user.email}')`);
		assert.deepEqual((await detail()).listeners.map((l) => l.name), ["Sophie Martin", "Luc Perrin"]);
		assert.match((await client.get(`/console/recordings/${ids.colleague_own}`)).text,
		    /Écouté par<\/dt><dd><span class="pause">Sophie Martin, <time/);
	});
});

describe("the log itself", () => {
	let db;
	before(async () => {
		db = await freshDatabase();
		await makeWorld(db);
		for (let i = 1; i <= 12; i++) {
			await inScope(db, { tenant: 1, account: 1, person: 7 },
			    `select audit_record('search', detail => '{"results": ${i}}')`);
			if (i % 4 === 0)
				await seal();
		}
		await inScope(db, { tenant: 2, account: 3, person: 8 }, "select audit_record('delete')");
		await seal();
	});
	after(() => leave(db));

	const seal = () => ask(db, "smartrecord_jobs", file("jobs/audit_seal.sql").replace(/^--.*$/gm, ""));
	const verify = async (...args) => {
		const done = await db.command(["verify-audit", "alpha", ...args, "--json"], { check: false });
		const [log] = JSON.parse(done.stdout);
		assert.equal(done.status, log.problems.length > 0 ? 1 : 0);
		return log;
	};
	// Whoever owns the database does this, finds that, and it is undone.
	const finds = async (statement, expected, ...args) => {
		await db.sql(`create table kept as select * from audit; create table kept_batch as select * from audit_batch;
			${statement}`);
		try {
			assert.deepEqual((await verify(...args)).problems, expected);
		} finally {
			await db.sql(`delete from audit; delete from audit_batch;
				insert into audit overriding system value select * from kept;
				insert into audit_batch select * from kept_batch;
				drop table kept, kept_batch`);
		}
	};

	test("neither role can read, change or remove it", async () => {
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
	test("who did it is the request's person, without a customer nothing is written", async () => {
		await inScope(db, {}, "select audit_record('search')");
		const rows = await db.rows("select distinct tenant_id, person_id from audit order by 1");
		assert.deepEqual(rows, [{ tenant_id: 1, person_id: 7 }, { tenant_id: 2, person_id: 8 }]);
	});
	test("sealed in order, in batches of each customer", async () => {
		const log = await verify();
		assert.deepEqual([log.rows, log.batches, log.unsealed, log.problems], [12, 3, 0, []]);
		assert.match(log.head, /^3:[0-9a-f]{64}$/);
		assert.equal(await seal(), "0|0");
		const all = await db.command(["verify-audit"]);
		assert.match(all.stdout, /^alpha: 12 rows in 3 batches, 0 not sealed yet, head 3:\w{64}: intact\nbeta: 1 rows/);
	});
	test("a row that commits late is sealed all the same", async () => {
		await ask(db, "smartrecord_app", `begin; select set_config('app.tenant', '2', true);
			select audit_record('slow')`);
		await db.sql("insert into audit (tenant_id, kind) values (2, 'quick')");
		assert.equal(await seal(), "1|1");
		await ask(db, "smartrecord_app", "commit");
		assert.equal(await seal(), "1|1");
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
	test("two rows that changed places in the order they are read in", () => finds(`
		update audit set id = default where tenant_id = 1 and seq = 3`,
	    ["row 3 (batch 1): altered since it was sealed"]));
	test("a row slipped in", () => finds("insert into audit (tenant_id, kind, seq) values (1, 'x', 13)",
	    ["row 13: belongs to no batch"]));
	test("a row altered and its hash with it", () => finds(`update audit set person_id = 9 where tenant_id = 1 and seq = 6;
		update audit_batch b set leaves = overlay(leaves placing (select audit_leaf(a) from audit a
			where tenant_id = 1 and seq = 6) from 33) where tenant_id = 1 and number = 2`,
	    ["batch 2: the hashes of its rows were altered"]));
	test("and the batch's hash too: the next batch gives it away", () => finds(`
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
	test("rows said to be a year old before they are", () => finds(`delete from audit where tenant_id = 1 and seq <= 4;
		update audit_batch set leaves = null where tenant_id = 1 and number = 1`,
	    ["batch 1: its rows were removed before their year was over"]));
	test("the end cut off: a head kept elsewhere gives it away", async () => {
		const { head } = await verify();
		assert.deepEqual((await verify("--head", head)).problems, []);
		await finds(`delete from audit_batch where tenant_id = 1 and number = 3;
			delete from audit where tenant_id = 1 and seq > 8`,
		    [`batch 3: the hash recorded for it, ${head.slice(2)}, is not its own`], "--head", head);
	});
	test("a year later whole batches go, and the chain can still be followed", async () => {
		await db.sql(`update audit set at = at - interval '13 months' where seq <= 8;
			update audit_batch b set sealed_at = sealed_at - interval '13 months' where number <= 2 and tenant_id = 1`);
		// as if sealed then
		for (const number of [1, 2, 3])
			await db.sql(`update audit_batch b set leaves = (select string_agg(audit_leaf(a), '' order by seq) from audit a
					where a.tenant_id = 1 and seq between b.first_seq and b.first_seq + b.rows - 1)
				where tenant_id = 1 and number = ${number};
				update audit_batch set leaves_hash = sha256(leaves) where tenant_id = 1 and number = ${number};
				update audit_batch b set hash = audit_chain((select hash from audit_batch p where p.tenant_id = 1
					and p.number = b.number - 1), b) where tenant_id = 1 and number = ${number}`);
		assert.deepEqual((await verify()).problems, []);
		const purge = () => ask(db, "smartrecord_jobs", file("jobs/audit_purge.sql").replace(/^--.*$/gm, ""));
		// a clock that jumped is no year: there are calls, none of the last hour
		await db.sql(`insert into recording_source values (1, 'x', gen_random_uuid(), now() + interval '1 day');
			update purge_round set at = now() - interval '2 hours'`);
		assert.equal(await purge(), "0");
		await db.sql("select purge_trust()");
		assert.equal(await purge(), "8");
		assert.equal(await purge(), "0");
		const log = await verify();
		assert.deepEqual([log.rows, log.batches, log.problems], [4, 3, []]);
		await inScope(db, { tenant: 1, account: 1, person: 7 }, "select audit_record('search')");
		await seal();
		assert.deepEqual((await verify()).problems, []);
	});
});
