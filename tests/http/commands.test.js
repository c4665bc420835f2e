// The operator's commands and `smartrecord migrate`: what they print,
// their exit status, and what they change in the database.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { binary, cleanEnvironment, until } from "../lib/process.js";

let db;
beforeEach(async () => { db = await freshDatabase(); });
afterEach(() => db?.drop());

// Runs a command without checking its exit status.
const ask = (...args) => db.command(args, { check: false });
const secret = "correct-horse-battery-staple\n";

// Creates the tenant Blue of the operator Smart, with two sites.
async function blue() {
	await db.command(["operator", "create", "smart", "--name", "Smart"]);
	await db.command(["tenant", "create", "smart/blue", "--name", "Blue"]);
	for (const key of ["paris", "lyon"])
		await db.command(["site", "create", "blue", key, "--name", key]);
}
const ada = (...options) => db.command(["account", "create", "blue", "ada", "--site", "paris",
    "--first-name", "Ada", "--last-name", "O'Roux", ...options], { input: secret });

test("operator, tenant and site are created once", async () => {
	let done = await ask("operator", "create", "smart", "--name", "Smart d'Île", "--color",
	    "#1A7F37", "--host", "Console.Smart.Test", "--contact", "help@smart.test");
	assert.deepEqual([done.status, done.stdout], [0, "created operator smart\n"]);
	done = await ask("operator", "create", "smart", "--name", "Other");
	assert.deepEqual([done.status, done.stderr],
	    [1, "smartrecord: operator smart exists already\n"]);
	done = await ask("operator", "create", "smart", "--name", "Other", "--if-absent");
	assert.equal(done.status, 0);
	done = await ask("operator", "list", "--json");
	assert.deepEqual(JSON.parse(done.stdout), [{ key: "smart", name: "Smart d'Île",
		host: "console.smart.test", board_host: null, old_hosts: [], color: "#1a7f37",
		contact: "help@smart.test", logo: false, announce_stop: false, tenants: 0 }]);

	assert.equal((await ask("tenant", "create", "smart/blue", "--name", "Blue")).status, 0);
	assert.equal((await ask("tenant", "create", "smart/blue", "--name", "Blue")).status, 1);
	assert.equal((await ask("site", "create", "blue", "paris", "--name", "Paris")).status, 0);
	assert.equal((await ask("site", "create", "blue", "lyon", "--name", "Lyon",
	    "--retention-days", "7", "--time-zone", "Indian/Reunion")).status, 0);
	assert.deepEqual(JSON.parse((await ask("site", "list", "blue", "--json")).stdout), [
		{ key: "lyon", name: "Lyon", time_zone: "Indian/Reunion", retention_days: 7, service: true },
		{ key: "paris", name: "Paris", time_zone: "Europe/Paris", retention_days: 30, service: true },
	]);
	assert.match((await ask("tenant", "list")).stdout,
	    /^operator +key .*\nsmart +blue +Blue +Europe\/Paris +2 +0\n$/);
});

test("each error is a sentence, with status 1 or 2", async () => {
	const wrong = async (status, sentence, ...args) => {
		const done = await ask(...args);
		assert.equal(done.status, status, args.join(" "));
		assert.match(done.stderr, sentence);
		assert.equal(done.stdout, "");
	};
	await blue();
	await wrong(1, /there is no operator nobody/, "tenant", "create", "nobody/x", "--name", "X");
	await wrong(1, /there is no tenant nobody/, "site", "create", "nobody", "x", "--name", "X");
	await wrong(1, /there is no tenant nobody/, "account", "list", "nobody");
	await wrong(1, /there is no operator nobody/, "tenant", "list", "--operator", "nobody");
	await wrong(1, /there is no such time zone; one is written Europe\/Paris/,
	    "tenant", "create", "smart/mars", "--name", "M", "--time-zone", "Mars/Olympus");
	await wrong(2, /is no key/, "operator", "create", "Smart!", "--name", "X");
	await wrong(2, /is no colour/, "operator", "create", "other", "--name", "X", "--color", "red");
	await wrong(2, /too pale/, "operator", "create", "other", "--name", "X", "--color", "#FFFFE0");
	await wrong(1, /contact/, "operator", "create", "other", "--name", "X", "--contact", "nobody");
	await wrong(2, /is not OPERATOR\/KEY/, "tenant", "create", "smart", "--name", "X");
	await wrong(2, /from 1 to 30/, "site", "create", "blue", "x", "--name", "X",
	    "--retention-days", "31");
	await wrong(2, /--name is missing/, "operator", "create", "other");
	await wrong(2, /unknown option '--nmae'/, "operator", "create", "other", "--nmae", "X");
	await wrong(2, /has no 'destroy'/, "operator", "destroy", "smart");
	for (const name of ["serve", "jobs", "migrate", "config", "routes"])
		await wrong(2, /unknown argument 'x'/, name, "x");
	await wrong(2, /--config needs a FILE/, "--config");
});

