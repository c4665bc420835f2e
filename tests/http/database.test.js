// PostgreSQL as it is installed: a host that does not answer, a pooler, limits,
// locks that others hold. All other tests connect over TCP with TLS as well.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { freePort, freshDatabase, functions } from "../lib/pg.js";
import { atEnd, binary, cleanEnvironment, until, userIds } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { leave, session } from "../lib/sql.js";

const list = "/api/v1/recordings?limit=5";
const app = "from pg_stat_activity where usename = 'smartrecord_app' and datname = current_database()";
let database;
const servers = [];
before(async () => {
	database = await freshDatabase({ fixtures: true });
});
after(async () => {
	for (const server of servers)
		await server.stop();
	await leave(database);
});

async function start(settings) {
	const server = await startServer({ database, settings });
	servers.push(server);
	return server;
}

async function signedIn(server, who = "supervisor") {
	const client = await server.client().signIn(people[who].email);
	after(() => client.close());
	return client;
}

test("a host that accepts and never answers: the next one is used", async (t) => {
	const silent = createServer(() => {}).listen(0, "127.0.0.1");
	await new Promise((resolve) => silent.on("listening", resolve));
	t.after(() => silent.close());
	const first = (conninfo) => conninfo.replace("port=1,", `port=${silent.address().port},`);
	const client = await signedIn(await start({ database: first(database.settings.database) }));
	assert.equal((await client.get(list)).status, 200);
	const { stdout } = await database.command(["site", "list", "alpha"],
	    { settings: { database_admin: first(database.settings.database_admin) } });
	assert.match(stdout, /paris/);
});

test("the operator's own options reach the session", async () => {
	const anywhere = database.settings.database.replace("target_session_attrs=read-write", "");
	const server = await start({ database: `${anywhere} options='-c default_transaction_read_only=on'` });
	const client = server.client();
	after(() => client.close());
	const answer = await client.post("/api/v1/session",
	    { json: { email: people.user.email, password: "wrong" } });
	assert.equal(answer.status, 500);	// counting the attempt is a write
});

test("the limit of a query is a setting", async () => {
	const [short, long] = await Promise.all([100, 60000].map((ms) => start({ database_timeout_ms: ms }).then(signedIn)));
	const other = session(database, "postgres");
	await other.ask("begin; lock table recording");
	const answers = [];
	const waiting = long.get(list).then(({ status }) => answers.push(status));
	answers.push((await short.get(list)).status);
	await other.ask("commit");
	await waiting;
	assert.deepEqual(answers, [503, 200]);
});

test("a budget of connections is shared by the workers of all nodes", async () => {
	const before = Number(await database.sql(`select count(*) ${app}`));
	await start({ database_budget: 11, nodes: 2, workers: 2 });
	await until("all connections", async () => Number(await database.sql(`select count(*) ${app}`)) === before + 4);
	const refused = await database.command(["serve"], { check: false,
		settings: { database_budget: 3, nodes: 2, workers: 2 } });
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, /database_budget: 3 connections are fewer than one for each of 2 workers on 2 nodes/);
	const neither = await database.command(["serve"], { check: false, settings: { database_prepared: "maybe" } });
	assert.deepEqual([neither.status, neither.stderr],
	    [1, "smartrecord serve: database_prepared: \"maybe\" is neither yes nor no\n"]);
});

// Starts pgbouncer in transaction mode: three connections for all its clients.
async function startPooler(t) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	chmodSync(folder, 0o755);	// pgbouncer does not run as root
	const port = await freePort();
	const file = path.join(folder, "pgbouncer.ini");
	const { cluster } = database;
	writeFileSync(path.join(folder, "users"), ["smartrecord_app", "smartrecord_jobs"]
	    .map((role) => `"${role}" ""\n`).join(""));
	writeFileSync(file, `[databases]\n* = host=${cluster.dir} port=${cluster.port}\n[pgbouncer]\n` +
	    `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = trust\n` +
	    `auth_file = ${folder}/users\npool_mode = transaction\ndefault_pool_size = 3\n`);
	const { uid, gid } = userIds("nobody");
	const child = spawn("/usr/sbin/pgbouncer", [file], { stdio: ["ignore", "ignore", "pipe"], uid, gid });
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (s) => { said += s; });
	const forget = atEnd(() => child.kill());
	t.after(() => { forget(); child.kill(); rmSync(folder, { recursive: true }); });
	await until("pgbouncer to listen", () => /listening on 127/.test(said));
	return (role) => `host=127.0.0.1 port=${port} dbname=${database.name} user=${role}`;
}

test("through pgbouncer in transaction mode", async (t) => {
	const through = await startPooler(t);
	const server = await startServer({ database,
		settings: { database: through("smartrecord_app"), database_prepared: "no" } });
	const clients = await Promise.all(["supervisor", "neighbour", "stranger", "user"]
	    .map((who) => server.client().signIn(people[who].email)));
	const read = async (client) => {
		const answer = await client.get("/api/v1/recordings?limit=100");
		assert.equal(answer.status, 200, answer.text);
		return answer.json().items.map(({ id }) => id).join();
	};
	const alone = [];
	for (const client of clients)
		alone.push(await read(client));
	assert.equal(new Set(alone).size, 4);
	for (let round = 0; round < 25; round++) {
		const all = [...clients, ...clients, ...clients];
		assert.deepEqual(await Promise.all(all.map(read)), [...alone, ...alone, ...alone]);
		// an error in between leaves nothing behind
		assert.equal((await clients[0].post("/api/v1/exports", { json: { content: "nothing" } })).status, 400);
	}
	clients.forEach((client) => client.close());
	await server.stop();

	const jobs = spawn(binary, ["jobs"], { stdio: "ignore", env: cleanEnvironment({
		SMARTRECORD_DATABASE_JOBS: through("smartrecord_jobs"), SMARTRECORD_STORE: database.settings.store,
		SMARTRECORD_EXPORT_DIR: mkdtempSync(path.join(tmpdir(), "smartrecord-")) }) });
	t.after(() => jobs.kill());
	await until("the access log to be sealed", async () =>
		await database.sql("select count(*) from audit where seq is null") === "0");
});

test("migrate does not wait for a lock for long, and tries again", async () => {
	const schema = functions();
	const other = session(database, "postgres");
	await database.sql(`drop schema ${schema} cascade; delete from release where functions = '${schema}'`);
	await other.ask("begin; lock table release in exclusive mode");
	const child = spawn(binary, ["migrate"], { env: cleanEnvironment({
		SMARTRECORD_DATABASE_ADMIN: database.settings.database_admin }) });
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (s) => { said += s; });
	const ended = new Promise((resolve) => child.on("close", resolve));
	await until("a second attempt", () => said.includes("tries again (2 of 30)"));
	await other.ask("commit");
	assert.equal(await ended, 0, said);
	assert.equal(await database.sql(`select count(*) from pg_namespace where nspname = '${schema}'`), "1");
});
