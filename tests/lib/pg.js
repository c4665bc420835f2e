// A private PostgreSQL cluster for the tests, and databases in it. The schema is
// migrated once and the fixtures are loaded once; freshDatabase() makes copies.
// The program connects as in a deployment: over TCP, with TLS that checks the
// server's name, SCRAM passwords, and a list of hosts whose first one is down.
// The tests themselves use the socket.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { atEnd, binary, cleanEnvironment, isRoot, requireBinary, run, top, userIds } from "./process.js";
import { loadFixtures } from "./fixtures.js";

const bin = "/usr/lib/postgresql/15/bin";
const superuser = "postgres";
const roles = ["smartrecord_app", "smartrecord_jobs", "pipeline"];
const password = (role) => `it's ${role}`;
// psql itself; /usr/bin/psql is a slow Perl script that runs it
process.env.PATH = `${bin}:${process.env.PATH}`;

// Name of the schema with the functions of the binary.
let schema;
export function functions() {
	return schema ??= execFileSync(binary, ["--version"], { encoding: "utf8" })
	    .match(/\((\w+)\)/)[1];
}

export function freePort() {
	return new Promise((resolve) => {
		const probe = createServer().listen(0, "127.0.0.1", () => {
			const { port } = probe.address();
			probe.close(() => resolve(port));
		});
	});
}

export class Cluster {
	constructor(dir) {
		this.dir = dir;			// data/, stores/, port and the socket
		this.data = path.join(dir, "data");
		this.owner = userIds("postgres");
		this.port = Number(readFileSync(path.join(dir, "port"), "utf8"));
	}

	// By the socket, without a password.
	conninfo(database, role) {
		return `host=${this.dir} port=${this.port} dbname=${database} user=${role}`;
	}

	// As in a deployment. Nothing listens on port 1.
	remote(database, role) {
		const secret = password(role).replaceAll("'", "\\'");
		return `host=127.0.0.1,localhost port=1,${this.port} target_session_attrs=read-write ` +
		    `dbname=${database} user=${role} password='${secret}' ` +
		    `sslmode=verify-full sslrootcert=${this.dir}/cert.pem`;
	}

	// Runs SQL. Returns its unaligned output, "" for no rows.
	async sql(database, text, role = superuser) {
		const { stdout } = await run("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1",
		    "-d", this.conninfo(database, role)], { input: text,
		    env: cleanEnvironment({ PGOPTIONS: `-c search_path=${functions()},public` }) });
		return stdout.trimEnd();
	}

	async start() {
		await run(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s", "-l",
		    path.join(this.dir, "log"), "start"],
		    { cwd: this.dir, stdio: ["pipe", "pipe", "pipe"], ...this.owner });
	}

	// mode: "fast", or "immediate", which is like a crash.
	async stop(mode = "fast") {
		await run(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s", "-m",
		    mode, "stop"], { cwd: this.dir, ...this.owner });
	}

	// Makes cert.pem and key.pem for localhost, of Smart Record and PostgreSQL.
	async certificate() {
		const files = ["cert.pem", "key.pem"].map((name) => path.join(this.dir, name));
		await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes",
		    "-days", "30", "-subj", "/CN=localhost", "-addext",
		    "subjectAltName=DNS:localhost,IP:127.0.0.1",
		    "-out", files[0], "-keyout", files[1]]);
		const { uid, gid } = this.owner;
		for (const [file, name] of [[files[0], "server.crt"], [files[1], "server.key"]]) {
			const copy = path.join(this.data, name);
			copyFileSync(file, copy);
			chmodSync(copy, 0o600);
			if (isRoot)
				chownSync(copy, uid, gid);
		}
	}

	// Like stop(), for the end of this process.
	halt(mode) {
		try {
			execFileSync(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s",
			    "-m", mode, "stop"],
			    { cwd: this.dir, stdio: "ignore", ...this.owner });
		} catch {
			// the test has stopped it
		}
	}

	destroy() {
		this.halt("immediate");
		rmSync(this.dir, { recursive: true, force: true });
	}
}

// Settings of PostgreSQL for databases that are thrown away.
const hasty = ["fsync = off", "synchronous_commit = off", "full_page_writes = off",
    "autovacuum = off", "shared_buffers = 64MB", "log_min_messages = warning"];

