// TLS: handshakes a second beside nginx with the same certificates, and what
// idle connections and event streams cost in memory. Runs
// alone, too: tls.js [handshakes | idle | streams].
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { people } from "../lib/fixtures.js";
import { freePort, freshDatabase, sharedCluster } from "../lib/pg.js";
import { build, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const rounds = 5, seconds = 1, connections = 32, idle = 10000, streams = 5000;
const trimmed = 11000;	// milliseconds until a worker has given memory back
const program = path.join(build, "bench", "handshakes");
const sum = (list) => list.reduce((a, b) => a + b, 0);
const mb = (kib) => `${(kib / 1024).toFixed(1)} MB`;
const read = (pid, name) => readFileSync(`/proc/${pid}/${name}`, "latin1");

// Seconds of CPU that processes have used, to the nanosecond.
function used(pids) {
	return sum(pids.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) =>
	    Number(read(pid, `task/${thread}/schedstat`).split(" ")[0])))) / 1e9;
}

// KiB of each process, shared pages divided among those that share them.
const share = (pids) => pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(pid, "smaps_rollup"))[1]));
const resident = (pids) => pids.map((pid) => Number(/^VmRSS:\s+(\d+)/m.exec(read(pid, "status"))[1]));

// The workers are the processes with threads.
const workers = (server) => server.family().filter((pid) => !/^Threads:\s+1$/m.test(read(pid, "status")));

const kinds = {
	"ECDSA P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
	"RSA 2048": ["-newkey", "rsa:2048"],
};

async function nginx(folder, files) {
	const port = await freePort();
	const file = path.join(folder, "nginx.conf");
	writeFileSync(file, `daemon off; worker_processes 2;
		pid ${folder}/pid; error_log stderr crit; events { worker_connections 1024; }
		http { access_log off; server { listen 127.0.0.1:${port} ssl; return 204;
		ssl_protocols TLSv1.3; ssl_ecdh_curve X25519:P-256:P-384;
		ssl_certificate ${files[0]}; ssl_certificate_key ${files[1]}; } }`);
	const child = spawn("nginx", ["-c", file], { stdio: "ignore", detached: true });
	await until("nginx", () => run("curl", ["-skI", `https://localhost:${port}/`])
	    .then(() => true, () => false));
	const pids = [child.pid, ...execFileSync("ps", ["--ppid", child.pid, "-o", "pid="])
	    .toString().trim().split(/\s+/).map(Number)];
	return { port, pids, stop: () => child.kill() };
}

// Makes handshakes for a while. Returns how many, how many of them were resumed,
// seconds by the clock, and of CPU of the server.
async function shake({ port, pids }, kind) {
	const before = used(pids);
	const { stdout } = await run(program, ["rate", String(port), String(seconds),
	    String(connections), kind]);
	const [made, resumed, failed, took] = stdout.trim().split(" ").map(Number);
	if (failed > 0)
		throw new Error(`${failed} of ${made} handshakes failed`);
	return { made, resumed, took, cpu: used(pids) - before };
}

async function handshakes(database, row, name, options) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const files = ["cert.pem", "key.pem"].map((file) => path.join(folder, file));
	await run("openssl", ["req", "-x509", ...options, "-nodes", "-days", "2", "-subj",
	    "/CN=localhost", "-out", files[0], "-keyout", files[1]]);
	for (const file of [folder, ...files])
		chmodSync(file, 0o755);
	const server = await startServer({ database,
	    settings: { tls_certificate: files[0], tls_key: files[1] } });
	const theirs = await nginx(folder, files);
	const ours = { port: server.port, pids: server.family() };
	// the key manager is started last, and has no threads
	const threaded = workers(server);
	const signer = [Math.max(...ours.pids.filter((pid) => !threaded.includes(pid)))];
	for (const kind of ["full", "resume"]) {
		const before = used(signer);
		const of = { ours: [], theirs: [] };
		for (let i = 0; i < rounds; i++) {
			of.ours.push(await shake(ours, kind));
			of.theirs.push(await shake(theirs, kind));
		}
		const all = (list, field) => sum(list.map((one) => one[field]));
		const per = (list, what, by) => all(list, what) / all(list, by);
		const text = (list) => `${per(list, "made", "cpu").toFixed(0)} a CPU second`;
		row(`handshakes, ${name}, ${kind}`, text(of.ours), `nginx ${text(of.theirs)}`,
		    per(of.ours, "made", "cpu") / per(of.theirs, "made", "cpu"), "");
		const clock = (list) => `${per(list, "made", "took").toFixed(0)}/s`;
		row(`handshakes, ${name}, ${kind}, by the clock`, clock(of.ours),
		    `nginx ${clock(of.theirs)}`,
		    per(of.ours, "made", "took") / per(of.theirs, "made", "took"), "");
		const signing = used(signer) - before;
		if (kind === "full")
			row(`the key manager's part of that, ${name}`, `${(all(of.ours, "made") / signing).toFixed(0)} ` +
			    "a second of its core", `${(signing / all(of.ours, "made") * 1e6).toFixed(0)} us each`,
			    signing / all(of.ours, "cpu"), "");
		if (kind === "resume") {
			const taken = (list) => Math.min(100, 100 * all(list, "resumed") /
			    (all(list, "made") - list.length * connections));
			row(`tickets taken, ${name}`, `${taken(of.ours).toFixed(1)} %`,
			    `nginx ${taken(of.theirs).toFixed(1)} %`,
			    taken(of.ours) / taken(of.theirs), "1");
		}
	}
	theirs.stop();
	await server.stop();
	rmSync(folder, { recursive: true });
}