test("every command prints its usage, on lines that fit a terminal", async () => {
	const names = (await ask("--help")).stdout.match(/^  [a-z-]+ /gm).map((name) => name.trim());
	for (const name of names.slice(0, names.indexOf("routes") + 1)) {
		const done = await ask(name, "--help");
		assert.equal(done.status, 0, name);
		assert.match(done.stdout, new RegExp(`^usage: smartrecord ${name}`));
		assert.doesNotMatch(done.stdout, /.{80}/, name);
	}
});

test("an account has numbers, profiles and a password", async () => {
	await blue();
	const create = (key, ...options) => db.command(["account", "create", "blue", key,
		"--site", "paris", "--first-name", "Ada", "--last-name", "O'Roux", ...options],
		{ input: secret, check: false });
	let done = await create("ada", "--email", "Ada@Blue.test", "--number", "+33123456789:fixed",
	    "--number", "+33612345678:mobile", "--supervisor-sites", "paris,lyon",
	    "--administrator", "--password-stdin");
	assert.equal(done.stdout + done.stderr, "created account ada of blue\n");
	const list = async () => JSON.parse((await ask("account", "list", "blue", "--json")).stdout);
	assert.deepEqual(await list(), [{ key: "ada", first_name: "Ada", last_name: "O'Roux",
		email: "ada@blue.test", site: "paris", numbers: ["+33123456789", "+33612345678"],
		supervisor: ["lyon", "paris"], administrator: true, recording: "off", password: true, disabled: false }]);
	const [{ password_hash: hash }] = await db.rows("select password_hash from person");
	assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);

	done = await create("ada", "--email", "ada@blue.test");
	assert.deepEqual([done.status, done.stderr],
	    [1, "smartrecord: account ada of blue exists already\n"]);
	done = await create("bob", "--email", "ada@blue.test");
	assert.match(done.stderr, /E-mail: This address is another account/);
	done = await create("bob", "--number", "+33123456789:fixed");
	assert.match(done.stderr, /Fixed: This number is another account/);
	done = await create("bob", "--supervisor-sites", "paris,nowhere");
	assert.match(done.stderr, /there is no site nowhere of blue/);
	done = await create("bob", "--number", "+33123456789");
	assert.equal(done.status, 2);
	assert.equal((await list()).length, 1);

	assert.equal((await ask("account", "profile", "blue", "ada", "--supervisor",
	    "--no-administrator")).status, 0);
	let [ada] = await list();
	assert.deepEqual([ada.supervisor, ada.administrator], [["all"], false]);
	assert.equal((await ask("account", "profile", "blue", "ada", "--no-supervisor")).status, 0);
	[ada] = await list();
	assert.deepEqual([ada.supervisor, ada.administrator], [null, false]);
	assert.equal((await ask("account", "profile", "blue", "ada")).status, 2);
});

