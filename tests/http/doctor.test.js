// `smartrecord doctor` in a sound installation, and in one where each fault is
// made really: it names the fault and ends with status 1.
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freeze } from "../lib/clock.js";
import { freePort, freshDatabase, functions, smartrecord, startCluster } from "../lib/pg.js";
import { isRoot, run, until, userIds } from "../lib/process.js";
import { startJobs } from "../lib/jobs.js";
import { Smtp } from "../lib/smtp.js";

let cluster, database, home, settings, smtp;

async function doctor(more = {}, ...words) {
	const { status, stdout, stderr } = await smartrecord(["doctor", "--json", ...words],
	    { ...settings, ...more }, { check: false, timeout: 60000 });
	assert.equal(stderr, "");
	return { status, lines: JSON.parse(stdout) };
}
const faults = ({ lines }) => lines.filter((l) => l.state === "FAULT");
const warnings = ({ lines }) => lines.filter((l) => l.state === "warning");

// The run has this fault, with advice, and no other; several runs of faults may
// share a cause.
async function names(subject, what, more = {}, ...words) {
	const answer = await doctor(more, ...words);
	assert.equal(answer.status, 1);
	const found = faults(answer);
	assert.deepEqual([...new Set(found.map((l) => l.subject))], [].concat(subject), JSON.stringify(found));
	assert.match(found[0].what, what);
	assert.ok(found[0].do.length > 5);
	// a person gets it as a line
	const { stdout } = await smartrecord(["doctor", ...words], { ...settings, ...more }, { check: false });
	assert.match(stdout, new RegExp(`^FAULT +${found[0].subject}: .*\\. .+$`, "m"));
}
const sql = (text) => cluster.sql(database.name, text);
async function certificate(name, days, host) {
	const [cert, key] = [`${name}.pem`, `${name}.key`].map((file) => path.join(home, file));
	await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${host}`,
	    "-addext", `subjectAltName=DNS:${host}`, "-days", String(days), "-out", cert, "-keyout", key]);
	chmodSync(key, 0o600);
	return { tls_certificate: cert, tls_key: key };
}

before(async () => {
	cluster = await startCluster();
	for (const [name, value] of [["log_parameter_max_length", 0], ["log_parameter_max_length_on_error", 0]])
		await cluster.sql("postgres", `alter system set ${name} = ${value}`);
	await cluster.sql("postgres", "select pg_reload_conf()");
	database = await freshDatabase({ fixtures: true, cluster });
	await sql("revoke execute on function lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea) from public");
	home = mkdtempSync(path.join(tmpdir(), "smartrecord-doctor-"));
	chmodSync(home, 0o755);
	const { uid, gid } = userIds("nobody");
	for (const name of ["state", "exports", "cache"]) {
		mkdirSync(path.join(home, name), { mode: 0o750 });
		if (isRoot)
			chownSync(path.join(home, name), uid, gid);
	}
	chmodSync(database.store, 0o750);
	smtp = await new Smtp().start();
	settings = { ...database.settings, port: await freePort(), listen: "127.0.0.1",
		...await certificate("good", 90, "console.example.test"),
		public_url: "https://console.example.test:8443",
		state_dir: path.join(home, "state"), export_dir: path.join(home, "exports"),
		cache_dir: path.join(home, "cache"), mail_url: `smtp://127.0.0.1:${smtp.port}`,
		mail_from: "service@example.test", mail_starttls: "off" };
	// jobs has worked
	const jobs = await startJobs({ settings, dir: home }, settings);
	await until("a round", async () => await sql("select count(*) from purge_round where at > now() - interval '1 minute'") === "1" &&
	    await sql("select count(*) from audit where seq is null") === "0");
	await jobs.stop();
});
after(async () => {
	await smtp?.stop?.();
	rmSync(home, { recursive: true, force: true });
	cluster?.destroy();
});

test("a sound installation: each line is ok, status 0", async () => {
	const answer = await doctor();
	assert.deepEqual(faults(answer), []);
	assert.deepEqual(warnings(answer).filter((l) => !/free$/.test(l.what)), []);
	assert.equal(answer.status, 0);
	const subjects = new Set(answer.lines.map((l) => l.subject));
	for (const subject of ["store", "state_dir", "export_dir", "cache_dir", "tls_certificate", "mail_url", "database",
	    "database_jobs", "database_pipeline", "clock", "postgresql.conf", "schema", "jobs", "retention", "access log"])
		assert.ok(subjects.has(subject), subject);
	for (const part of ["serve", "jobs", "ingest", "admin"])
		assert.equal((await doctor({}, "--for", part)).status, 0);
	assert.equal((await smartrecord(["doctor", "--for", "nothing"], settings, { check: false })).status, 2);
});

