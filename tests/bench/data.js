// The benchmark's data: calls of many customers (tests/bench/calls.c) in a
// PostgreSQL cluster of its own, .cache/bench, which is kept. A database there
// is used again when it is younger than a day (calls cannot be moved in time:
// their ids, partitions and expiry are the time), takes this release's
// migrations and has what pipeline.ingest() makes of its texts now.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import path from "node:path";
import { Cluster, Database, createDatabase, freePort, givePasswords, makeCluster } from "../lib/pg.js";
import { atEnd, build, run, top, userIds } from "../lib/process.js";
import { password } from "../lib/fixtures.js";

// .cache/bench, unless PostgreSQL or the server may not enter it (a checkout in
// the home folder of root) or its path is too long for a socket's.
function place() {
	const near = path.join(top, ".cache", "bench"), far = `/var/tmp/smartrecord-bench-${
	    createHash("sha256").update(top).digest("hex").slice(0, 12)}`;
	mkdirSync(near, { recursive: true });
	const enters = (name) => spawnSync("test", ["-x", near], { cwd: "/", ...userIds(name) }).status === 0;
	return near.length <= 90 && enters("postgres") && enters("nobody") ? near : far;
}

const dir = place(), here = path.join(top, "tests", "bench");
const program = path.join(build, "bench", "calls"), common = path.join(here, "common_words.txt");
const sql = (name) => readFileSync(path.join(here, name), "utf8");
const day = 86400, slice = 5000, connections = 2;
const safe = ["fsync", "synchronous_commit", "full_page_writes"];

// The supervisor of the largest customer, "t1".
export const boss = "boss@t1.test";
// How many calls the run is about.
export const benchCalls = () => Number(process.env.BENCH_CALLS || 1000000);

// What the databases are that this process has used, for the table.
export const used = new Map();

let cluster;
// Starts the cluster of .cache/bench; it stops with this process.
function benchCluster() {
	return cluster ??= startBenchCluster();
}

// Two runs at once would stop each other's PostgreSQL.
function claim() {
	const file = path.join(dir, "pid");
	const other = existsSync(file) && readFileSync(file, "utf8");
	if (other && existsSync(`/proc/${other}`))
		throw new Error(`another benchmark is running: process ${other}, by ${file}`);
	mkdirSync(dir, { recursive: true });
	writeFileSync(file, String(process.pid));
	atEnd(() => rmSync(file, { force: true }));
}

async function startBenchCluster() {
	claim();
	if (!existsSync(path.join(dir, "made"))) {
		for (const name of ["data", "stores"])
			rmSync(path.join(dir, name), { recursive: true, force: true });
		const memory = Math.min(4096, Math.floor(totalmem() / 4 / 1048576));
		const made = await makeCluster(dir, [`shared_buffers = ${memory}MB`, "maintenance_work_mem = 512MB",
		    "max_wal_size = 8GB", "wal_level = minimal", "max_wal_senders = 0", "autovacuum = off"]);
		writeFileSync(path.join(dir, "made"), "");
		return stopAtEnd(made);
	}
	const found = new Cluster(dir);
	await found.stop().catch(() => {});	// left by a run that was killed
	found.port = await freePort();
	writeFileSync(path.join(dir, "port"), String(found.port));
	appendFileSync(path.join(found.data, "postgresql.auto.conf"), `port = ${found.port}\n`);
	await found.certificate();
	await found.start();
	return stopAtEnd(found);
}

function stopAtEnd(one) {
	atEnd(() => one.halt("fast"));
	return one;
}

// Whether PostgreSQL waits for the disk. Only loading does not.
async function durable(one, on) {
	for (const name of safe)
		await one.sql("postgres", `alter system set ${name} = ${on ? "on" : "off"}`);
	await one.sql("postgres", `${on ? "checkpoint;" : ""} select pg_reload_conf()`);
}

// Arguments of calls.c for a database.
const options = ({ calls, customers, days, steady, words, now }) => ["-n", calls, "-c", customers, "-d", days,
    "-t", now, "-s", steady, "-w", words].map(String);

async function loadCustomers(database, shape) {
	const { stdout } = await run(program, ["-l", ...options(shape), common]);
	await database.sql(`
		create temporary table made (n int, sites int, accounts int);
		copy made from stdin;\n${stdout}\\.
		insert into operator (key, name) values ('bench', 'Bench');
		insert into tenant (operator_id, key, name) select o.id, 't' || n, 'Client ' || n
		from made, operator o order by n;
		insert into site (tenant_id, key, name, retention_days)
		select t.id, 'site-' || i, 'Site ' || i, ${shape.days}
		from made join tenant t on t.key = 't' || n, generate_series(1, sites) i order by t.id, i;
		insert into account (tenant_id, key, site_id, first_name, last_name)
		select t.id, 'a' || i, s.id, 'Prénom' || i, 'Nom' || i * 7919 % accounts
		from made join tenant t on t.key = 't' || n cross join generate_series(0, accounts - 1) i
		join site s on s.tenant_id = t.id and s.key = 'site-' || i % sites + 1 order by t.id, i;
		set role smartrecord_owner;
		select recordings_make_partitions((now() at time zone 'UTC')::date - ${shape.days},
			(now() at time zone 'UTC')::date + 3)`);
	await database.command(["account", "create", "t1", "boss", "--site", "site-1", "--first-name", "Béatrice",
	    "--last-name", "Chef", "--email", boss, "--password-stdin", "--supervisor"], { input: `${password}\n` });
	await database.sql("delete from mail; delete from right_notice");
}

