// The database stops and starts under the running server: which responses
// clients get, how soon, and that no restart is needed. Runs its own
// PostgreSQL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { freshDatabase, startCluster } from "../lib/pg.js";
import { binary, cleanEnvironment, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ask, leave } from "../lib/sql.js";

const list = "/api/v1/recordings?limit=5";
const workers = 2, connections = 4;
let cluster, database, server, client;

before(async () => {
	cluster = await startCluster();
	database = await freshDatabase({ fixtures: true, cluster });
	// PostgreSQL logs sequences 32 values ahead, but not those of a database
	// copied since the last checkpoint: a crash would give values twice
	await cluster.sql("postgres", "checkpoint");
	server = await startServer({ database, settings: { workers,
		database_connections: connections } });
	client = await server.client().signIn(people.supervisor.email);
});

after(async () => {
	client?.close();
	await server?.stop();
	await leave(database);
	cluster?.destroy();
});

// Checks that no process of the server has died.
afterEach(() => assert.doesNotMatch(server.log(), / fatal |event=worker_(died|restarted)/));

// Returns a response, and how many milliseconds it took.
async function timed(target, headers) {
	const start = Date.now();
	const answer = await client.get(target, headers);
	return { answer, took: Date.now() - start };
}

// Starts clients that request the list repeatedly; stop() returns the statuses.
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

test("database stopped: 503 soon, as page and as problem; started again: no restart needed", async () => {
	assert.equal((await client.get(list)).status, 200);
	await cluster.stop("immediate");

	const first = await timed(list);
	assert.equal(first.answer.status, 503);
	assert.ok(first.took < 2000, `${first.took} ms`);	// requests wait in the queue for two seconds at most
	// requests are refused at once as soon as none waits any more
	const atOnce = (target, headers) => until("a refusal at once", async () => {
		const { answer, took } = await timed(target, headers);
		assert.equal(answer.status, 503);
		return took < 500 && answer;
	});
	const problem = await atOnce(list);
	assert.match(problem.headers["content-type"], /^application\/problem\+json/);
	assert.ok(Number(problem.headers["retry-after"]) > 0);
	const page = await atOnce("/console/recordings", { accept: "text/html" });
	assert.match(page.headers["content-type"], /^text\/html/);
	assert.match(page.text, /<html/);

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
	// a client that retries at once may lose another connection
	assert.ok(failed <= killed, `${failed} failed, ${killed} connections lost`);
	t.diagnostic(`${ok} answers, ${failed} failed with ${killed} connections`);
	assert.ok(ok > 150);
	assert.ok(slowest < 10000, `${slowest} ms`);	// no request hangs
});

test("database restarted under load: each request gets a response, then 200 again", async (t) => {
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

test("a statement that takes too long: 503 after three seconds, then 200 again", async () => {
	await ask(database, "postgres", "begin; lock table recording");
	const slow = await timed(list);
	await ask(database, "postgres", "rollback");
	assert.equal(slow.answer.status, 503);
	assert.ok(slow.took > 2500, `${slow.took} ms`);
	for (let i = 0; i < 2 * workers * connections; i++)
		assert.equal((await client.get(list)).status, 200);
	assert.match(server.log(), /event=sql_error query=\S+ sqlstate=57014/);
});

test("jobs starts without the database and recovers when it is available", async () => {
	await cluster.stop("fast");
	const jobs = spawn(binary, ["jobs"], { stdio: ["ignore", "ignore", "pipe"],
		env: cleanEnvironment({ SMARTRECORD_CACHE_DIR: "/nonexistent",
			SMARTRECORD_STORE: database.settings.store,
			SMARTRECORD_DATABASE_JOBS: database.settings.database_jobs }) });
	let log = "";
	jobs.stderr.setEncoding("utf8").on("data", (s) => { log += s; });
	const ended = new Promise((resolve) => { jobs.on("close", resolve); });
	try {
		await until("its error in the log", () => /event=jobs_database/.test(log));
		await cluster.start();
		await until("its recovery", () => /event=jobs_recovered/.test(log));
	} finally {
		jobs.kill("SIGTERM");
	}
	assert.equal(await ended, 0);
});
