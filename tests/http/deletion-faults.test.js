// A deletion and a purge of 5,000 recordings each, killed at random
// points: both still end, and database, store and access log agree that
// each recording was removed exactly once. SMARTRECORD_KILLS sets the
// number of kills (6).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { password, people } from "../lib/fixtures.js";
import { freshDatabase, startCluster } from "../lib/pg.js";
import { atEnd, binary, cleanEnvironment, isRoot, run, until, userIds } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const calls = 5000;
const kills = Number(process.env.SMARTRECORD_KILLS ?? 6);
const eachRound = Math.min(10, Math.ceil(kills / 2));
let cluster, database, server, client, jobs;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const random = (list) => list[Math.floor(Math.random() * list.length)];
const sql = async (text) => (await until("the database", () =>
    database.sql(text).catch(() => null).then((x) => x === null ? null : { x }))).x;

function startJobs() {
	const settings = Object.entries(server.settings).map(([key, value]) =>
	    [`SMARTRECORD_${key.toUpperCase()}`, String(value)]);
	const child = spawn(binary, ["jobs"], { stdio: "ignore", ...userIds("nobody"),
	    env: cleanEnvironment(Object.fromEntries(settings)) });
	const forget = atEnd(() => child.kill("SIGKILL"));
	child.on("close", forget);
	return child;
}

async function startPostgres() {
	// a killed postmaster leaves its pid file, and children that are still ending
	await until("PostgreSQL to start", () => cluster.start().then(() => true, () => false), 60000);
}

const victims = {
	jobs: async () => {
		jobs.kill("SIGKILL");
		jobs = startJobs();
	},
	server: async () => {
		for (const pid of server.family())
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// it has ended with its parent
			}
		await server.ended;
		const { dir } = server;
		server = await startServer({ database, dir });
		client.close();
		const fresh = server.client();
		Object.assign(fresh, { cookies: client.cookies, csrf: client.csrf });
		client = fresh;
	},
	postgres: async () => {
		const [pid] = readFileSync(path.join(cluster.data, "postmaster.pid"), "utf8").split("\n");
		process.kill(Number(pid), "SIGKILL");
		await startPostgres();
	},
};

// Creates calls of one day, with an object each, expired or not.
async function populate(round, expired) {
	const folder = path.join(database.store, `round-${round}`);
	mkdirSync(folder);
	for (let i = 1; i <= calls; i++)
		writeFileSync(path.join(folder, `${i}.wav`), "x");
	if (isRoot)
		await run("chown", ["-R", "nobody", folder]);
	await database.sql(`create table made as
		select uuid7_new(r.started_at - i * interval '2 seconds') as new, i, r.* from recording r,
			generate_series(1, ${calls}) i where r.id = (select min(id::text)::uuid from recording where subject = 'Facture contestée');
		insert into recording select tenant_id, new, site_id, account_id, duration_ms, started_at,
			${expired ? "now() - interval '1 minute'" : "expires_at"}, ingested_at, direction, mode, language, mood,
			caller_kind, caller_value, caller_name, callee_kind, callee_value, callee_name, 'Round', pauses,
			'round-${round}/' || i || '.wav', audio_format, audio_rate, audio_channels, audio_samples, audio_sha256,
			to_tsvector('search_plain', 'round${round}') from made;
		insert into utterance select tenant_id, new, site_id, account_id,
			${expired ? "now() - interval '1 minute'" : "expires_at"}, 'x', '[]' from made;
		insert into recording_source select tenant_id, 'r${round}-' || i, new,
			${expired ? "now() - interval '1 minute'" : "expires_at"} from made;
		drop table made`);
}

// Kills random victims: the first at once, the others at random moments, until
// n are killed or no work is left. Returns their names.
async function killWhile(unfinished, n) {
	const killed = [];
	do {
		const who = random(Object.keys(victims));
		await victims[who]();
		killed.push(who);
		await pause(Math.random() * 700);
	} while (killed.length < n && await unfinished());
	return killed;
}