test("a weak password is refused in English, a new one ends the sessions", async () => {
	await blue();
	await ada("--email", "ada@blue.test", "--password-stdin");
	const set = (input) => db.command(["account", "password", "blue", "ada",
		"--password-stdin"], { input, check: false });
	let done = await set("motdepasse\n");
	assert.equal(done.status, 1);
	assert.match(done.stderr, /^smartrecord: .*15/);
	assert.doesNotMatch(done.stderr, /mot de passe/);
	const session = `insert into session (token_hash, person_id, tenant_id, account_id)
		select sha256('x'), person_id, tenant_id, id from account where key = 'ada'`;
	await db.sql(session);
	done = await set("another-horse-battery-staple\n");
	assert.deepEqual([done.status, done.stdout], [0, "changed password of account ada of blue\n"]);
	assert.deepEqual(await db.rows("select 1 from session"), []);

	await db.sql(session);
	assert.equal((await ask("account", "disable", "blue", "ada")).status, 0);
	assert.deepEqual(await db.rows("select 1 from session"), []);
	assert.equal(await db.sql("select disabled_at is not null from person"), "t");
	assert.equal((await ask("account", "enable", "blue", "ada")).status, 0);
	assert.equal(await db.sql("select disabled_at is not null from person"), "f");
});

test("migrate applies nothing twice, and refuses changed and unknown migrations", async () => {
	let done = await ask("migrate");
	assert.equal(done.status, 0);
	assert.match(done.stdout, /schema up to date: 0 applied now/);
	done = await ask("migrate", "--status");
	assert.equal(done.status, 0);
	assert.match(done.stdout, /^0001_\w+\.sql +\d{4}-\d\d-\d\dT[\d:]+Z\n[^]*\n0 pending\n$/);

	const refused = async (change, back, sentence) => {
		await db.sql(change);
		done = await ask("migrate");
		assert.equal(done.status, 1);
		assert.match(done.stderr, sentence);
		await db.sql(back);
	};
	await refused("update migration set checksum = 'x' || checksum where name like '0001%'",
	    "update migration set checksum = substr(checksum, 2) where name like '0001%'",
	    /0001_\w+\.sql: was changed after it was applied/);
	await refused("insert into migration (name, checksum) values ('9999_later.sql', '')",
	    "delete from migration where name like '9999%'",
	    /9999_later\.sql: was applied but is not in this binary/);
	// a failing migration leaves nothing behind
	await db.sql("delete from migration where name > '0002'");
	done = await ask("migrate");
	assert.equal(done.status, 1);
	assert.match(done.stderr, /0002_\w+\.sql: .*(already exists|duplicate key)/);
	assert.equal(await db.sql("select count(*) from migration"), "1");
});