// Loads every connections-th part of the calls, from part number first.
function loadParts(database, shape, first) {
	const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
	const parts = [`set client_min_messages = warning; set jit = off; set temp_buffers = '128MB';
		create temporary table made (customer int, account int, started_ms bigint, direction text, mood text,
			number text, subject text, summary text, utterances jsonb, duration_ms int, id uuid);`];
	for (let from = first * slice; from < shape.calls; from += connections * slice) {
		const command = [program, ...options(shape), common, from, from + slice].map(quote).join(" ");
		parts.push(`begin;\n\\copy made (customer, account, started_ms, direction, mood, number, subject, summary, ` +
		    `utterances, duration_ms) from program '${command.replaceAll("'", "''")}'\n${sql("load.sql")}commit;`);
	}
	return database.sql(parts.join("\n"));
}

// The indexes of words, which take much longer to fill row by row.
async function withoutIndexes(database, load) {
	const list = await database.rows(`select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made
		from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
		where a.amname = 'gin' and i.indrelid in ('recording'::regclass, 'utterance'::regclass)`);
	for (const { name } of list)
		await database.sql(`drop index ${name}`);
	await load();
	for (const { made } of list)
		await database.sql(`set maintenance_work_mem = '2GB'; ${made.replace(" ON ONLY ", " ON ")}`);
}

// Fails when the calls are not what pipeline.ingest() makes of them.
const compare = (database, calls) => database.sql(sql("same.sql")
    .replaceAll(":percent", Math.min(100, 40000 / calls)).replaceAll(":calls", 200));

async function load(name, shape) {
	const one = await benchCluster(), since = performance.now();
	await one.sql("postgres", `drop database if exists "${name}" with (force)`);
	await durable(one, false);
	rmSync(path.join(dir, "stores", name), { recursive: true, force: true });
	const database = await createDatabase(one, name, "template0");
	await database.command(["migrate"]);
	await givePasswords(one);
	await loadCustomers(database, shape);
	await withoutIndexes(database, () => Promise.all(Array.from({ length: connections },
	    (_, i) => loadParts(database, shape, i))));
	await database.sql("insert into purge_round values (true, now()) on conflict do nothing; vacuum analyze");
	await durable(one, true);
	await compare(database, shape.calls);
	const note = { ...shape, seconds: Math.round((performance.now() - since) / 1000) };
	await one.sql("postgres", `comment on database "${name}" is '${JSON.stringify(note)}'`);
	return note;
}

// Returns what is known of a database that can be used, else null.
async function found(name, shape) {
	const one = await benchCluster();
	const text = await one.sql("postgres", `select shobj_description(oid, 'pg_database') from pg_database
		where datname = '${name}'`);
	if (text === "")
		return null;
	const note = JSON.parse(text), database = new Database(one, name);
	const age = shape.now - note.now;
	if (age > day || age < 0)
		return null;
	try {
		await database.command(["migrate"]);
		await compare(database, shape.calls);
		return note;
	} catch (error) {
		console.error(`bench: ${name} is loaded again: ${error.message.trim().split("\n").at(-1)}`);
		return null;
	}
}

// Returns a database of calls, and loads it when it is missing or unfit. shape:
// calls (in all), customers, days (up to now, and of retention), steady (calls of
// the first customer; 0: a fifth of all) and then words (median of a call of the
// others). database.note has them and seconds (which the load took). The
// database is kept and must not be written to, see withCopy().
export async function benchDatabase(given = {}) {
	const shape = { calls: benchCalls(), customers: 1000, days: 30, steady: 0, words: 130,
	    ...given, now: Math.floor(Date.now() / 1000) };
	const name = ["calls", shape.calls, shape.customers, shape.days, shape.steady, shape.words].join("_");
	const note = await found(name, shape) ?? await load(name, shape);
	const database = new Database(await benchCluster(), name);
	database.note = { ...note, bytes: Number(await database.sql("select pg_database_size(current_database())")) };
	const { seconds, bytes } = database.note;
	used.set(name, `${shape.calls.toLocaleString("en")} calls of ${shape.customers.toLocaleString("en")} customers, ` +
	    `${shape.days} days${shape.steady ? ", short texts" : ""}: loaded in ${seconds} s, ${(bytes / 1e9).toFixed(1)} GB`);
	return database;
}

// A copy to write to: calls `use` with it and drops it.
export async function withCopy(database, use) {
	const name = `copy_of_${database.name}`, store = path.join(dir, "stores", name);
	await database.cluster.sql("postgres", `drop database if exists "${name}" with (force)`);
	rmSync(store, { recursive: true, force: true });
	const copy = await createDatabase(database.cluster, name, `"${database.name}"`);
	copy.note = database.note;
	try {
		return await use(copy);
	} finally {
		await copy.drop();
		rmSync(store, { recursive: true, force: true });
	}
}

let vocabulary;
// Returns a word that about this share of the calls contains. The chance of the
// word of a rank is 1 / (rank + 2.7), divided by their sum.
export function wordIn(share, shift = 0) {
	vocabulary ??= execFileSync(program, ["-v", common], { encoding: "utf8" }).trim().split("\n");
	const sum = vocabulary.reduce((all, _, rank) => all + 1 / (rank + 2.7), 0), length = 183;
	const chance = 1 - (1 - share) ** (1 / length);
	const rank = Math.max(0, Math.round(1 / (chance * sum) - 2.7)) + shift;
	return vocabulary.slice(rank).find((word) => !word.includes("-"));	// two words
}