const objects = (round) => readdirSync(path.join(database.store, `round-${round}`)).length;
const intact = async () => assert.doesNotMatch((await until("the log to be examined", () =>
    database.command(["verify-audit"], { check: false }).then((d) => /head/.test(d.stdout) && d))).stdout, /NOT INTACT/);

before(async () => {
	cluster = await startCluster();
	// with this setting a crash loses no committed transaction
	writeFileSync(path.join(cluster.data, "postgresql.auto.conf"), readFileSync(
	    path.join(cluster.data, "postgresql.auto.conf"), "utf8") + "synchronous_commit = on\n");
	await cluster.stop();
	await startPostgres();
	database = await freshDatabase({ fixtures: true, cluster });
	server = await startServer({ database });
	client = await server.client().signIn(people.supervisor.email);
	jobs = startJobs();
});
after(async () => {
	jobs?.kill("SIGKILL");
	client?.close();
	await server?.stop();
	cluster?.destroy();
});

for (let round = 1; round <= Math.ceil(kills / 2 / eachRound); round++) {
	test(`deletion ${round}: each recording is removed exactly once`, { timeout: 600000 }, async (t) => {
		await populate(`d${round}`, false);
		const select = { filter: { q: `roundd${round}` }, except: [],
			as_of: new Date(Date.now() + 60000).toISOString() };
		const ask = () => client.send("POST", "/api/v1/deletions", { headers: { "idempotency-key": `round-${round}` },
		    json: { select, expect: calls, password } });
		// the same request under the same key until it is answered
		let receipt = null;
		const asked = until("an answer", async () => {
			const answer = await ask().catch(() => null);
			if (answer && ![200, 202].includes(answer.status) && answer.status < 500)
				throw new Error(`${answer.status} ${answer.text}`);
			receipt = answer && answer.status < 300 ? answer.json() : null;
			return receipt;
		}, 120000);
		const done = async () => await sql(`select count(*) from deletion where finished_at is not null
			and request_key = 'round-${round}'`) === "1" && objects(`d${round}`) === 0;
		const who = await killWhile(async () => !await done(), eachRound);
		await asked;
		await until("the deletion to end", done, 180000);
		t.diagnostic(`killed: ${who.join(" ")}`);
		assert.equal(await sql(`select count(*) from recording where subject = 'Round'`), "0");
		assert.equal(await sql("select count(*) from recording_gone"), "0");
		assert.equal(await sql("select count(*) from store_removal"), "0");
		assert.equal(await sql(`select count(*) || ' ' || count(distinct recording_id) from audit
			where kind = 'delete' and detail ->> 'deletion' = '${receipt.id}'`), `${calls} ${calls}`);
		assert.equal(await sql(`select count(*) from audit where kind = 'delete_many'
			and detail ->> 'deletion' = '${receipt.id}'`), "1");
		assert.equal(await sql(`select count(*) from recording_source where source_id like 'rd${round}-%'
			and deleted_at is not null`), String(calls));
		assert.equal(await sql(`select done from deletion where id = '${receipt.id}'`), String(calls));
		await intact();
	});
	test(`purge ${round}: each recording is removed exactly once`, { timeout: 600000 }, async (t) => {
		const before = Number(await sql("select coalesce(sum((detail ->> 'count')::int), 0) from audit where kind = 'expire'"));
		await populate(`p${round}`, true);
		await victims.jobs();		// a restarted jobs purges at once, without waiting a minute
		const done = async () => await sql(`select count(*) from recording_source where source_id like 'rp${round}-%'`) === "0"
		    && objects(`p${round}`) === 0;
		const who = await killWhile(async () => !await done(), eachRound);
		await victims.jobs();
		await until("the purge to end", done, 180000);
		t.diagnostic(`killed: ${who.join(" ")}`);
		assert.equal(await sql(`select count(*) from recording where subject = 'Round'`), "0");
		assert.equal(await sql("select count(*) from store_removal"), "0");
		assert.equal(Number(await sql("select sum((detail ->> 'count')::int) from audit where kind = 'expire'")) - before, calls);
		await intact();
	});
}
