// A private PostgreSQL for the tests, and databases in it. The schema is
// migrated once, the fixtures loaded once; each freshDatabase() is a copy.
import { execFileSync } from "node:child_process";
import { chownSync, chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { atEnd, binary, cleanEnvironment, isRoot, requireBinary, run, userIds } from "./process.js";
import { loadFixtures } from "./fixtures.js";

const bin = "/usr/lib/postgresql/15/bin";
const superuser = "postgres";
// psql itself: the one in /usr/bin is a Perl script that looks for it
process.env.PATH = `${bin}:${process.env.PATH}`;

export class Cluster {
	constructor(dir) {
		this.dir = dir;			// data/, stores/ and the socket
		this.data = path.join(dir, "data");
		this.owner = userIds("postgres");
	}

	conninfo(database, role) {
		return `host=${this.dir} port=5432 dbname=${database} user=${role}`;
	}

	// The output of SQL, unaligned: "" for no rows.
	async sql(database, text, role = superuser) {
		const { stdout } = await run("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1",
		    "-d", this.conninfo(database, role)], { input: text });
		return stdout.trimEnd();
	}

	async start() {
		await run(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s", "-l",
		    path.join(this.dir, "log"), "start"],
		    { cwd: this.dir, stdio: ["pipe", "pipe", "pipe"], ...this.owner });
	}

	// mode: "fast", or "immediate" as a crash would.
	async stop(mode = "fast") {
		await run(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s", "-m",
		    mode, "stop"], { cwd: this.dir, ...this.owner });
	}

	// cert.pem and key.pem for localhost, made once.
	async certificate() {
		const files = ["cert.pem", "key.pem"].map((name) => path.join(this.dir, name));
		if (!existsSync(files[0]))
			await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes",
			    "-days", "30", "-subj", "/CN=localhost", "-addext",
			    "subjectAltName=DNS:localhost,IP:127.0.0.1",
			    "-out", files[0], "-keyout", files[1]]);
	}

	destroy() {
		try {
			execFileSync(path.join(bin, "pg_ctl"), ["-D", this.data, "-w", "-s",
			    "-m", "immediate", "stop"],
			    { cwd: this.dir, stdio: "ignore", ...this.owner });
		} catch {
			// it was stopped by the test
		}
		rmSync(this.dir, { recursive: true, force: true });
	}
}

// A cluster of one's own, for tests that stop it. Gone with this process.
export async function startCluster() {
	requireBinary();
	const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
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
		"listen_addresses = ''",
		`unix_socket_directories = '${dir}'`,
		"fsync = off", "synchronous_commit = off", "full_page_writes = off",
		"autovacuum = off", "shared_buffers = 64MB", "max_connections = 200",
		"log_min_messages = warning", "",
	].join("\n"));
	const forget = atEnd(() => cluster.destroy());
	const destroy = cluster.destroy.bind(cluster);
	cluster.destroy = () => { forget(); destroy(); };
	await cluster.start();
	await cluster.certificate();
	// what a deployment gives us: not a superuser, but one that makes roles
	await cluster.sql("postgres", "create role deployer login createrole createdb");
	return cluster;
}

let shared;
// The cluster that tests share: the one of the whole run, or this process's.
export function sharedCluster() {
	if (process.env.SMARTRECORD_TEST_CLUSTER)
		shared ??= Promise.resolve(new Cluster(process.env.SMARTRECORD_TEST_CLUSTER));
	return shared ??= startCluster();
}

// The binary as a command line. settings: keys of conf/smartrecord.conf.
export function smartrecord(args, settings, options = {}) {
	const env = cleanEnvironment(Object.fromEntries(Object.entries(settings).map(
		([key, value]) => [`SMARTRECORD_${key.toUpperCase()}`, String(value)])));
	return run(binary, args, { env, ...options });
}

export class Database {
	constructor(cluster, name) {
		this.cluster = cluster;
		this.name = name;
		this.store = path.join(cluster.dir, "stores", name);	// its own
		this.settings = {
			database: cluster.conninfo(name, "smartrecord_app"),
			database_jobs: cluster.conninfo(name, "smartrecord_jobs"),
			database_pipeline: cluster.conninfo(name, "pipeline"),
			database_admin: cluster.conninfo(name, "deployer"),
			store: `folder:${this.store}`,
		};
	}

	sql(text, role) {
		return this.cluster.sql(this.name, text, role);
	}

	// The rows of a query as objects.
	async rows(query, role) {
		return JSON.parse(await this.sql(
		    `select coalesce(json_agg(r), '[]') from (${query}) r`, role));
	}

	// A command of the binary on this database: { status, stdout, stderr }.
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

async function createDatabase(cluster, name, template) {
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

// Makes template "migrated", and "fixtures" on top of it.
async function prepareMigrated(cluster) {
	const database = await createDatabase(cluster, "migrated", "template0");
	await database.command(["migrate"]);
}

async function prepareFixtures(cluster) {
	await loadFixtures(await createDatabase(cluster, "fixtures", "migrated"));
}

export async function prepareTemplates(cluster) {
	await prepareMigrated(cluster);
	await prepareFixtures(cluster);
}

// Once for each cluster, when first asked for.
const prepared = new Map();
function once(cluster, prepare) {
	const key = cluster.dir + prepare.name;
	if (!prepared.has(key))
		prepared.set(key, prepare(cluster));
	return prepared.get(key);
}

let count = 0;
// An empty database with the schema, or one with the fixtures.
export async function freshDatabase({ fixtures = false, cluster } = {}) {
	cluster ??= await sharedCluster();
	if (cluster.dir !== process.env.SMARTRECORD_TEST_CLUSTER) {
		await once(cluster, prepareMigrated);
		if (fixtures)
			await once(cluster, prepareFixtures);
	}
	return createDatabase(cluster, `test_${process.pid}_${++count}`,
	    fixtures ? "fixtures" : "migrated");
}
