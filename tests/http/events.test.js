// GET /events: each arriving recording is announced once to the listeners
// that may see it, whatever happens to transactions, sessions, the database and
// the server. Runs its own PostgreSQL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:https";
import { after, afterEach, before, test } from "node:test";
import { document, loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase, startCluster } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const call = { ago: 1, mood: "neutral", subject: "Nouveau", words: ["Bonjour."], silent: true };
let cluster, database, server;

before(async () => {
	cluster = await startCluster();
	database = await freshDatabase({ fixtures: true, cluster });
	server = await startServer({ database, settings: { workers: 1, worker_streams: 12 } });
});

after(async () => {
	await server?.stop();
	cluster?.destroy();
});

// Open streams; closed after each test, also after a failed one.
const listening = new Set();
const leave = (...streams) => streams.forEach((s) => {
	s.close();
	s.client?.close();
	listening.delete(s);
});
afterEach(() => leave(...listening));

// Opens a stream. Returns its status and headers, its events so far, the number
// of its comments, and whether it has ended.
function listen(client, { query = "", headers = {}, from = server } = {}) {
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	return new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: from.port, ca: from.ca, agent: false,
		    path: `/api/v1/events${query}`, headers: { ...headers, cookie } }, (answer) => {
			const stream = { status: answer.statusCode, headers: answer.headers, events: [],
				comments: 0, ended: false, id: undefined, close: () => asked.destroy() };
			let text = "";
			answer.setEncoding("utf8").on("data", (s) => {
				text += s;
				const blocks = text.split("\n\n");
				text = blocks.pop();
				blocks.forEach((block) => take(stream, block));
			});
			answer.on("error", () => {});
			answer.on("close", () => {
				stream.ended = true;
				stream.complete = answer.complete;
				stream.rest = text;
			});
			listening.add(stream);
			resolve(stream);
		});
		asked.on("error", reject);
		asked.end();
	});
}

function take(stream, block) {
	const event = {};
	for (const line of block.split("\n")) {
		const [, name, value] = /^([a-z]*): ?(.*)$/.exec(line) ?? [null, "", ""];
		event[name] = value;
	}
	if ("" in event)
		stream.comments++;
	stream.id = event.id ?? stream.id;
	stream.retry ??= event.retry;
	if (event.data)
		stream.events.push({ name: event.event, ...JSON.parse(event.data) });
}

const told = (stream) => stream.events.filter((e) => e.name === "recordings");
const heard = async (stream, n, what) => {
	await until(what, () => told(stream).reduce((sum, e) => sum + e.count + e.completed, 0) >= n);
	return told(stream).flatMap((e) => e.ids).sort();
};

async function listener(who, options) {
	const client = await server.client().signIn(people[who].email);
	const stream = await listen(client, options);
	stream.client = client;
	assert.equal(stream.status, 200);
	await until("the stream to begin", () => stream.events.length > 0);
	return stream;
}

async function load(calls) {
	await loadCalls(database, calls);
	const ids = await recordingIds(database);
	return Object.fromEntries(Object.keys(calls).map((key) => [key, ids[key]]));
}

