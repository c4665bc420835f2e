// Starting: what is wrong ends `serve` and `jobs` with one sentence, what can't
// be reached does not. /readyz says in one word what is missing, and recovers.
// Each instance has its own folder in state_dir; a new one on the port of an
// old one loses no request.
import assert from "node:assert/strict";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { freePort, freshDatabase, functions, smartrecord, startCluster } from "../lib/pg.js";
import { binary, cleanEnvironment, isRoot, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

let cluster, database;
const address = `127.77.${process.pid >> 8 & 255}.${process.pid & 255}`;
const servers = [];

before(async () => {
	cluster = await startCluster();
	await cluster.sql("postgres", "create role stranger login; create role secret login password 'right'");
	const hba = path.join(cluster.data, "pg_hba.conf");
	writeFileSync(hba, `local all secret scram-sha-256\n${readFileSync(hba, "utf8")}`);
	await cluster.sql("postgres", "select pg_reload_conf()");
	// over TCP, at an address of its own, with the certificate of localhost
	for (const name of ["cert.pem", "key.pem"]) {
		copyFileSync(path.join(cluster.dir, name), path.join(cluster.data, name));
		chmodSync(path.join(cluster.data, name), 0o600);
		if (isRoot)
			chownSync(path.join(cluster.data, name), cluster.owner.uid, cluster.owner.gid);
	}
	writeFileSync(path.join(cluster.data, "postgresql.auto.conf"), `listen_addresses = 'localhost,${address}'
		ssl = on\nssl_cert_file = 'cert.pem'\nssl_key_file = 'key.pem'\n`, { flag: "a" });
	await cluster.stop();
	await cluster.start();
	writeFileSync(hba, `hostssl all all ${address}/32 trust\n`, { flag: "a" });
	await cluster.sql("postgres", "select pg_reload_conf()");
	database = await freshDatabase({ fixtures: true, cluster });
	await cluster.sql(database.name, "grant smartrecord_app, smartrecord_jobs to secret");
});
afterEach(async () => {
	for (const server of servers.splice(0))
		if (server.processes().length > 1)
			await server.stop();
});
after(() => cluster?.destroy());

async function start(settings = {}, more = {}) {
	const server = await startServer({ database, settings, ...more });
	servers.push(server);
	return server;
}

// One request on a connection of its own; its status and body, or its error.
function ask(port, target, ca) {
	return new Promise((resolve) => {
		request({ host: "localhost", port, path: target, ca, rejectUnauthorized: ca !== undefined,
		    agent: false }, (answer) => {
			let text = "";
			answer.on("data", (s) => { text += s; }).on("error", (e) => resolve({ status: e.code }));
			answer.on("end", () => resolve({ status: answer.statusCode, text }));
		}).on("error", (e) => resolve({ status: e.code })).end();
	});
}

describe("what is wrong: one sentence and status 1, for serve and jobs", () => {
	let server, ours;
	before(async () => {
		server = await startServer({ database });
		ours = { ...server.settings, port: await freePort(), export_dir: path.join(server.dir, "exports") };
		mkdirSync(ours.export_dir);
	});
	after(() => server?.stop());

	async function refused(settings, words, commands = ["serve", "jobs"]) {
		for (const command of commands) {
			const { status, stderr } = await smartrecord([command], { ...ours, ...settings }, { check: false, timeout: 30000 });
			assert.equal(status, 1, stderr);
			assert.match(stderr, words);
			assert.match(stderr, /^smartrecord (serve|jobs): .*\n$/, "one sentence");
		}
	}
	const both = (conninfo) => ({ database: conninfo, database_jobs: conninfo });
	const as = (user) => both(cluster.conninfo(database.name, user));

	test("no such database, no such user, a wrong password, a wrong connection string", async () => {
		await refused(both(cluster.conninfo("nothing", "smartrecord_app")),
		    /refuses the connection: .*FATAL: database "nothing" does not exist/);
		await refused(as("nobody_at_all"), /FATAL: role "nobody_at_all" does not exist/);
		await refused(both(`${cluster.conninfo(database.name, "secret")} password=wrong`),
		    /password authentication failed for user "secret"/);
		await refused(both("hots=localhost dbname=x"), /connection string: .*"hots"/);
	});
	test("a certificate of another host, and none that is trusted", async () => {
		const tls = (host, root) => `host=${host} hostaddr=${address} port=${cluster.port} dbname=${database.name}
		    user=smartrecord_app sslmode=verify-full sslrootcert=${root}`.replace(/\s+/g, " ");
		const cert = path.join(cluster.dir, "cert.pem");
		await refused(both(tls("db.example.test", cert)), /server certificate for "localhost" .*does not match host name "db.example.test"/);
		await refused(both(tls("localhost", "/none/root.pem")), /root certificate file "\/none\/root.pem" does not exist/);
	});
	test("an empty database", async () => {
		await cluster.sql("postgres", "create database empty");
		await refused(both(cluster.conninfo("empty", "smartrecord_app")), /the database is empty, .*smartrecord migrate/);
	});
	test("a user without the role's rights, and a role without those on the schema", async () => {
		await refused(as("stranger"), /user stranger does not have the rights of the role smartrecord_(app|jobs)/);
		await cluster.sql(database.name, `revoke usage on schema ${functions()} from smartrecord_app, smartrecord_jobs`);
		await refused({}, /user smartrecord_(app|jobs) may not use the schema functions_/);
		await cluster.sql(database.name, `grant usage on schema ${functions()} to smartrecord_app, smartrecord_jobs`);
	});
	test("a store of another kind, an absent one, a file", async () => {
		const file = path.join(server.dir, "file");
		writeFileSync(file, "");
		await refused({ store: "s3:bucket" }, /store must be folder:/);
		await refused({ store: `folder:${server.dir}/nothing` }, /the store is not there: No such file.*nothing/);
		await refused({ store: `folder:${file}` }, /the store is no folder: Not a directory/);
	});
	test("a store that the user may not read, or not search", { skip: !isRoot && "only root can become another user" }, async () => {
		const store = path.join(server.dir, "closed");
		mkdirSync(store);
		for (const mode of [0o700, 0o744]) {
			chmodSync(store, mode);
			await refused({ store: `folder:${store}` }, /the store refuses access: Permission denied .*for the user nobody/, ["serve"]);
			const done = await run("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", binary, "jobs"],
			    { check: false, env: cleanEnvironment(Object.fromEntries(Object.entries({ ...ours, store: `folder:${store}` })
			    .map(([key, value]) => [`SMARTRECORD_${key.toUpperCase()}`, String(value)]))) });
			assert.equal(done.status, 1);
			assert.match(done.stderr, /^smartrecord jobs: the store refuses access: Permission denied .*\n$/);
		}
	});
});

