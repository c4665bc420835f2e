// The logs: no searched word, number or name in them after a session of use and
// after errors; each line as text and as JSON; one line per request; syslog
// priorities; rotation, with the real logrotate.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync,
    readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { exchange } from "../lib/client.js";
import { lines, readJson, readText } from "../lib/log.js";
import { freshDatabase, smartrecord, startCluster } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { ask, leave } from "../lib/sql.js";
import { binary, cleanEnvironment, isRoot, run, top, until } from "../lib/process.js";

const secrets = {
	"a searched word": "mirabelle",
	"a searched number": "0698765432",
	"the number as stored": "33698765432",
	"a caller's name": "Zéphyrine",
	"a spoken word": "tarabiscoté",
	"a summary's word": "quiproquo",
	"a tried password": "hunter-of-passwords",
	"a tried e-mail": "inconnu.au.bataillon",
	"an e-mail": people.user.email,
	"a name": people.user.name[1],
	"a method of no kind": "PRUNEAU",
	"the whole address": "127.0.0.1",
	"a pointer": "0x",
	"a message of Kore": "cpu cores",
};
const fields = ["bytes", "complete", "database_ms", "event", "level", "method", "network", "person",
	"request", "route", "status", "stream_ms", "tenant", "time", "total_ms", "waiting_ms", "work_ms"];
const times = ["waiting_ms", "database_ms", "work_ms", "stream_ms"];

let cluster, database, server, jsonServer, hidden, routes;
const jsonFile = () => path.join(cluster.dir, "serve.json.log");
const texts = () => lines(server.log()).map(readText);
const jsons = () => lines(readFileSync(jsonFile(), "utf8")).map(readJson);
// Returns the lines of a request, once there is one.
const linesOf = (id) => until(`the line of ${id}`, () => {
	const found = texts().filter((line) => line.request === id);
	return found.length > 0 && found;
});
const lineOf = async (id) => {
	const found = await linesOf(id);
	assert.equal(found.length, 1);
	return found[0];
};

before(async () => {
	// log every statement; a deployment that does so sets the second parameter
	// too (README)
	cluster = await startCluster();
	await cluster.sql("postgres", "alter system set log_min_duration_statement = 0");
	await cluster.sql("postgres", "alter system set log_parameter_max_length = 0");
	await cluster.sql("postgres", "select pg_reload_conf()");
	database = await freshDatabase({ fixtures: true, cluster });
	await loadCalls(database, { hidden: { account: "user", ago: 2, mood: "positive", seconds: 300,
	    subject: "Confidentiel", summary: "Un quiproquo.",
	    caller: { kind: "e164", value: "+33698765432", name: "Zéphyrine Dubois" },
	    words: ["C'est tarabiscoté, une mirabelle.", "Vraiment."] } });
	({ hidden } = await recordingIds(database));
	routes = (await run(binary, ["routes"])).stdout;
	server = await startServer({ database, settings: { workers: 1, database_connections: 1 } });
	jsonServer = await startServer({ database, settings: { log_format: "json", log_file: jsonFile() } });
});
after(async () => {
	await server?.stop();
	await jsonServer?.stop();
	await leave(database);
	cluster?.destroy();
});

const word = encodeURIComponent("mirabelle");

