// The database goes and comes back under the running server: who is told
// what, how soon, and that nothing needs a restart. A cluster of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { freshDatabase, startCluster } from "../lib/pg.js";
import { binary, cleanEnvironment, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const list = "/api/v1/recordings?limit=5";
const workers = 2, connections = 4;
let cluster, database, server, client;

before(async () => {
	cluster = await startCluster();
	database = await freshDatabase({ fixtures: true, cluster });
	server = await startServer({ database, settings: { workers,
		database_connections: connections } });
	client = await server.client().signIn(people.supervisor.email);
});

after(async () => {
	client?.close();
	await server?.stop();
	cluster?.destroy();
});

// No process of the server may have died of it.
afterEach(() => assert.doesNotMatch(server.log(), /fatal|restarting worker/));

// An answer and how many milliseconds it took.
async function timed(target, headers) {
	const start = Date.now();
	const answer = await client.get(target, headers);
	return { answer, took: Date.now() - start };
}

// Clients that ask for the list again and again; stop() gives the statuses.
async function load(n) {
	const seen = { 200: 0 };
	let going = true, slowest = 0;
	const clients = await Promise.all(Array.from({ length: n }, () =>
		server.client().signIn(people.supervisor.email)));
	const done = clients.map(async (one) => {
		while (going) {
			const start = Date.now();
			const { status } = await one.get(list);
			seen[status] = (seen[status] ?? 0) + 1;
			slowest = Math.max(slowest, Date.now() - start);
		}
		one.close();
	});
	return { seen, async stop() {
		going = false;
		await Promise.all(done);
		return { seen, slowest };
	} };
}

const backends = "from pg_stat_activity where usename = 'smartrecord_app'";

test("database stopped: 503 within a second, as page and as problem; back: no restart", async () => {
	assert.equal((await client.get(list)).status, 200);
	await cluster.stop("immediate");

	const first = await timed(list);
	assert.equal(first.answer.status, 503);
	assert.ok(first.took < 1000, `${first.took} ms`);
	await new Promise((resolve) => setTimeout(resolve, 1000));	// the outage's grace is over

	const problem = await timed(list);
	assert.equal(problem.answer.status, 503);
	assert.match(problem.answer.headers["content-type"], /^application\/problem\+json/);
	assert.ok(Number(problem.answer.headers["retry-after"]) > 0);
	assert.ok(problem.took < 500, `${problem.took} ms`);

	const page = await timed("/console/recordings", { accept: "text/html" });
	assert.equal(page.answer.status, 503);
	assert.match(page.answer.headers["content-type"], /^text\/html/);
	assert.match(page.answer.text, /<html/);
	assert.ok(page.took < 500, `${page.took} ms`);

	assert.equal((await client.get("/readyz")).status, 503);
	assert.equal((await client.get("/healthz")).status, 200);

	await cluster.start();
	const start = Date.now();
	await until("the list again", async () => (await client.get(list)).status === 200, 5000);
	assert.ok(Date.now() - start < 5000);
	await until("readiness again", async () => (await client.get("/readyz")).status === 200, 5000);
});

test("connections lost under load: at most those in flight fail", async (t) => {
	const running = await load(6);
	let killed = 0;
	for (let round = 0; round < 3; round++) {
		const enough = running.seen[200] + 50;
		await until("some answers", () => running.seen[200] >= enough);
		killed += Number(await database.sql(
		    `select count(pg_terminate_backend(pid)) ${backends}`));
	}
	const enough = running.seen[200] + 50;
	await until("more answers", () => running.seen[200] >= enough);
	const { seen, slowest } = await running.stop();
	const { 200: ok, 503: failed = 0, ...others } = seen;
	assert.deepEqual(others, {});
	assert.ok(killed > 0);
	// whoever asks again at once may meet another connection's end
	assert.ok(failed <= killed, `${failed} failed, ${killed} connections lost`);
	t.diagnostic(`${ok} answers, ${failed} failed with ${killed} connections`);
	assert.ok(ok > 150);
	assert.ok(slowest < 10000, `${slowest} ms`);	// nobody is left hanging
});

test("database restarted under load: an answer to each request, then all as before", async (t) => {
	const running = await load(6);
	await until("some answers", () => running.seen[200] >= 50);
	await cluster.stop("fast");
	await cluster.start();
	const enough = running.seen[200] + 100;
	await until("answers again", () => running.seen[200] >= enough);
	const { seen, slowest } = await running.stop();
	const { 200: ok, 503: failed = 0, ...others } = seen;
	t.diagnostic(`${ok} answers, ${failed} failed during a restart`);
	assert.deepEqual(others, {});
	assert.ok(slowest < 2500, `${slowest} ms`);
	for (let i = 0; i < 20; i++)
		assert.equal((await client.get(list)).status, 200);
	assert.equal(await database.sql(
	    `select count(*) ${backends} and state like 'idle in transaction%'`), "0");
	assert.ok(Number(await database.sql(`select count(*) ${backends}`)) <=
	    workers * connections);
});

test("a statement that takes too long: 503 after three seconds, then all as before", async () => {
	const lock = database.sql("begin; lock table recording; select pg_sleep(4); commit");
	await until("the lock", async () => await database.sql(
	    "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted " +
	    "and relation = 'recording'::regclass") === "1");
	const slow = await timed(list);
	assert.equal(slow.answer.status, 503);
	assert.ok(slow.took > 2500 && slow.took < 4500, `${slow.took} ms`);
	await lock;
	for (let i = 0; i < 2 * workers * connections; i++)
		assert.equal((await client.get(list)).status, 200);
	assert.match(server.log(), /event=sql_error query=\S+ sqlstate=57014/);
});

test("jobs starts without the database and goes on when it is there", async () => {
	await cluster.stop("fast");
	const jobs = spawn(binary, ["jobs"], { stdio: ["ignore", "ignore", "pipe"],
		env: cleanEnvironment({ SMARTRECORD_CACHE_DIR: "/nonexistent",
			SMARTRECORD_DATABASE_JOBS: database.settings.database_jobs }) });
	let log = "";
	jobs.stderr.setEncoding("utf8").on("data", (s) => { log += s; });
	const ended = new Promise((resolve) => { jobs.on("close", resolve); });
	try {
		await until("its complaint", () => /event=jobs_database/.test(log));
		await cluster.start();
		await until("its recovery", () => /event=jobs_recovered/.test(log));
	} finally {
		jobs.kill("SIGTERM");
	}
	assert.equal(await ended, 0);
});