describe("what can't be reached: it starts, says what is missing, and recovers", () => {
	const ready = (port, status, text) => until(`/readyz: ${text}`, async () => {
		const answer = await ask(port, "/readyz");
		return answer.status === status && answer.text === `${text}\n`;
	});
	test("the database, at the start and later", async () => {
		const port = await freePort();
		await cluster.stop();
		const starting = start({ port });	// waits until it is ready
		await ready(port, 503, "database");
		assert.equal((await ask(port, "/healthz")).status, 200);
		await cluster.start();
		await ready(port, 200, "ready");
		await starting;
		await cluster.stop("immediate");
		await ready(port, 503, "database");
		await cluster.start();
		await ready(port, 200, "ready");
	});
	test("the functions of this release", async () => {
		const { port } = await start();
		await cluster.sql(database.name, `alter schema ${functions()} rename to hidden`);
		await ready(port, 503, "schema");
		assert.equal((await ask(port, "/healthz")).status, 200);
		await cluster.sql(database.name, `alter schema hidden rename to ${functions()}`);
		await ready(port, 200, "ready");
	});
	test("the store", async () => {
		const server = await start();
		renameSync(database.store, `${database.store}-away`);
		await ready(server.port, 503, "store");
		assert.equal((await ask(server.port, "/healthz")).status, 200);
		assert.match(server.log(), /event=store_away why="the store is not there: No such file or directory"/);
		renameSync(`${database.store}-away`, database.store);
		await ready(server.port, 200, "ready");
	});
});