test("each listener is told of the calls that they may see, and of no others", async () => {
	const team = await listener("supervisor");
	const own = await listener("supervisor", { query: "?scope=own" });
	const limited = await listener("limited");
	const user = await listener("user");
	const neighbour = await listener("neighbour");
	const stranger = await listener("stranger");
	assert.equal(team.status, 200);
	assert.equal(team.headers["content-type"], "text/event-stream");
	assert.equal(team.headers["cache-control"], "no-store");
	assert.ok(team.retry >= 2000 && team.retry < 5000);
	assert.deepEqual(team.events, [{ name: "listening", missed: false }]);

	const first = await load({ ev_user: { ...call, account: "user" },
		ev_lyon: { ...call, account: "lyonnais" },
		ev_neighbour: { ...call, account: "neighbour" },
		ev_stranger: { ...call, account: "stranger" } });
	assert.deepEqual(await heard(team, 2, "the team's"), [first.ev_user, first.ev_lyon].sort());
	assert.deepEqual(await heard(user, 1, "one's own"), [first.ev_user]);
	assert.deepEqual(await heard(limited, 1, "a site's"), [first.ev_lyon]);
	assert.deepEqual(await heard(neighbour, 1, "another customer's"), [first.ev_neighbour]);
	assert.deepEqual(await heard(stranger, 1, "another operator's"), [first.ev_stranger]);
	// this event follows all earlier ones: none of them is still to come
	const mine = await load({ ev_own: { ...call, account: "supervisor" } });
	assert.deepEqual(await heard(own, 1, "the supervisor's own"), [mine.ev_own]);
	assert.deepEqual(await heard(team, 3, "the same to the team"),
	    [...Object.values(mine), first.ev_user, first.ev_lyon].sort());
	for (const one of [user, limited, neighbour, stranger])
		assert.equal(told(one).length, 1);
	leave(team, own, limited, user, neighbour, stranger);
});

test("scope=team without a team and an invalid since are refused before the stream begins", async () => {
	const client = await server.client().signIn(people.user.email);
	assert.equal((await listen(client, { query: "?scope=team" })).status, 403);
	assert.equal((await listen(client, { query: "?since=demain" })).status, 400);
	client.close();
});

test("a call whose analysis arrives later gets a second event, as completed", async () => {
	const user = await listener("user");
	const later = { ...call, account: "user", started: Date.now() };
	const now = Date.now();
	const send = (doc) => database.sql(`select pipeline.ingest($doc$${JSON.stringify(doc)}$doc$)`,
	    "pipeline");
	await send({ ...document("ev_later", { ...later, pending: true }, now), audio: null });
	await heard(user, 1, "the call");
	await send({ ...document("ev_later", later, now), audio: null });
	await heard(user, 2, "its analysis");
	const { ev_later: id } = await recordingIds(database);
	assert.deepEqual(told(user), [{ name: "recordings", count: 1, completed: 0, ids: [id] },
		{ name: "recordings", count: 0, completed: 1, ids: [id] }]);
	leave(user);
});

test("after a reconnection the listener is told of the calls that arrived meanwhile, once", async () => {
	const one = await listener("user");
	const a = await load({ ev_a: { ...call, account: "user" } });
	await heard(one, 1, "the first");
	const id = one.id;
	leave(one);
	const b = await load({ ev_b: { ...call, account: "user" }, ev_b_lyon: { ...call, account: "lyonnais" } });
	const again = await listener("user", { headers: { "last-event-id": id } });
	assert.deepEqual(await heard(again, 1, "what came meanwhile"), [b.ev_b]);
	assert.notEqual(a.ev_a, b.ev_b);
	leave(again);
	const third = await listener("user", { headers: { "last-event-id": again.id } });
	const c = await load({ ev_c: { ...call, account: "user" } });
	assert.deepEqual(await heard(third, 1, "only the newest"), [c.ev_c]);
	leave(third);
	// since accepts the as_of of a list; after an unknown id, missed is true
	const client = await server.client().signIn(people.user.email);
	const { as_of } = (await client.get("/api/v1/recordings")).json();
	const d = await load({ ev_d: { ...call, account: "user" } });
	const since = await listener("user", { query: `?since=${encodeURIComponent(as_of)}` });
	assert.deepEqual(await heard(since, 1, "what the list lacks"), [d.ev_d]);
	for (const old of ["x", "1:2:", "2020-01-01T00:00:00Z", "' or 1"]) {
		const lost = await listener("user", { headers: { "last-event-id": old } });
		assert.deepEqual(lost.events, [{ name: "listening", missed: true }]);
		leave(lost);
	}
	leave(since);
	// calls that are gone since then are not announced
	const e = await load({ ev_e: { ...call, account: "user" }, ev_f: { ...call, account: "user" } });
	const supervisor = await server.client().signIn(people.supervisor.email);
	assert.equal((await supervisor.send("POST", "/api/v1/deletions",
	    { json: { select: { ids: [d.ev_d] }, expect: 1 } })).status, 200);
	await database.sql(`with d as (insert into deletion (tenant_id, id, person_id, account_id, total)
			select tenant_id, gen_random_uuid(), 1, 1, 1 from recording_source where recording_id = '${c.ev_c}'
			returning *) insert into recording_gone select tenant_id, '${c.ev_c}', id from d;
		update recording_source set expires_at = now() where recording_id = '${e.ev_e}'`);
	const last = await listener("user", { headers: { "last-event-id": id } });
	assert.deepEqual(await heard(last, 2, "what is still there"), [b.ev_b, e.ev_f].sort());
	supervisor.close();
	client.close();
	leave(last);
});