// Makes a cluster in an empty directory, with lines for its configuration.
export async function makeCluster(dir, settings) {
	writeFileSync(path.join(dir, "port"), String(await freePort()));
	const cluster = new Cluster(dir);
	const { uid, gid } = cluster.owner;
	chmodSync(dir, 0o755);
	mkdirSync(path.join(dir, "stores"));
	if (isRoot)
		chownSync(dir, uid, gid);
	await run(path.join(bin, "initdb"), ["-D", cluster.data, "-U", superuser,
	    "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
	    { cwd: dir, ...cluster.owner });
	writeFileSync(path.join(cluster.data, "postgresql.auto.conf"), [
		"listen_addresses = 'localhost'", `port = ${cluster.port}`,
		`unix_socket_directories = '${dir}'`, "ssl = on",
		"max_connections = 200", "timezone = 'Europe/Paris'", ...settings, "",
	].join("\n"));
	writeFileSync(path.join(cluster.data, "pg_hba.conf"),
	    "local all all trust\nhostssl all all localhost scram-sha-256\n");
	await cluster.certificate();
	await cluster.start();
	// as in a deployment: not a superuser, but may create roles
	await cluster.sql("postgres", `create role deployer login createrole createdb
		password '${password("deployer").replaceAll("'", "''")}'`);
	return cluster;
}

// Starts a private cluster, for tests that stop it. Removed with this process.
export async function startCluster() {
	requireBinary();
	const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	let cluster;
	const forget = atEnd(() => (cluster ?? new Cluster(dir)).destroy());
	cluster = await makeCluster(dir, hasty);
	const destroy = cluster.destroy.bind(cluster);
	cluster.destroy = () => { forget(); destroy(); };
	return cluster;
}

let shared;
// The shared cluster: that of the whole run, or one of this process.
export function sharedCluster() {
	if (process.env.SMARTRECORD_TEST_CLUSTER)
		shared ??= Promise.resolve(new Cluster(process.env.SMARTRECORD_TEST_CLUSTER));
	return shared ??= startCluster();
}

// Runs the binary as a command. settings: keys of conf/smartrecord.conf.
export function smartrecord(args, settings, options = {}) {
	const env = cleanEnvironment(Object.fromEntries(Object.entries(settings).map(
		([key, value]) => [`SMARTRECORD_${key.toUpperCase()}`, String(value)])));
	return run(binary, args, { env, ...options });
}

export class Database {
	constructor(cluster, name) {
		this.cluster = cluster;
		this.name = name;
		this.store = path.join(cluster.dir, "stores", name);	// private
		this.settings = {
			database: cluster.remote(name, "smartrecord_app"),
			database_jobs: cluster.remote(name, "smartrecord_jobs"),
			database_pipeline: cluster.remote(name, "pipeline"),
			database_admin: cluster.remote(name, "deployer"),
			store: `folder:${this.store}`,
		};
	}

	sql(text, role) {
		return this.cluster.sql(this.name, text, role);
	}

	// Returns the rows of a query as objects.
	async rows(query, role) {
		return JSON.parse(await this.sql(
		    `select coalesce(json_agg(r), '[]') from (${query}) r`, role));
	}

	// Runs a command of the binary on this database: { status, stdout, stderr }.
	command(args, { settings = {}, ...options } = {}) {
		return smartrecord(args, { ...this.settings, ...settings }, options);
	}

	ingest(folder) {
		return this.command(["ingest", folder]);
	}

	drop() {
		return this.cluster.sql("postgres", `drop database "${this.name}" with (force)`);
	}
}

export async function createDatabase(cluster, name, template) {
	await cluster.sql("postgres", `create database "${name}" owner deployer
		template ${template}`);
	const database = new Database(cluster, name);
	const fixtures = path.join(cluster.dir, "stores", template);
	if (existsSync(fixtures))
		await run("cp", ["-a", fixtures, database.store]);
	else
		mkdirSync(database.store);
	if (isRoot) {
		const { uid, gid } = userIds("nobody");
		chownSync(database.store, uid, gid);
	}
	return database;
}

// Lets the roles that a migration has made connect over TCP.
export const givePasswords = (cluster) => cluster.sql("postgres", roles.map((role) =>
    `alter role ${role} password '${password(role).replaceAll("'", "''")}'`).join(";"));

// Makes the template "migrated", and from it the template "fixtures".
async function prepareMigrated(cluster) {
	const database = await createDatabase(cluster, "migrated", "template0");
	await database.command(["migrate"]);
	await givePasswords(cluster);
	// when these are the tests of the previous release, the later release
	// migrates the database too: see tests/http/previous.test.js
	if (process.env.SMARTRECORD_LATER)
		await run(process.env.SMARTRECORD_LATER, ["migrate"], { env: cleanEnvironment({
			SMARTRECORD_DATABASE_ADMIN: database.settings.database_admin }) });
	// as `smartrecord jobs` does when it starts
	await database.sql(readFileSync(path.join(top, "src", "jobs", "partitions.sql"), "utf8"), "smartrecord_jobs");
}

async function prepareFixtures(cluster) {
	await loadFixtures(await createDatabase(cluster, "fixtures", "migrated"));
}

export async function prepareTemplates(cluster) {
	await prepareMigrated(cluster);
	await prepareFixtures(cluster);
}

// Calls prepare once for each cluster.
const prepared = new Map();
function once(cluster, prepare) {
	const key = cluster.dir + prepare.name;
	if (!prepared.has(key))
		prepared.set(key, prepare(cluster));
	return prepared.get(key);
}

// not the process id: a long run uses some twice
const mark = randomBytes(6).toString("hex");
let count = 0;
// Makes a database with the schema only, or with the fixtures.
export async function freshDatabase({ fixtures = false, cluster } = {}) {
	cluster ??= await sharedCluster();
	if (cluster.dir !== process.env.SMARTRECORD_TEST_CLUSTER) {
		await once(cluster, prepareMigrated);
		if (fixtures)
			await once(cluster, prepareFixtures);
	}
	return createDatabase(cluster, `test_${mark}_${++count}`,
	    fixtures ? "fixtures" : "migrated");
}