// Opens connections, and measures what the server's processes have then.
// Returns KiB: { share, resident }, of each worker.
async function held(server, count, ...options) {
	const child = spawn(program, ["hold", String(server.port), String(count), ...options],
	    { stdio: ["pipe", "pipe", "inherit"] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const open = Number((await lines.next()).value);
	const pids = workers(server);
	const result = { all: sum(share(server.family())), share: share(pids), resident: resident(pids) };
	child.stdin.end();
	const closed = Number((await lines.next()).value);
	if (open < count * 0.9 || closed > count - open)
		throw new Error(`${count} connections: ${open} open, ${closed} closed`);
	return { ...result, open };
}

const each = (after, before, count) => `${((after - before) / count).toFixed(1)} KiB each`;

async function idleConnections(database, row) {
	const rest = await startServer({ database });
	await run("curl", ["-sk", `${rest.url}/`]);
	for (const [name, list] of [["PSS", share(workers(rest))], ["RSS", resident(workers(rest))]])
		row(`memory of a worker at rest, ${name}`, mb(Math.max(...list)), "",
		    Math.max(...list) / 1024 / 40, "< 1 (40 MB)");
	await rest.stop();
	const server = await startServer({ database, settings: { worker_connections: idle } });
	const before = sum(share(server.family()));
	const now = await held(server, idle, "/healthz");
	row(`${now.open} idle connections, all processes, PSS`, mb(now.all),
	    `at rest ${mb(before)}; ${each(now.all, before, now.open)}`, now.all / 1024 / 250, "< 1 (250 MB)");
	await new Promise((resolve) => setTimeout(resolve, trimmed));
	const after = Math.max(...resident(workers(server)));
	row("memory of a worker that had them, RSS", mb(after), "", after / 1024 / 40, "< 1 (40 MB)");
	await server.stop();
}

// Makes as many sessions as the streams need, a person for sixteen streams, and
// writes the cookie of each stream into a file.
async function sessions(database, file) {
	const tokens = await database.sql(`
		with chosen as (
			select a.*, p.operator_id, p.home_id from account a join person p on p.id = a.person_id
			where p.email = '${people.user.email}' limit 1
		), p as (
			insert into person (operator_id, home_id, email, name)
			select operator_id, home_id, 'stream-' || n || '@example.test', 'Flux'
			from chosen, generate_series(1, ${Math.ceil(streams / 16)}) n returning id
		), a as (
			insert into account (tenant_id, key, site_id, person_id, entered)
			select c.tenant_id, 'stream-' || p.id, c.site_id, p.id, true
			from chosen c, p returning tenant_id, id, person_id
		), s as (
			select a.*, encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex') as token
			from a, generate_series(1, 4)
		), made as (
			insert into session (token_hash, person_id, tenant_id, account_id)
			select sha256(convert_to(token, 'UTF8')), person_id, tenant_id, id from s
		)
		select token from s`);
	const lines = tokens.split("\n").flatMap((token) => Array(4).fill(`__Host-session=${token}`));
	writeFileSync(file, lines.slice(0, streams).join("\n") + "\n");
}

async function eventStreams(database, row) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const file = path.join(folder, "cookies");
	await sessions(database, file);
	const server = await startServer({ database, settings: { worker_connections: idle,
		worker_streams: idle } });
	const before = sum(share(server.family()));
	const now = await held(server, streams, "/api/v1/events", file);
	row(`${now.open} streams of events, all processes, PSS`, mb(now.all),
	    `at rest ${mb(before)}; ${each(now.all, before, now.open)}`, now.all / before, "");
	await server.stop();
	rmSync(folder, { recursive: true });
}

export async function measureTls(row, only = "") {
	const database = await freshDatabase({ fixtures: true });
	for (const [name, options] of Object.entries(kinds))
		if (only === "" || only === "handshakes")
			await handshakes(database, row, name, options);
	if (only === "" || only === "idle")
		await idleConnections(database, row);
	if (only === "" || only === "streams")
		await eventStreams(database, row);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	await measureTls((...cells) => console.log(cells.map((cell) =>
	    typeof cell === "number" ? cell.toFixed(2) : cell).join("  |  ")), process.argv[2]);
	(await sharedCluster()).destroy();
}
