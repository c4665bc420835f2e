// Attacks through the real server: other people's calls by forged
// parameters, injection of markup and headers, expensive requests, clients
// that disconnect at the worst moment, direct use of the database's roles.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open } from "../lib/client.js";
import { loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
import { until } from "../lib/process.js";
import { functions } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { ask, leave } from "../lib/sql.js";

const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{{person.email}}}\u202e`;

let server, ids, others, user, limited, supervisor;
before(async () => {
	server = await startServer();
	await loadCalls(server.database, {
		hostile: { account: "user", ago: 2, mood: "angry", subject: `Sujet ${hostile}`,
		    summary: `Résumé ${hostile}`, words: [`piège ${hostile}`, hostile],
		    caller: { kind: "identity", value: `x${hostile}`, name: `=HYPERLINK ${hostile}` } } });
	ids = await recordingIds(server.database);
	[others] = await server.database.rows(`select a.public_id as account, s.public_id as site
		from account a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
		where a.key = 'colleague'`);
	[user, limited, supervisor] = await Promise.all(["user", "limited", "supervisor"]
	    .map((who) => server.client().signIn(people[who].email)));
});
after(async () => {
	for (const client of [user, limited, supervisor])
		client?.close();
	await server?.stop();
	await leave(server?.database);
});

// Ingests a call with many utterances, directly through pipeline.ingest().
async function longCall(database, key, utterances, words) {
	await database.sql(`select pipeline.ingest(jsonb_build_object('tenant', 'alpha',
	    'source_id', '${key}', 'account', 'user', 'direction', 'inbound', 'mode', 'always',
	    'language', 'fr', 'caller', '{"kind": "withheld"}'::jsonb,
	    'callee', '{"kind": "short", "value": "3900"}'::jsonb,
	    'started_at', '${new Date(Date.now() - 3600e3).toISOString()}',
	    'duration_ms', ${utterances * 1000}, 'pauses', '[]'::jsonb, 'audio', null,
	    'analysis', jsonb_build_object('mood', 'neutral', 'subject', 'Long', 'summary', 'Long',
	    'utterances', (select jsonb_agg(jsonb_build_object('start_ms', i * 1000,
	    'end_ms', i * 1000 + 900, 'speaker', 'caller', 'text', ${words}) order by i)
	    from generate_series(0, ${utterances - 1}) i))))`);
	return (await recordingIds(database))[key];
}

describe("access to calls of other people", () => {
	test("no spelling of the parameter scope widens the scope", async () => {
		for (const query of ["scope=own&scope=team", "scope[]=team", "Scope=team", "team=all",
			`account=${others.account}`, `site=${others.site}`, "app.team=all"]) {
			const answer = await user.get(`/api/v1/recordings?limit=100&${query}`);
			assert.equal(answer.status, 200, query);
			for (const item of answer.json().items)
				assert.equal(item.account.name, people.user.name.join(" "), query);
			assert.deepEqual(answer.json().accounts, []);
		}
		for (const internal of ["account=1", "site=2"])
			assert.equal((await user.get(`/api/v1/recordings?${internal}`)).status, 400);
		assert.equal((await user.get("/api/v1/recordings?scope=team")).status, 403);
		assert.equal((await user.get("/api/v1/recordings?scope=all")).status, 400);
	});

	test("a site's supervisor gets no sites, accounts or counts of other sites", async () => {
		const said = (await limited.get("/api/v1/recordings?scope=team")).json();
		assert.deepEqual(said.sites.map((s) => s.name), ["Lyon"]);
		assert.deepEqual(said.accounts.map((a) => a.name), [people.lyonnais.name.join(" ")]);
		assert.equal(said.counts, null, "one account: moods would be those of a person");
		for (const query of [`site=${others.site}`, `account=${others.account}`, "q=facture", "q=secret",
			`number=0613241088&site=${others.site}`]) {
			const other = (await limited.get(`/api/v1/recordings?${query}`)).json();
			assert.deepEqual([other.total, other.counts ?? {}], [0, {}], query);
		}
	});

	test("HEAD of a call out of reach responds 404, as GET does", async () => {
		for (const call of ["colleague_own", "neighbour_own", "stranger_own"])
			for (const path of ["/api/v1", "/board"])
				for (const end of ["", "/audio.mp3"])
					assert.equal((await user.send("HEAD",
					    `${path}/recordings/${ids[call]}${end}`)).status, 404);
	});
});

describe("injection of markup, headers and redirects", () => {
	for (const path of ["/board/recordings", `/board/recordings?q=${encodeURIComponent("piège")}`, null])
		test(`spoken or written markup stays text: ${path ?? "the call"}`, async () => {
			const page = await user.get(path ?? `/board/recordings/${ids.hostile}?q=${encodeURIComponent(hostile)}`);
			assert.equal(page.status, 200);
			assert.ok(page.text.includes("&lt;script&gt;alert(1)"));
			assert.ok(!/<script>|<img/.test(page.text));
			assert.ok(page.text.includes("{{{person.email}}}"));
		});

	test("line breaks in queries and paths add no response header", async () => {
		for (const target of ["/board/recordings?q=%0d%0aset-cookie:a=b", "/board/recordings/?q=%0d%0ax:y",
			"/board/sign-in?to=/board/%0d%0ax:y", "/console/%0d%0ax:y"]) {
			const answer = await user.get(target);
			assert.ok(!("x" in answer.headers), target);
			assert.ok(!(answer.headers["set-cookie"] ?? []).some((c) => c.startsWith("a=")), target);
		}
	});

	test("redirects stay on the board, whatever the field to holds", async () => {
		for (const to of ["//evil.test", "/\\evil.test", "/board//evil.test", "/board/..//evil.test",
			"/board\t//evil.test", "https://evil.test/board", "/boardx", "/board/session/end"]) {
			const answer = await user.post("/board/language", { fields: { lang: "fr", to } });
			assert.deepEqual([answer.status, answer.headers.location], [303, "/board/recordings"], to);
		}
	});
});

describe("cross-site writes", () => {
	const form = { email: people.user.email, password };
	for (const [what, headers] of [
		["another origin", { origin: "https://evil.test" }],
		["the same host over http", { origin: "http://localhost" }],
		["no origin at all (null)", { origin: "null" }],
		["a sibling host", { "sec-fetch-site": "same-site" }],
		["a host that only starts like ours", { origin: "https://localhost.evil.test" }],
	])
		test(`sign-in, language and sign-out refuse ${what}`, async () => {
			const client = server.client();
			for (const [path, fields] of [["/board/session", form], ["/board/language", { lang: "en" }]]) {
				const answer = await client.post(path, { fields, headers });
				assert.equal(answer.status, 403, path);
				assert.equal(answer.headers["set-cookie"], undefined);
			}
			assert.equal((await user.post("/board/session/end", { fields: {}, headers })).status, 403);
			client.close();
		});
});

describe("invalid requests", () => {
	test("every value of every filter gets 200 or 400", async () => {
		for (const query of ["limit=101", "limit=-1", "limit=1e9", "site=2147483647", "site=99999999999999999999",
			"after=00000000-0000-0000-0000-000000000000", "after=ffffffff-ffff-ffff-ffff-ffffffffffff",
			"from=0000-01-01", "from=9999-12-31", "to=9999-12-31T23:59:59Z", "from=0001-01-01T00:00:00%2B14:00",
			"mood=angry'--", "min_ms=99999999999", `q=${"%22".repeat(200)}`, `q=${"-".repeat(199)}a`,
			`q=${encodeURIComponent("(a|b)&c:*'\\ !<->%_".repeat(11))}`, `q=${encodeURIComponent("\ufdfa".repeat(200))}`,
			`q=${encodeURIComponent("\uffff\u{10ffff}")}`, "q=%ff", `number=${"%25".repeat(64)}`,
			"site=1&".repeat(200), "q=a&q=b", "q"]) {
			const { status } = await supervisor.get(`/api/v1/recordings?${query}`);
			assert.ok(status === 200 || status === 400, `${status} ${query.slice(0, 60)}`);
		}
	});

	test("very deep, very wide and malformed JSON bodies get 400", async () => {
		const client = server.client();
		for (const body of ["[".repeat(65000), `${"{\"a\":".repeat(10000)}1`, `{"email":${"9".repeat(60000)}}`,
			"{\"email\":\"\\u0000\"}", "{\"email\":\"\\ud800\"}", `{${Array.from({ length: 6000 },
			    (_, i) => `"${i}":0`).join()}}`]) {
			const answer = await client.post("/api/v1/session", { body, headers: { "content-type": "application/json" } });
			assert.equal(answer.status, 400, body.slice(0, 20));
		}
		client.close();
	});

	test("extreme byte ranges", async () => {
		const target = `/board/recordings/${ids.user_own}/audio.mp3`;
		const { body: whole } = await user.get(target);
		const said = { 200: undefined, 206: `bytes 0-${whole.length - 1}/${whole.length}`,
			416: `bytes */${whole.length}` };
		for (const [range, status] of [
			["bytes=-0", 416],
			["bytes=99999999999999999999-", 416],
			["bytes=9223372036854775807-9223372036854775807", 416],
			["bytes=9223372036854775808-9223372036854775809", 416],
			["bytes=0-99999999999999999999", 206],
			["bytes=0-9223372036854775808", 206],
			["bytes=-99999999999999999999", 206],
			[`bytes=${"0-0,".repeat(300)}0-0`, 200],
			["bytes=--1", 200],
		]) {
			const answer = await user.get(target, { range });
			assert.equal(answer.status, status, range.slice(0, 60));
			assert.equal(answer.headers["content-range"], said[status], range.slice(0, 60));
			assert.equal(answer.body.equals(whole), status !== 416, range.slice(0, 60));
		}
	});
});

describe("direct use of the database roles", () => {
	const as = (role, text) => server.database.cluster.sql(server.database.name, text, role);

	test("the application role without a context sees no rows", async () => {
		for (const table of ["recording", "utterance", "site", "account", "tenant"])
			assert.equal(await as("smartrecord_app", `select count(*) from ${table}`), "0");
		assert.equal(await as("smartrecord_app", "select recordings_search('{}') -> 'total'"), "0");
		assert.equal(await as("smartrecord_app", "set app.tenant = 1; set app.team = '{}';"
		    + "select recordings_search('{}') -> 'total'"), "0");
	});

	test("each role is denied what it must not do", async () => {
		for (const [role, text] of [
			["smartrecord_app", "select password_hash from person"],
			["smartrecord_app", "select * from session"],
			["smartrecord_app", "select * from operator"],
			["smartrecord_app", "delete from recording"],
			["smartrecord_app", "select * from recording_" + new Date().toISOString().slice(0, 10).replaceAll("-", "")],
			["smartrecord_app", "select search_read('a', false)"],
			["smartrecord_app", "create table public.x ()"],
			["smartrecord_jobs", "select * from recording"],
			["smartrecord_jobs", "select recordings_search('{}')"],
			["smartrecord_jobs", "select * from person"],
			["pipeline", "select * from public.recording"],
			["pipeline", `select ${functions()}.tenant_by_key('alpha')`],
			["pipeline", `select ${functions()}.session_create(1, '', '', '', '', '', '')`],
		])
			await assert.rejects(as(role, text), /permission denied/, `${role}: ${text}`);
	});

	test("PUBLIC may execute none of our functions", async () => {
		assert.equal(await server.database.sql(`select string_agg(p.proname, ',') from pg_proc p
		    where p.pronamespace::regnamespace::text in ('public', 'pipeline', '${functions()}')
		    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
		    and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))`), "");
	});
});

describe("clients that disconnect", () => {
	// Sends each request on a connection of its own. answered() returns how many
	// have received at least the beginning of a response; leave() disconnects all.
	async function send(to, requests) {
		const sockets = await Promise.all(requests.map(() => open(to)));
		const heard = new Set();
		sockets.forEach((socket, i) => {
			socket.on("error", () => {}).on("data", () => heard.add(socket));
			socket.write(requests[i]);
		});
		return { answered: () => heard.size, leave: () => sockets.forEach((socket) => socket.destroy()) };
	}

	test("a wrong password counts although its client disconnected", async () => {
		const json = (who) => ({ email: who.email, password: "a guess and gone" });
		const guesses = Object.values(people).map((who) => JSON.stringify(json(who))).map((body) =>
			"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
			    + `Content-Length: ${body.length}\r\n\r\n${body}`);
		const { database } = server;
		const count = async () => Number(await ask(database, "postgres", "select count(*) from sign_in_failure"));
		// a worker checks one password at a time: most still wait when all are counted
		await until("less than half of the guesses to be answered", async () => {
			await ask(database, "postgres", "delete from sign_in_failure");
			const sent = await send(server, guesses);
			await until("all of them to be counted", async () => await count() === guesses.length);
			const answered = sent.answered();
			sent.leave();
			return answered < guesses.length / 2;
		});
		const client = server.client();
		assert.equal((await client.post("/api/v1/session", { json: json(people.user) })).status, 401);
		client.close();
		assert.equal(await count(), guesses.length + 1);
	});

	// The sanitizer build reports a use after free when the server stops.
	test("clients disconnect while a big page is made for them", async () => {
		const own = await startServer({ settings: { workers: 1, worker_threads: 1 } });
		const sql = (text) => ask(own.database, "postgres", text);
		try {
			const id = await longCall(own.database, "long", 3000, "'bonjour ' || i");
			const client = await own.client().signIn(people.user.email);
			const cookie = [...client.cookies].map((c) => c.join("=")).join("; ");
			const target = `/board/recordings/${id}?q=bonjour`;
			const requests = Array(8).fill(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`);
			const { text: page } = await client.get(target);
			assert.ok(page.length > 500000 && page.includes(" 2999"), `${page.length} bytes`);
			const processes = own.processes();
			// disconnect while the query runs
			await sql("begin; lock table utterance in access exclusive mode");
			const early = await send(own, requests);
			await until("a query to wait", async () => await sql(`select count(*) > 0 from pg_locks
				where relation = 'utterance'::regclass and not granted`) === "t");
			early.leave();
			await sql("commit");
			// disconnect while the pages are made, one after the other
			for (const n of [1, 2, 4, 7]) {
				const late = await send(own, requests);
				await until(`${n} of them to be answered`, () => late.answered() >= n);
				late.leave();
			}
			// the same worker makes this one after all of them
			assert.ok((await client.get(target)).text === page);
			assert.deepEqual(own.processes(), processes);
			client.close();
		} finally {
			await own.stop();
			await leave(own.database);
		}
	});
});

describe("expensive searches", () => {
	test("two words that are never said together, in sixty long calls", async () => {
		const id = await longCall(server.database, "hour", 500, "case when i % 2 = 0 then "
		    + "'oui alors le numéro du dossier ' else 'demain matin donc le compte ' end || i % 50");
		await server.database.sql(`with copies as (
			select r, uuid7_new(r.started_at) as id from recording r, generate_series(1, 60)
			where r.id = '${id}'
		), calls as (
			insert into recording select (jsonb_populate_record(r, jsonb_build_object('id', id))).*
			from copies
		)
		insert into utterance select (jsonb_populate_record(u, jsonb_build_object('id', c.id))).*
		from copies c, utterance u where u.id = '${id}'`);
		const answer = await supervisor.get("/api/v1/recordings?q=dossier+demain");
		assert.equal(answer.status, 200);
		assert.equal(answer.json().items.length, 50);
	});
});