test("two migrations at once: each step is applied once", async () => {
	const fresh = await freshDatabase();
	try {
		await fresh.sql(`drop owned by smartrecord_admin, smartrecord_owner;
			drop table migration; drop schema pipeline cascade`);
		const both = await Promise.all([1, 2].map(() =>
			fresh.command(["migrate"], { check: false })));
		assert.deepEqual(both.map((done) => done.stderr), ["", ""]);
		const applied = both.map((done) => (done.stdout.match(/ applied \(/g) ?? []).length);
		const total = Number(await fresh.sql("select count(*) from migration"));
		assert.deepEqual(applied.sort((a, b) => a - b), [0, total]);
	} finally {
		await fresh.drop();
	}
});

test("jobs creates partitions, sweeps the store and ends on SIGTERM", async () => {
	const store = mkdtempSync(path.join(tmpdir(), "smartrecord-store-"));
	const left = path.join(store, ".put-0123456789abcdef");
	writeFileSync(left, "half a sound");
	utimesSync(left, 1, 1);
	const days = () => db.sql("select count(*) from pg_inherits");
	await db.sql(`drop table recording_${await db.sql(
	    "select to_char(now() at time zone 'UTC' + interval '3 days', 'YYYYMMDD')")}`);
	const before = Number(await days());
	const child = spawn(binary, ["jobs"], { stdio: ["ignore", "ignore", "pipe"],
		env: cleanEnvironment({ SMARTRECORD_DATABASE_JOBS: db.settings.database_jobs,
			SMARTRECORD_STORE: `folder:${store}`,
			SMARTRECORD_CACHE_DIR: "/nonexistent" }) });
	let log = "";
	child.stderr.setEncoding("utf8").on("data", (s) => { log += s; });
	const ended = new Promise((resolve) => { child.on("close", resolve); });
	try {
		await until("the leftover of a crash to be removed", () => !existsSync(left));
		await until("the partition", async () => Number(await days()) > before);
		await until("its line in the log", () => /event=jobs\/partitions/.test(log));
	} finally {
		child.kill("SIGTERM");
	}
	assert.equal(await ended, 0);
	rmSync(store, { recursive: true });
	assert.match(log, /event=store_swept files=1/);
	assert.match(log, /event=jobs_stopped/);
});

test("a site's retention: previewed, then applied, also to existing recordings", async () => {
	await blue();
	await ada();
	const day = 24 * 3600 * 1000;
	for (const age of [1, 5, 20])
		await db.sql(`select pipeline.ingest($d$${JSON.stringify({ tenant: "blue", source_id: `age-${age}`,
			account: "ada", direction: "inbound", caller: { kind: "withheld", value: null, name: null },
			callee: { kind: "withheld", value: null, name: null }, duration_ms: 1000, mode: "always",
			started_at: new Date(Date.now() - age * day).toISOString(), audio: null,
			analysis: { mood: "neutral", subject: "S", summary: "S.", utterances: [] } })}$d$)`, "pipeline");
	const days = () => db.rows(`select r.id, (extract(epoch from r.expires_at - r.started_at) / 86400)::int as days,
		u.expires_at = r.expires_at and s.expires_at = r.expires_at as same
		from recording r join utterance u using (id) join recording_source s on s.recording_id = r.id
		order by r.id desc`).then((rows) => rows.map((r) => [r.days, r.same]));
	const retain = (...args) => ask("site", "retention", "blue", "paris", ...args);
	let done = await retain("7");
	assert.deepEqual([done.status, done.stdout], [0, "would change site paris of blue from 30 to 7 days: " +
	    "3 recordings, of which 1 go at once (--apply does it)\n"]);
	assert.deepEqual(await days(), [[30, true], [30, true], [30, true]]);
	done = await retain("7", "--apply");
	assert.equal(done.stdout, "changed site paris of blue from 30 to 7 days: 3 recordings, of which 1 go at once\n");
	assert.deepEqual(await days(), [[7, true], [7, true], [7, true]]);
	// an expired recording does not come back
	done = await retain("30", "--apply");
	assert.match(done.stdout, /from 7 to 30 days: 2 recordings, of which 0 go at once/);
	assert.deepEqual(await days(), [[30, true], [30, true], [7, true]]);
	assert.equal((await retain("31")).status, 2);
	assert.match((await ask("site", "retention", "blue", "nowhere", "3")).stderr, /there is no site nowhere/);
	assert.equal((await db.command(["site", "retention", "blue", "paris", "60", "--apply"],
	    { settings: { max_retention_days: 60 } })).status, 0);
	assert.deepEqual(await db.rows("select detail - 'site' as detail from audit where kind = 'retention' order by id"), [
		{ detail: { from: 30, to: 7, count: 3, gone: 1 } }, { detail: { from: 7, to: 30, count: 2, gone: 0 } },
		{ detail: { from: 30, to: 60, count: 2, gone: 0 } }]);
});

test("tenant set --show-listeners decides whether people see who has listened", async () => {
	await blue();
	assert.equal((await ask("tenant", "set", "blue", "--show-listeners", "yes")).stdout, "changed tenant blue\n");
	assert.equal(await db.sql("select show_listeners from tenant where key = 'blue'"), "t");
	assert.equal((await ask("tenant", "set", "nobody", "--show-listeners", "no")).status, 1);
	assert.equal((await ask("tenant", "set", "blue", "--show-listeners", "perhaps")).status, 2);
});