// Searches, reads, errs and tries passwords. Returns the responses.
async function use(site) {
	const client = await site.client().signIn(people.user.email);
	const answers = [];
	for (const base of ["/api/v1", "/board"])
		for (const query of [`q=${word}`, "number=0698765432", "number=%2B33698765432",
		    `q=${word}&mood=positive`, `q=${word}%00`, `q=${word}&from=mirabelle`,
		    `q=${word}&limit=mirabelle`, `mirabelle=1`, "mirabelle=%zz"]) {
			// the connection of a refusal lingers
			const one = /%00|%zz/.test(query) ? site.client() : client;
			answers.push(await one.get(`${base}/recordings?${query}`));
			if (one !== client)
				one.close();
		}
	assert.equal(answers[0].json().items[0].id, hidden, "the search did find it");
	for (const target of [`/board/recordings/${hidden}?q=${word}`,
	    `/board/recordings/${hidden}/audio.mp3?q=${word}`, `/board/${word}`,
	    `/${word}?${word}`, `/board/recordings/${word}`, `/assets/${word}/${word}`])
		answers.push(await client.get(target));
	for (const [method, target] of [["HEAD", `/board/recordings/${hidden}`], ["OPTIONS", "/board"],
	    ["DELETE", "/board/recordings"], ["HEAD", `/board/recordings/${hidden}/audio.mp3`]])
		answers.push(await client.send(method, target,
		    { headers: { referer: `${site.url}/board/recordings?q=${word}`, "user-agent": "mirabelle" } }));
	const stranger = site.client();
	answers.push(await stranger.post("/api/v1/session",
	    { json: { email: "inconnu.au.bataillon@alpha.test", password: "hunter-of-passwords" } }));
	answers.push(await stranger.post("/board/session",
	    { fields: { email: "inconnu.au.bataillon@alpha.test", password: "hunter-of-passwords" } }));
	answers.push(await stranger.get(`/board/recordings?q=${word}`));
	await exchange(site, "GET /board/mirabelle HTTP/1.1\r\nHost: a\r\nHost: mirabelle\r\n\r\n", { done: /\r\n\r\n/ });
	await exchange(site, "PRUNEAU /board/mirabelle HTTP/1.1\r\nHost: a\r\n\r\n", { done: /\r\n\r\n/ });
	for (const target of ["/healthz", "/readyz", "/readyz?mirabelle"])
		assert.equal((await stranger.get(target)).status, 200);
	// the log is complete when it has the id of the last request
	answers.push(await client.get(`/api/v1/recordings?q=${word}`));
	client.close();
	stranger.close();
	return answers;
}

// Checks the lines about requests: those of the responses, and two of the gate.
function checkAccess(found, answers) {
	const access = found.filter((line) => line.event === "access");
	const patterns = new Set(["-"]);
	for (const [, route] of routes.matchAll(/(\/\S*)$/gm))
		patterns.add(route);
	for (const line of access) {
		const whole = JSON.stringify(line);
		assert.deepEqual(Object.keys(line).filter((key) => key !== "priority").sort(), fields, whole);
		assert.ok(patterns.has(line.route), whole);
		assert.doesNotMatch(line.route, /healthz|readyz/);
		assert.equal(line.network, "127.0.0.0/24");
		const parts = times.map((key) => Number(line[key]));
		assert.ok(parts.every((ms) => ms >= 0), whole);
		const sum = parts.reduce((a, b) => a + b);
		assert.ok(sum <= Number(line.total_ms) + 0.5, whole);
		// no request has the whole day
		assert.ok(Number(line.total_ms) < 86400000, whole);
	}
	for (const answer of answers) {
		const id = answer.headers["x-request-id"];
		if (id === undefined) {
			assert.equal(answer.status, 400, "only the gate gives no id");
			continue;
		}
		const mine = access.filter((line) => line.request === id);
		assert.equal(mine.length, 1, `one line for ${id}`);
		assert.equal(Number(mine[0].status), answer.status);
		assert.equal(Number(mine[0].bytes), answer.body.length);
		assert.equal(mine[0].complete, "yes");
	}
	return access;
}

test("a session of use: each request has one line, as text and as JSON", async () => {
	for (const [site, read] of [[server, texts], [jsonServer, jsons]]) {
		const answers = await use(site);
		await until("the access log", () => read().some((line) =>
			line.request === answers.at(-1).headers["x-request-id"]));
		const access = checkAccess(read(), answers);
		assert.deepEqual(access.filter((line) => line.route === "/board/recordings/{id}/audio.mp3")
		    .map((line) => [line.method, Number(line.bytes) > 0]), [["GET", true], ["HEAD", false]]);
		const tried = access.find((line) => line.route === "/api/v1/session" && line.method === "POST");
		assert.ok(Number(tried.work_ms) > 0, "a password was checked");
		assert.ok(Number(tried.database_ms) > 0);
	}
	assert.equal(typeof jsons().find((line) => line.event === "access").total_ms, "number");
	assert.doesNotMatch(jsonServer.log(), /event/, "nothing is left for standard error");
});