// Starts a psql that keeps its transaction open.
function session(role) {
	const child = spawn("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d",
	    cluster.conninfo(database.name, role)], { stdio: ["pipe", "pipe", "inherit"] });
	let out = "";
	child.stdout.setEncoding("utf8").on("data", (s) => { out += s; });
	return { async ask(text) {
		const before = out.length;
		child.stdin.write(`${text};\n\\echo done\n`);
		await until("psql", () => out.slice(before).endsWith("done\n"));
		return out.slice(before, -5).trim();
	}, end: () => child.stdin.end() };
}

const ingest = (key, account) => `select pipeline.ingest($doc$${JSON.stringify(
    { ...document(key, { ...call, account }), audio: null })}$doc$) ->> 'id'`;

test("the call of a transaction that began first and ends last is neither missed nor announced twice", async () => {
	const user = await listener("user"), neighbour = await listener("neighbour");
	const client = await server.client().signIn(people.user.email);
	const listed = async (since) => (await client.get(
	    `/api/v1/recordings?since=${since}`)).json();
	const slow = session("pipeline");
	await slow.ask("begin");
	const late = await slow.ask(ingest("ev_slow", "user"));
	const early = await database.sql(ingest("ev_fast", "user"), "pipeline");
	const between = (await client.get("/api/v1/recordings")).json();
	assert.ok(between.items.some((i) => i.id === early));
	assert.ok(!between.items.some((i) => i.id === late));
	// another customer's listener does not wait for it
	const other = await database.sql(ingest("ev_slow_other", "neighbour"), "pipeline");
	assert.deepEqual(await heard(neighbour, 1, "the neighbour's"), [other]);
	await slow.ask("commit");
	slow.end();
	assert.deepEqual(await heard(user, 2, "both"), [early, late].sort());
	const missed = await listed(between.as_of);
	assert.ok(missed.items.some((i) => i.id === late));
	assert.equal(missed.total, missed.items.length);
	// all calls are listed by now: nothing is left
	const rest = await listed(missed.as_of);
	assert.deepEqual([rest.items, rest.total, rest.counts], [[], 0, null]);
	const next = await load({ ev_next: { ...call, account: "user" } });
	assert.deepEqual(await heard(user, 3, "the next"), [early, late, next.ev_next].sort());
	const fresh = await listed(missed.as_of);
	assert.deepEqual(fresh.items.map((i) => i.id), [next.ev_next]);
	assert.deepEqual([fresh.total, fresh.counts], [1, null]);
	assert.match(fresh.as_of, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
	client.close();
	leave(user, neighbour);
});

test("a delivery that is rolled back delays nothing and is not announced", async () => {
	const user = await listener("user");
	const undone = session("pipeline");
	await undone.ask("begin");
	await undone.ask(ingest("ev_undone", "user"));
	await undone.ask("rollback");
	undone.end();
	const { ev_done } = await load({ ev_done: { ...call, account: "user" } });
	assert.deepEqual(await heard(user, 1, "the one that stays"), [ev_done]);
	leave(user);
});

test("the stream ends when the session ends, the person is disabled, or the right is withdrawn or narrowed", async (t) => {
	const supervisor = `(select id from account where email = '${people.supervisor.email}')`;
	t.after(() => database.sql(`update person set disabled_at = null where email = '${people.colleague.email}';
		update profile set kind = 'supervisor', site_ids = null where account_id = ${supervisor}`));
	const ended = (stream) => until("the stream to end", () => stream.ended);
	const gone = await listener("user"), stays = await listener("user");
	assert.equal((await gone.client.send("DELETE", "/api/v1/session")).status, 204);
	await ended(gone);
	assert.ok(gone.complete);
	assert.ok(!stays.ended);
	const disabled = await listener("colleague");
	await database.sql(`update person set disabled_at = now() where email = '${people.colleague.email}'`);
	await ended(disabled);
	const team = await listener("supervisor");
	const own = await listener("supervisor", { query: "?scope=own" });
	const become = (kind) => database.sql(`update profile set kind = '${kind}' where account_id = ${supervisor}`);
	await become("administrator");
	await ended(team);
	// a right gained ends the session, a right withdrawn does not
	assert.equal((await listen(team.client, { query: "?scope=team" })).status, 401);
	await become("supervisor");
	const narrowed = await listener("supervisor");
	await database.sql(`update profile set site_ids = (select array_agg(id) from site where key = 'lyon')
		where account_id = ${supervisor}`);
	await ended(narrowed);
	assert.ok(!own.ended);
});

test("listening does not keep a session alive", async () => {
	const idle = await listener("user");
	await database.sql(`update session set last_seen_at = now() - interval '31 minutes'
		where person_id = (select id from person where email = '${people.user.email}')`);
	await until("the stream to end", () => idle.ended);
	assert.equal((await listen(idle.client)).status, 401);
	leave(idle);
});

test("a session may open four streams; a worker's number of streams is limited", async () => {
	const [one, other, third, last] = await Promise.all([1, 2, 3, 4].map(() =>
		server.client().signIn(people.user.email)));
	// streams that were closed may not have ended yet
	const four = (client) => until("four streams to open", async () => {
		const streams = await Promise.all([1, 2, 3, 4].map(() => listen(client)));
		if (streams.every((s) => s.status === 200))
			return streams;
		leave(...streams);
	});
	const answered = (client, status) => until(`an answer of ${status}`, async () => {
		const stream = await listen(client);
		leave(stream);
		return stream.status === status && stream;
	});
	const refused = async (client, status) => assert.ok(
	    Number((await answered(client, status)).headers["retry-after"]) > 0);
	const taken = [...await four(one), ...await four(other)];
	await refused(one, 429);
	taken.push(...await four(third));
	await refused(last, 429);
	leave(taken[0]);
	await answered(one, 200);
	leave(...taken);
	leave(...await four(last));
	[one, other, third, last].forEach((client) => client.close());
});

test("the stream outlasts a restart of the database and misses nothing", async (t) => {
	const user = await listener("user");
	t.after(() => cluster.start().catch(() => {}));		// if the test fails before that
	await cluster.stop();	// a clean shutdown, so that the session is on disk
	await until("the pool to notice", () => server.log().includes("event=db_down"));
	await cluster.start();
	const { ev_after } = await load({ ev_after: { ...call, account: "user" } });
	assert.deepEqual(await heard(user, 1, "what came then"), [ev_after]);
	assert.ok(!user.ended);
	leave(user);
});

test("a quiet stream is kept alive by comments", async () => {
	const user = await listener("user");
	await until("a comment", () => user.comments > 0, 30000);
	assert.ok(!user.ended);
	leave(user);
});

test("a server that stops ends its streams completely", async () => {
	const other = await startServer({ database, settings: { workers: 2 } });
	const client = await other.client().signIn(people.user.email);
	const streams = await Promise.all([1, 2, 3, 4].map(() => listen(client, { from: other })));
	assert.ok(streams.every((s) => s.status === 200));
	client.close();
	await other.stop();
	await until("the streams to end", () => streams.every((s) => s.ended));
	assert.ok(streams.every((s) => s.complete && s.rest === ""));
});
