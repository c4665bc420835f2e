// A primary that is killed and a standby that takes its place: the server finds
// it by the list of hosts, and only what was running fails.
import assert from "node:assert/strict";
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { Cluster, freePort, freshDatabase, startCluster } from "../lib/pg.js";
import { isRoot, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const list = "/api/v1/recordings?limit=5";
const workers = 2, connections = 4;
let primary, standby, database, server;

// Copies the running primary into a standby that follows it.
async function startStandby() {
	const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	const { uid, gid } = primary.owner;
	writeFileSync(path.join(dir, "port"), String(await freePort()));
	const copy = new Cluster(dir);
	chmodSync(dir, 0o755);
	mkdirSync(path.join(dir, "stores"));
	if (isRoot)
		chownSync(dir, uid, gid);
	await run("pg_basebackup", ["-h", primary.dir, "-p", String(primary.port), "-U", "postgres", "-D", copy.data,
	    "--write-recovery-conf", "--checkpoint=fast", "--no-sync"], { cwd: dir, ...primary.owner });
	appendFileSync(path.join(copy.data, "postgresql.auto.conf"),
	    `port = ${copy.port}\nunix_socket_directories = '${dir}'\n`);
	cpSync(path.join(primary.dir, "cert.pem"), path.join(dir, "cert.pem"));
	await copy.start();
	return copy;
}

before(async () => {
	primary = await startCluster();
	database = await freshDatabase({ fixtures: true, cluster: primary });
	appendFileSync(path.join(primary.data, "pg_hba.conf"), "local replication all trust\n");
	await primary.sql("postgres", "select pg_reload_conf()");
	standby = await startStandby();
	const { database: conninfo } = database.settings;
	server = await startServer({ database, settings: { workers, database_connections: connections,
		database: conninfo.replace(/host=\S+ port=\S+/, `host=localhost,localhost port=${primary.port},${standby.port}`) } });
});
after(async () => {
	await server?.stop();
	primary?.destroy();
	standby?.destroy();
});

test("the standby is found when it is promoted; before and after it no request fails", async (t) => {
	let stage = "before";
	const seen = { before: {}, between: {}, after: {} };
	const clients = await Promise.all(Array.from({ length: 6 }, () => server.client().signIn(people.supervisor.email)));
	const ask = async (client) => {
		const begun = stage;
		const { status } = await client.get(list);
		const count = seen[[begun, stage].includes("between") ? "between" : begun];
		count[status] = (count[status] ?? 0) + 1;
	};
	const load = clients.map(async (client) => {
		while (stage !== "end")
			await ask(client);
	});
	await until("answers", () => seen.before[200] >= 100);
	await until("the standby to have all", async () => await primary.sql("postgres",
	    "select pg_current_wal_lsn() = replay_lsn from pg_stat_replication") === "t");
	stage = "between";
	await primary.stop("immediate");
	await standby.sql("postgres", "select pg_promote()");
	// answers, and no connection is left that still looks for the new primary
	await until("all connections to the new primary", async () => Number(await standby.sql("postgres",
	    "select count(*) from pg_stat_activity where usename = 'smartrecord_app'")) === workers * connections);
	await until("answers again", () => seen.between[200] >= 1);
	stage = "after";
	await until("answers", () => seen.after[200] >= 200);
	stage = "end";
	await Promise.all(load);
	// a write goes to the new primary as well
	await clients[0].signIn(people.supervisor.email);
	clients.forEach((client) => client.close());
	t.diagnostic(JSON.stringify(seen));
	assert.deepEqual(Object.keys(seen.before), ["200"]);
	assert.deepEqual(Object.keys(seen.after), ["200"]);
	assert.deepEqual(Object.keys(seen.between).sort(), ["200", "503"]);
});