// --- durations ----------------------------------------------------------------

test("a query that is held has its time as database, one behind it as waiting", async () => {
	const [first, second, probe] = [server.client(), server.client(), server.client()];
	await second.get("/healthz");	// connects
	await probe.get("/healthz");
	await ask(database, "postgres", "begin; lock table person");
	const ours = { json: { email: "x@alpha.test", password: "wrong" } };
	const held = first.post("/api/v1/session", ours);
	await until("the first query to wait for the lock", async () => await database.sql(
	    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')") === "t");
	const queued = second.post("/api/v1/session", ours);
	// the worker reads the second request before a later one of another client
	for (let i = 0; i < 5; i++)
		assert.equal((await probe.get("/healthz")).status, 200);
	await ask(database, "postgres", "rollback");
	const [a, b] = [await lineOf((await held).headers["x-request-id"]),
	    await lineOf((await queued).headers["x-request-id"])];
	assert.ok(Number(b.waiting_ms) > Number(a.waiting_ms), JSON.stringify([a, b]));
	assert.ok(Number(a.database_ms) > Number(b.waiting_ms), JSON.stringify([a, b]));
	for (const client of [first, second, probe])
		client.close();
});

// Begins a request; returns its response, or the request when there is none.
const begin = (cookie, method, target) => new Promise((resolve) => {
	const asked = request({ host: "localhost", port: server.port, path: target, method, ca: server.ca,
	    agent: false, headers: { cookie } }, (answer) => resolve({ asked, answer }));
	asked.on("error", () => {});
	asked.end(() => resolve.asked?.());
});
const cookieOf = (client) => [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");

test("a client that leaves early: one line, with what it got", async () => {
	const client = await server.client().signIn(people.user.email);
	// in a download
	const sound = await begin(cookieOf(client), "GET", `/api/v1/recordings/${hidden}/audio.mp3`);
	await new Promise((resolve) => sound.answer.once("data", resolve));
	sound.answer.pause();
	sound.asked.destroy();
	const cut = await lineOf(sound.answer.headers["x-request-id"]);
	assert.equal(Number(cut.status), 200);
	assert.equal(cut.complete, "no");
	assert.ok(Number(cut.bytes) > 0);
	assert.ok(Number(cut.bytes) <= Number(sound.answer.headers["content-length"]));
	// of events
	const events = await begin(cookieOf(client), "GET", "/api/v1/events");
	assert.equal(events.answer.statusCode, 200);
	assert.ok(!texts().some((line) => line.request === events.answer.headers["x-request-id"]),
	    "an open stream has no line yet");
	events.asked.destroy();
	assert.equal((await lineOf(events.answer.headers["x-request-id"])).route, "/api/v1/events");
	// before the reply
	await ask(database, "postgres", "begin; lock table recording");
	const gone = request({ host: "localhost", port: server.port, path: "/api/v1/recordings", ca: server.ca,
	    agent: false, headers: { cookie: cookieOf(client) } });
	gone.on("error", () => {});
	gone.end();
	await until("its query to wait", async () => await database.sql(
	    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')") === "t");
	gone.destroy();
	const [line, ...more] = await until("its line", () => {
		const found = texts().filter((one) => one.status === "499");
		return found.length > 0 && found;
	});
	await ask(database, "postgres", "rollback");
	assert.equal(more.length, 0);
	assert.deepEqual([line.route, line.bytes, line.complete], ["/api/v1/recordings", "0", "no"]);
	assert.ok(Number(line.database_ms) > 0);
	checkAccess([line, cut], []);
	client.close();
});

// --- errors -------------------------------------------------------------------

test("after errors of the database no secret is in the logs", async () => {
	const client = await server.client().signIn(people.user.email);
	const other = await jsonServer.client().signIn(people.user.email);
	const both = async (status) => {
		for (const one of [client, other])
			assert.equal((await one.get(`/api/v1/recordings?q=${word}`)).status, status);
	};
	// the database stops and starts again, and keeps the sessions
	await cluster.sql("postgres", "checkpoint");
	await cluster.stop("immediate");
	await both(503);
	await cluster.start();
	database.sessions.postgres.child.stdin.end();	// it lost its connection
	delete database.sessions.postgres;
	for (const one of [client, other])
		await until("the database again", async () =>
		    (await one.get(`/api/v1/recordings?q=${word}`)).status === 200);
	// a search that times out (it asks for a narrower one), then a statement
	// that fails
	await ask(database, "postgres", "begin; lock table recording");
	await both(422).finally(() => ask(database, "postgres", "rollback"));
	await database.sql("alter table recording rename column subject to gone");
	await both(500);
	await database.sql("alter table recording rename column gone to subject");
	client.close();
	other.close();

	const logs = { server: server.log(), json: readFileSync(jsonFile(), "utf8"),
	    database: readFileSync(path.join(cluster.dir, "log"), "utf8") };
	for (const read of [texts, jsons])
		for (const event of ["worker_started", "access", "db_down", "db_up", "sql_error"])
			assert.ok(read().some((line) => line.event === event), event);
	for (const [where, log] of Object.entries(logs))
		for (const [what, secret] of Object.entries(secrets))
			if (where !== "database" || !["127.0.0.1", "0x"].includes(secret))
				assert.ok(!log.toLowerCase().includes(secret.toLowerCase()),
				    `${what} is in the log of ${where}: ` +
				    log.split("\n").find((l) => l.toLowerCase().includes(secret.toLowerCase())));
});

// --- the journal --------------------------------------------------------------

test("under systemd: a priority on each line, and no date; a worker's death is told", async () => {
	const file = path.join(cluster.dir, "journal");
	const stderr = openSync(file, "a");
	const { dev, ino } = fstatSync(stderr);
	const site = await startServer({ database, stderr, settings: { workers: 1 },
	    env: { JOURNAL_STREAM: `${dev}:${ino}` } });
	closeSync(stderr);
	const all = () => lines(readFileSync(file, "utf8")).map(readText);
	const worker = site.processes().find((pid) =>
	    Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))[1]) > 1);
	process.kill(worker, "SIGKILL");
	await until("the next worker", () => all().filter((line) => line.event === "worker_started").length === 2);
	// it has asked for the certificate, which is read from the file
	const client = site.client();
	await until("it to serve", async () => (await client.get("/readyz").catch(() => ({}))).status === 200);
	client.close();
	writeFileSync(path.join(site.dir, "cert.pem"), "no certificate\n");
	process.kill(site.pid, "SIGUSR1");
	await until("the refusal", () => all().some((line) => line.event === "reload_refused"));
	await site.stop();
	const found = all();
	for (const line of found) {
		assert.equal(line.time, undefined);
		assert.equal(line.priority, { info: "6", warn: "4", error: "3", fatal: "2" }[line.level]);
	}
	const levels = Object.fromEntries(found.map((line) => [line.event, line.level]));
	assert.deepEqual({ ...levels, drain_filter: undefined }, { worker_started: "info",
		worker_died: "error", worker_restarted: "warn", worker_paused: "error", reload_refused: "error",
		certificates_new: "info",
		drain_started: "info", drain_done: "info", drain_filter: undefined });
	const died = found.find((line) => line.event === "worker_died");
	assert.deepEqual([died.pid, died.signal, died.worker], [String(worker), "9", "1"]);
});

// --- the file -----------------------------------------------------------------

// Sends requests one after the other until stop(), which returns the ids of the
// replies and the failures.
function load(site) {
	const clients = [1, 2, 3].map(() => site.client());
	const ids = [], failed = [];
	let going = true;
	const done = clients.map(async (client) => {
		while (going)
			await client.get("/console/sign-in").then(({ status, headers }) => {
				if (status === 200)
					ids.push(headers["x-request-id"]);
				else
					failed.push(status);
			}, (error) => failed.push(error.message));
		client.close();
	});
	return { ids, async stop() {
		going = false;
		await Promise.all(done);
		return { ids, failed };
	} };
}

// Runs the real logrotate with conf/logrotate, for a folder and processes.
async function rotate(dir, pids) {
	const text = readFileSync(path.join(top, "conf", "logrotate"), "utf8");
	const units = [...text.matchAll(/systemctl reload (\S+)/g)].map(([, name]) =>
	    readFileSync(path.join(top, "conf", `${name}.service`), "utf8"));
	assert.equal(units.length, 2);
	// the block of serve, whose folder and file both processes use here
	const [block] = text.match(/^\/var[^]*?\n}/m);
	for (const [i, folder, user] of [[0, "smartrecord", "smartrecord-serve"], [1, "smartrecord-jobs", "smartrecord-jobs"]]) {
		assert.match(units[i], new RegExp(`^LogsDirectory=${folder}$[^]*`, "m"));
		assert.match(units[i], new RegExp(`^User=${user}$`, "m"));
		assert.match(units[i], /^ExecReload=.*-HUP/m);
		assert.match(text, new RegExp(`/var/log/${folder}/[^}]*create 0640 ${user} smartrecord\n[^}]*reload ${user}\n`));
	}
	const owner = isRoot ? "root root" : `${process.getuid()} ${process.getgid()}`;
	const ours = block.replace("/var/log/smartrecord", dir).replaceAll("smartrecord-serve smartrecord", owner)
	    .replace("systemctl reload smartrecord-serve", `kill -HUP ${pids.join(" ")}`);
	assert.ok(ours.includes(dir) && ours.includes("kill -HUP"), "the file has the folder and the reload");
	const file = path.join(dir, "conf");
	writeFileSync(file, ours, { mode: 0o644 });
	await run("logrotate", ["--force", "--state", path.join(dir, "state"), file]);
}

test("rotation by logrotate and SIGHUP: no line is lost, no request fails", async () => {
	const dir = path.join(cluster.dir, "rotated");
	mkdirSync(dir);
	chmodSync(dir, 0o755);
	const file = path.join(dir, "smartrecord.log");
	const site = await startServer({ database, settings: { log_file: file } });
	const settings = Object.fromEntries(Object.entries({ ...site.settings, export_dir: path.join(dir, "exports") })
	    .map(([key, value]) => [`SMARTRECORD_${key.toUpperCase()}`, String(value)]));
	mkdirSync(path.join(dir, "exports"));
	const jobs = spawn(binary, ["jobs"], { env: cleanEnvironment(settings), stdio: "ignore" });
	const ended = new Promise((resolve) => jobs.on("close", resolve));
	const here = (name) => lines(readFileSync(path.join(dir, name), "utf8"));
	await until("jobs", () => here("smartrecord.log").some((line) => /event=jobs_started/.test(line)));
	const before = site.processes();
	const running = load(site);
	for (let round = 1; round <= 3; round++) {
		const sent = running.ids.length;
		await until("load", () => running.ids.length > sent + 50);
		// by hand as well, to keep all files uncompressed
		renameSync(file, path.join(dir, `kept.${round}`));
		process.kill(site.pid, "SIGHUP");
		process.kill(jobs.pid, "SIGHUP");
		await until("both to open the new file", () => existsSync(file) &&
		    here("smartrecord.log").filter((line) => /event=reloaded/.test(line)).length === 2);
		const now = running.ids.length;
		await until("requests in the new file", () => running.ids.length > now + 20 &&
		    here("smartrecord.log").some((line) => /event=access/.test(line)));
	}
	await rotate(dir, [site.pid, jobs.pid]);
	await until("the file after logrotate", () =>
	    here("smartrecord.log").filter((line) => /event=reloaded/.test(line)).length === 2);
	const { ids, failed } = await running.stop();
	assert.deepEqual(failed, []);
	assert.deepEqual(site.processes(), before, "all processes are the same");
	jobs.kill("SIGTERM");
	assert.equal(await ended, 0);
	await site.stop();
	const names = readdirSync(dir).filter((name) => /^kept|^smartrecord\.log/.test(name));
	assert.equal(names.length, 5);
	const all = names.flatMap(here).map(readText);
	const logged = all.filter((line) => line.event === "access").map((line) => line.request);
	assert.equal(new Set(logged).size, logged.length, "no line twice");
	assert.deepEqual(ids.filter((id) => !logged.includes(id)), []);
	assert.deepEqual(all.slice(-1)[0].event !== undefined, true);
	for (const event of ["drain_done", "jobs_stopped"])
		assert.ok(all.some((line) => line.event === event), event);
	assert.equal(site.log(), "", "nothing on standard error");
});

test("SIGHUP to every process, as by systemctl kill, ends none of them", async () => {
	const site = await startServer({ database });
	const before = site.processes();
	for (const pid of before)
		process.kill(pid, "SIGHUP");
	await until("the reload", () => /event=reloaded/.test(site.log()));
	const client = site.client();
	for (let i = 0; i < 20; i++)
		assert.equal((await client.get("/console/sign-in")).status, 200);
	assert.equal((await client.get("/readyz")).status, 200);
	assert.deepEqual(site.processes(), before);
	assert.doesNotMatch(site.log(), /drain/);
	client.close();
	await site.stop();
});

test("a wrong format or a file that can't be opened is one sentence", async () => {
	for (const [command, settings, status, sentence] of [
		["config", { log_format: "xml" }, 2, 'smartrecord: log_format must be text or json, not "xml"\n'],
		["serve", { log_file: "/nonexistent/log" }, 1, "smartrecord serve: log_file /nonexistent/log: No such file or directory\n"],
		["jobs", { log_file: "/nonexistent/log" }, 1, "smartrecord jobs: log_file /nonexistent/log: No such file or directory\n"],
	]) {
		const done = await smartrecord([command], { ...server.settings, ...settings }, { check: false });
		assert.deepEqual([done.status, done.stderr], [status, sentence]);
	}
});

// --- the sources and the manual -------------------------------------------------

describe("events of the sources", () => {
	const files = readdirSync(path.join(top, "src"), { recursive: true })
	    .filter((name) => name.endsWith(".c") && name !== path.join("base", "log.c"))
	    .map((name) => [name, readFileSync(path.join(top, "src", name), "utf8")]);
	const named = new Set(["access"]);

	test("each message begins with event=NAME", () => {
		for (const [name, text] of files) {
			for (const [, call] of text.matchAll(/\blog_(?:info|warn|error|fatal)\((?!const)([^;]*?)[,)]/g))
				assert.match(call.trim(), /^"event=[a-z_]+|^"event=(export_)?%s/, `${name}: ${call}`);
			for (const [, event] of text.matchAll(/"event=([a-z_]+)(?=[ "])/g))
				named.add(event);
		}
		assert.ok(named.size > 30);
	});

	test("the manual lists exactly them", () => {
		const page = readFileSync(path.join(top, "conf", "man", "smartrecord-operation.7.scd"), "utf8");
		const told = [...page.split("\n## Events\n")[1].split(/\n##? /)[0].matchAll(/^(?:\t|    )?([a-z_]+)  /gm)]
		    .map(([, event]) => event);
		const fixed = told.filter((event) => !/^export_(ready|again|later|rights|disk|empty|full)$/.test(event));
		assert.deepEqual([...named].filter((event) => !told.includes(event)), [], "not in the manual");
		assert.deepEqual(fixed.filter((event) => !named.has(event)), [], "only in the manual");
	});
});