describe("each fault is named", () => {
	test("the database's server", async () => {
		await names("database", /database "nothing" does not exist/, { database: cluster.conninfo("nothing", "smartrecord_app") });
	});
	test("rights: superuser, bypassrls, owner, member of the owner, another role", async () => {
		await names("database", /row-level security does not bind postgres/, { database: cluster.conninfo(database.name, "postgres") });
		await sql("alter role smartrecord_jobs bypassrls");
		await names(["database_jobs", "roles"], /row-level security does not bind smartrecord_jobs/);
		await sql("alter role smartrecord_jobs nobypassrls");
		await sql("create table mine (); alter table mine owner to smartrecord_app");
		await names("database", /smartrecord_app owns 1 tables/);
		await sql("drop table mine; grant smartrecord_owner to smartrecord_app");
		await names("database", /rights that this process does not need/);
		await sql("revoke smartrecord_owner from smartrecord_app; alter role pipeline createdb");
		await names("database_pipeline", /pipeline has rights/);
		await sql("alter role pipeline nocreatedb");
		await names("database", /does not have the rights of the role smartrecord_app/,
		    { database: cluster.conninfo(database.name, "smartrecord_jobs") });
	});
	test("functions and migrations", async () => {
		await sql(`alter schema ${functions()} rename to hidden`);
		await names(["database", "database_jobs", "schema"], /can't use the functions of this release/);
		await sql(`alter schema hidden rename to ${functions()}`);
		const [last] = readdirSync("migrations").filter((name) => /^\d/.test(name)).sort().reverse();
		await sql(`create table kept as select * from migration where name = '${last}'; delete from migration where name = '${last}'`);
		await names("schema", /1 migrations are pending/);
		await sql("insert into migration select * from kept; drop table kept");
	});
	test("the clock", async () => {
		await freeze(database, new Date(Date.now() + 120e3).toISOString());
		await names("clock", /the database's clock is 1\d\d\.\d s ahead of this machine's/, {}, "--for", "serve");
		await sql(`alter database "${database.name}" reset test.now`);
		await sql(`set allow_system_table_mods = on; create or replace function pg_catalog.now() returns timestamptz
			language internal stable strict parallel safe as 'now'`);
	});
	test("PostgreSQL's settings that log values", async () => {
		const set = async (text) => {
			await cluster.sql("postgres", text);
			await cluster.sql("postgres", "select pg_reload_conf()");
		};
		await set("alter system set log_parameter_max_length_on_error = -1");
		await names("postgresql.conf", /a statement that fails writes its values/);
		await set("alter system set log_parameter_max_length_on_error = 0");
		await set("alter system set log_parameter_max_length = -1");
		assert.equal((await doctor()).status, 0);	// nothing is logged
		await set("alter system set log_min_duration_statement = 100");
		await names("postgresql.conf", /log_min_duration_statement writes numbers, names and searched words/);
		await set("alter system set log_statement = 'all'");
		await names("postgresql.conf", /log_statement writes/);
		for (const name of ["log_statement", "log_min_duration_statement"])
			await set(`alter system reset ${name}`);
		await set("alter system set log_parameter_max_length = 0");
		await sql("create role watcher login; grant pg_read_all_stats to watcher");
		const answer = await doctor();
		assert.deepEqual([answer.status, warnings(answer).some((l) => l.subject === "pg_stat_activity" && /watcher/.test(l.what))], [0, true]);
		await sql("drop role watcher");
		await sql("grant execute on function lo_creat(int) to public");
		assert.ok(warnings(await doctor()).some((l) => /large objects/.test(l.what)));
		await sql("revoke execute on function lo_creat(int) from public");
	});
	test("jobs, retention, seals", async () => {
		await sql("update purge_round set at = now() - interval '20 minutes'");
		await names("jobs", /its last round was 1[12]\d\d s ago/);
		await sql("update purge_round set at = now()");
		await sql("update recording_source set expires_at = now() - interval '1 hour' where recording_id = (select min(recording_id::text)::uuid from recording_source)");
		await names("retention", /1 recordings have expired and are still there, the oldest for 36\d\d s/);
		await sql("update recording_source set expires_at = now() + interval '1 day'");
		await sql("insert into audit (tenant_id, kind, at) select min(id), 'search', now() - interval '1 hour' from tenant");
		await names("access log", /the oldest row without a seal is 36\d\d s old/);
		await sql("delete from audit where kind = 'search' and seq is null");
	});
	test("folders: absent, open to everybody, full", async () => {
		await names("store", /the store is not there: No such file/, { store: `folder:${home}/nothing` });
		chmodSync(database.store, 0o755);
		await names("store", /every user of this machine can enter/);
		chmodSync(database.store, 0o750);
		await names("export_dir", /the folder export_dir is not there: No such file/, { export_dir: path.join(home, "nothing") });
		await names("state_dir", /the folder state_dir is not there/, { state_dir: path.join(home, "nothing") });
		chmodSync(settings.cache_dir, 0o755);
		await names("cache_dir", /every user of this machine can enter/);
		chmodSync(settings.cache_dir, 0o750);
	});
	test("a full disk", { skip: !isRoot && "only root can mount a small disk" }, async () => {
		const disk = path.join(home, "disk");
		mkdirSync(disk);
		await run("mount", ["-t", "tmpfs", "-o", "size=2m,mode=750", "tmpfs", disk]);
		try {
			await run("sh", ["-c", `head -c 4M /dev/zero >${disk}/fill`], { check: false });
			await names("export_dir", /0 % of the bytes of its disk are free/, { export_dir: disk });
		} finally {
			await run("umount", ["-l", disk]);
		}
	});
	test("certificates: another host, over soon, absent, an open key", async () => {
		await names("tls_certificate", /is not for the host other\.example\.test/, { public_url: "https://other.example.test" });
		await names("tls_certificate", /valid for [01] more days/, await certificate("short", 1, "console.example.test"));
		await names(["tls_key", "tls_certificate"], /No such file/, { tls_certificate: path.join(home, "none.pem") });
		chmodSync(settings.tls_key, 0o644);
		await names("tls_key", /every user of this machine can read/);
		chmodSync(settings.tls_key, 0o600);
		const soon = await doctor(await certificate("soon", 10, "console.example.test"));
		assert.deepEqual([soon.status, warnings(soon).some((l) => /valid for (9|10) more days/.test(l.what))], [0, true]);
	});
	test("mail: no server, and a wrong setting", async () => {
		await names("mail_url", /does not accept mail: /, { mail_url: `smtp://127.0.0.1:${await freePort()}` });
		await names("settings", /mail_from is no e-mail address/, { mail_from: "nobody" });
		const none = await doctor({ mail_url: "" });
		assert.deepEqual([none.status, warnings(none).some((l) => l.subject === "mail_url")], [0, true]);
	});
});
