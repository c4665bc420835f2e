// A store or a disk that is full, read-only or absent: ingest, jobs and archives
// say so, with the system's reason. A value that a constraint refuses: a
// sentence, in every command.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { isRoot, run, top, until } from "../lib/process.js";
import { startJobs } from "../lib/jobs.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

describe("a small disk", { skip: !isRoot && "only root can mount one" }, () => {
	let database, server, jobs, home, disk, folder, settings;
	const mount = (...options) => run("mount", [...options, disk]);
	const document = (id, audio) => ({ tenant: "alpha", source_id: id, site: "nord",
		started_at: new Date(Date.now() - 3600e3).toISOString() , audio });

	before(async () => {
		home = mkdtempSync(path.join(tmpdir(), "smartrecord-full-"));
		disk = path.join(home, "disk");
		folder = path.join(home, "documents");
		mkdirSync(disk);
		mkdirSync(folder);
		await run("chmod", ["755", home]);
		await run("mount", ["-t", "tmpfs", "-o", "size=2m,mode=777", "tmpfs", disk]);
		mkdirSync(path.join(disk, "audio"), { mode: 0o777 });
		await run("chmod", ["777", path.join(disk, "audio")]);
		database = await freshDatabase({ fixtures: true });
		settings = { store: `folder:${disk}/audio` };
		server = await startServer({ database, settings: { ...settings, export_dir: path.join(home, "exports") } });
	});
	after(async () => {
		await jobs?.stop();
		await server?.stop();
		await run("umount", ["-l", disk]);
		rmSync(home, { recursive: true, force: true });
	});
	const fill = () => run("sh", ["-c", `head -c 4M /dev/zero >${disk}/fill`], { check: false });
	const ingest = () => database.command(["ingest", folder], { settings, check: false });

	test("ingest: full, read-only, absent; then it goes on", async () => {
		writeFileSync(path.join(folder, "one.wav"), wav({ seconds: 2 }));
		writeFileSync(path.join(folder, "one.json"), JSON.stringify(document("full-1", { file: "one.wav" })));
		const says = async (words) => {
			const { status, stderr } = await ingest();
			assert.equal(status, 1);
			assert.match(stderr, words);
			assert.match(stderr, /; run it again to go on at one\.json\n/);
		};
		await fill();
		await says(/smartrecord ingest: the store is full: No space left on device;/);
		rmSync(path.join(disk, "fill"));
		await mount("-o", "remount,ro");
		await says(/smartrecord ingest: the store is read-only: Read-only file system;/);
		await mount("-o", "remount,rw");
		renameSync(path.join(disk, "audio"), path.join(disk, "away"));
		await says(/smartrecord ingest: the store is not there: No such file or directory;/);
		renameSync(path.join(disk, "away"), path.join(disk, "audio"));
		// the document lacks fields: the database refuses it, the store took it
		assert.match((await ingest()).stderr, /^one\.json: /);
	});
	test("jobs: an object that can't be removed; a store that can't be used", async () => {
		jobs = await startJobs(server, settings);
		writeFileSync(path.join(disk, "audio", "gone.wav"), "x");
		await mount("-o", "remount,ro");
		await database.sql("insert into store_removal (key) values ('gone.wav')");
		await until("the reason", () => /event=removal_failed key=gone\.wav why="the store is read-only: Read-only file system"/.test(jobs.output));
		await mount("-o", "remount,rw");
		await until("the object to go", async () => await database.sql("select count(*) from store_removal where key = 'gone.wav'") === "0", 60000);
		await jobs.stop();
		jobs = undefined;
	});
	test("jobs does not start on a read-only store", async () => {
		await mount("-o", "remount,ro");
		const { status, stderr } = await database.command(["jobs"], { settings, check: false, timeout: 30000 });
		assert.equal(status, 1);
		assert.match(stderr, /^smartrecord jobs: the store is read-only: Read-only file system .*\n$/);
		await mount("-o", "remount,rw");
	});
});

describe("what a constraint notices", () => {
	let database;
	before(async () => { database = await freshDatabase(); });
	after(() => database?.drop());

	test("is a sentence", async () => {
		const ask = (...words) => database.command(words, { check: false });
		const refused = async (sentence, ...words) => {
			const { status, stderr } = await ask(...words);
			assert.deepEqual([status, stderr], [1, `smartrecord: ${sentence}\n`]);
		};
		await ask("operator", "create", "smart", "--name", "Smart", "--host", "a.test");
		await ask("tenant", "create", "smart/blue", "--name", "Blue");
		await ask("site", "create", "blue", "paris", "--name", "Paris");
		const long = "x".repeat(201);
		await refused("a name has 1 to 200 characters", "operator", "create", "o1", "--name", "");
		await refused("a name has 1 to 200 characters", "tenant", "create", "smart/t1", "--name", long);
		await refused("a name has 1 to 200 characters", "site", "create", "blue", "s1", "--name", long);
		await refused("the contact is no e-mail address", "operator", "set", "smart", "--contact", "nobody");
		await refused("another operator has this host", "operator", "create", "o2", "--name", "O", "--host", "a.test");
		const zone = "there is no such time zone; one is written Europe/Paris";
		await refused(zone, "tenant", "create", "smart/t2", "--name", "T", "--time-zone", "Mars/One");
		await refused(zone, "site", "create", "blue", "s2", "--name", "S", "--time-zone", "Mars/One");
		const account = ["account", "create", "blue", "zed", "--site", "paris", "--first-name", "Z", "--last-name", "D"];
		await refused("E-mail: This is not an e-mail address.", ...account, "--email", "zed@@example");
		for (const kind of ["fixed", "mobile"])
			await refused(`${kind === "fixed" ? "Fixed" : "Mobile"}: A number that begins with 0 has ten digits: 06 13 24 10 88.`,
			    ...account, "--number", `0180:${kind}`);
		assert.equal((await ask(...account, "--number", "1234:fixed", "--number", "0180250194:fixed")).status, 0);
	});
	test("each constraint of the tables that commands write has one", async () => {
		const text = readFileSync(path.join(top, "src/db/constraint.c"), "utf8");
		const known = [...text.matchAll(/^\t\{ "([a-z_]+)",/gm)].map((m) => m[1]).sort();
		// what no value of a command can break: ids that the database makes
		// itself, and rows that refer to one that was just found
		const own = /^(operator|tenant|site|person|account)_pkey$|public_id_key$|_(tenant|operator|home|person)_id_fkey$|^(account_number|profile|telephone)_tenant_id_account_id_fkey$/;
		const there = (await database.sql(`select conname from pg_constraint where conrelid in ('operator'::regclass,
			'tenant'::regclass, 'site'::regclass, 'person'::regclass, 'account'::regclass, 'account_number'::regclass,
			'profile'::regclass, 'telephone'::regclass)`)).split("\n").filter((name) => !own.test(name)).sort();
		assert.deepEqual(known, there);
	});
});