describe("instances", () => {
	test("a new one on the same port, with the same settings: no request fails", async (t) => {
		const old = await start();
		const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1, ca: old.ca }));
		let going = true, sent = 0;
		const failed = [];
		// a browser repeats a request on a connection that the server closed
		// before it got the request; so does this client, once
		const get = (agent, again) => new Promise((resolve) => {
			const asked = request({ host: "localhost", port: old.port, path: "/console", agent, ca: old.ca }, (answer) => {
				answer.resume().on("end", () => resolve(answer.statusCode === 303 || answer.statusCode === 302 || answer.statusCode === 200
				    ? null : answer.statusCode));
			}).on("error", (error) => resolve(again && asked.reusedSocket && error.code === "ECONNRESET"
			    ? get(agent, false) : error.code));
			asked.end();
		});
		const clients = agents.map(async (agent, i) => {
			while (going) {
				const error = await get(i < 2 ? agent : false, true);
				sent++;
				if (error)
					failed.push(error);
			}
		});
		await until("requests", () => sent > 100);
		const fresh = await start({ port: old.port, state_dir: old.settings.state_dir });
		// the old one answers on the port as well
		await until("workers of the new one", () => fresh.log().match(/event=worker_started/g)?.length === 2);
		assert.deepEqual(readdirSync(old.settings.state_dir).sort(),
		    [1, 2].map((n) => `127.0.0.1-${old.port}-${n}`));
		process.kill(old.pid, "SIGTERM");
		assert.equal(await old.ended, 0);
		const before = sent;
		await until("requests after it", () => sent > before + 100);
		going = false;
		await Promise.all(clients);
		agents.forEach((agent) => agent.destroy());
		t.diagnostic(`${failed.length} of ${sent} requests failed`);
		assert.deepEqual(failed, []);
		assert.deepEqual((await ask(fresh.port, "/readyz", fresh.ca)).status, 200);
		// the folder of the new one is as it made it
		assert.match(readFileSync(path.join(old.settings.state_dir, `127.0.0.1-${old.port}-2`, "kore.pid"), "utf8"), /^\d+/);
		// and that of the old one can be taken again
		const third = await start({ port: old.port, state_dir: old.settings.state_dir });
		await until("workers of the third", () => third.log().match(/event=worker_started/g)?.length === 2);
		process.kill(fresh.pid, "SIGTERM");
		assert.equal(await fresh.ended, 0);
		await third.stop();
	});
	test("a third one on the port is refused; one on another port is not", async () => {
		const first = await start();
		const settings = { port: first.port, state_dir: first.settings.state_dir };
		const second = await start(settings);
		await until("workers of the second", () => second.log().match(/event=worker_started/g)?.length === 2);
		const { status, stderr } = await smartrecord(["serve"], { ...first.settings, ...settings }, { check: false });
		assert.equal(status, 1);
		assert.equal(stderr, `smartrecord serve: state_dir ${settings.state_dir}: port ${first.port} of 127.0.0.1 has an old ` +
		    `and a new instance already, processes ${first.pid} and ${second.pid}: end one of them first\n`);
		await start({ state_dir: settings.state_dir });
		// a killed one leaves its folder
		process.kill(second.pid, "SIGKILL");
		await second.ended;
		await until("its lock to be free", async () => (await start(settings).catch(() => null)) !== null);
	});
});
