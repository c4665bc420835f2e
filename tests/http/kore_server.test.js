// The server's processes: settings that it refuses, its sandbox, how it ends
// (drain, handover, death of each process), its certificate, its limit of
// requests.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:tls";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase, smartrecord } from "../lib/pg.js";
import { open } from "../lib/client.js";
import { run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { session } from "../lib/sql.js";

let database, id, minutes;
const servers = [];

before(async () => {
	database = await freshDatabase({ fixtures: true });
	const call = { account: "user", ago: 40, mood: "neutral", subject: "Long", words: ["Un."] };
	await loadCalls(database, { hour: { ...call, seconds: 1800 }, minutes: { ...call, ago: 41, seconds: 300 } });
	({ hour: id, minutes } = await recordingIds(database));
});

async function start(settings = {}, more = {}) {
	const server = await startServer({ database, settings, ...more });
	servers.push(server);
	return server;
}

// Ends the servers that a test has not ended itself.
afterEach(async () => {
	for (const server of servers.splice(0))
		if (server.processes().length > 1)
			await server.stop();
});
after(() => database?.drop());

const gone = (pids) => until("all processes to end", () =>
	pids.every((pid) => !readdirSync("/proc").includes(String(pid))));

// Returns the fields of /proc/PID/status.
const status = (pid) => Object.fromEntries(readFileSync(`/proc/${pid}/status`, "latin1")
    .split("\n").map((line) => line.split(/:\s+/)));

// Returns Kore's parent, and its children: the workers and the key manager.
function kore(server) {
	const below = server.processes().slice(1);
	const parent = below.find((pid) => status(pid).PPid === String(server.pid));
	return { parent, children: below.filter((pid) => pid !== parent) };
}

// Sends one request on a connection of its own; returns its status or error.
function ask(server, target = "/healthz", headers = {}) {
	return new Promise((resolve) => {
		request({ host: "localhost", port: server.port, path: target, ca: server.ca,
		    agent: false, headers }, (answer) => {
			let bytes = 0;
			answer.on("data", (chunk) => { bytes += chunk.length; });
			answer.on("end", () => resolve({ status: answer.statusCode,
				headers: answer.headers, bytes,
				whole: answer.complete }));
			answer.on("error", (error) => resolve({ status: error.code }));
		}).on("error", (error) => resolve({ status: error.code })).end();
	});
}

// Begins a download; go() reads it to its end.
function begin(server, target, headers) {
	return new Promise((resolve, reject) => {
		request({ host: "localhost", port: server.port, path: target, ca: server.ca,
		    agent: false, headers }, (answer) => resolve({ go: async () => {
			let bytes = 0;
			for await (const chunk of answer)
				bytes += chunk.length;
			return { status: answer.statusCode, bytes, length: Number(answer.headers["content-length"]) };
		} })).on("error", reject).end();
	});
}

// --- settings that serve refuses ----------------------------------------------

async function refused(settings, words) {
	const { status: ended, stderr } = await smartrecord(["serve"], settings, { check: false });
	assert.equal(ended, 1);
	assert.match(stderr, words);
	assert.doesNotMatch(stderr, /\n./, "one sentence");
}

test("a wrong certificate, port or folder is reported before Kore starts", async () => {
	const server = await start();
	const { dir, settings } = server;
	const ours = { ...settings, port: settings.port + 1 };
	const file = (name) => path.join(dir, name);
	await run("openssl", ["genrsa", "-out", file("other-key.pem"), "2048"]);
	writeFileSync(file("empty"), "");
	await refused({ ...ours, tls_certificate: file("empty") }, /tls_certificate .*empty: /);
	await refused({ ...ours, tls_certificate: file("none") }, /No such file/);
	await refused({ ...ours, tls_key: file("none") }, /tls_key .*none: No such file/);
	await refused({ ...ours, tls_key: file("empty") }, /tls_key .*empty: /);
	await refused({ ...ours, tls_key: file("other-key.pem") },
	    /tls_key .*other-key\.pem: .*not the key of/);
	await refused({ ...ours, state_dir: file("empty") }, /state_dir .*empty/);
	await refused({ ...ours, run_as: "nobody-knows-me" }, /run_as nobody-knows-me: /);
	const holder = (await import("node:net")).createServer();
	await new Promise((resolve) => holder.listen(0, "127.0.0.1", resolve));
	await refused({ ...ours, port: holder.address().port }, /port \d+ .*in use/);
	holder.close();
	await refused({ ...ours, listen: "192.0.2.1" }, /Set listen to an address of this machine/);
});

// --- the sandbox ---------------------------------------------------------------

test("workers and key manager are sandboxed and have given up their rights", async () => {
	const server = await start({ workers: 2 });
	const { children } = kore(server);
	assert.equal(children.length, 3);
	for (const pid of children) {
		assert.equal(status(pid).Seccomp, "2");
		assert.equal(status(pid).NoNewPrivs, "1");
		// the key manager, which has one thread, stays the user who may read the key
		if (status(pid).Threads !== "1")
			assert.notEqual(status(pid).Uid.split("\t")[0], "0");
	}
});

// --- ends ------------------------------------------------------------------------

// Starts clients that send requests one after another, some on kept
// connections; stop() returns the failures. A refused connection is not a
// failure: no server was listening.
function load(server, cookie, n = 6) {
	let going = true, answered = 0;
	const failed = [];
	const count = ({ status: got, whole = true }) => {
		if (got === 200 && whole)
			answered++;
		else if (got === "ECONNREFUSED")
			going = going && false;
		else
			failed.push(got);
	};
	const done = Array.from({ length: n }, async (_, i) => {
		const client = server.client();
		while (going)
			if (i % 2 === 0)
				count(await ask(server, "/api/v1/recordings?limit=5", { cookie }));
			else
				count(await client.get("/api/v1/recordings?limit=5", { cookie })
				    .catch((error) => ({ status: error.code })));
		client.close();
	});
	return {
		get answered() { return answered; },
		async stop() {
			going = false;
			await Promise.all(done);
			return { answered, failed };
		},
	};
}

async function signedIn(server) {
	const client = await server.client().signIn(people.user.email);
	client.close();
	return [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
}

test("SIGTERM under load: every request and download in progress is completed", async () => {
	const server = await start();
	const cookie = await signedIn(server);
	const running = load(server, cookie);
	const sound = await begin(server, `/api/v1/recordings/${minutes}/audio.mp3`, { cookie });
	await until("load", () => running.answered > 100);
	const pids = server.processes();
	process.kill(server.pid, "SIGTERM");
	await until("the drain of both workers", () => server.log().match(/event=drain_started/g)?.length === 2);
	const heard = await sound.go();
	assert.equal(heard.status, 200);
	assert.equal(heard.bytes, heard.length);
	assert.equal(await server.ended, 0);
	const { answered, failed } = await running.stop();
	assert.deepEqual(failed, []);
	assert.ok(answered > 100);
	await gone(pids);
	assert.match(server.log(), /event=drain_done cut=0/);
});

test("the next instance takes over the port: no request fails", async () => {
	const server = await start();
	const cookie = await signedIn(server);
	const running = load(server, cookie);
	await until("load", () => running.answered > 50);
	const next = await start({ port: server.port });
	// the port is served already, so only the log shows that the next one has started
	await until("the next instance", () => next.log().match(/event=worker_started/g)?.length === 2);
	process.kill(server.pid, "SIGTERM");
	assert.equal(await server.ended, 0);
	const before = running.answered;
	await until("load on the next", () => running.answered > before + 50);
	const { failed } = await running.stop();
	assert.deepEqual(failed, []);
	await next.stop();
});

test("a second SIGTERM does not wait for downloads in progress", async () => {
	const server = await start();
	const cookie = await signedIn(server);
	const socket = await open(server);
	socket.write(`GET /api/v1/recordings/${id}/audio.mp3 HTTP/1.1\r\nHost: localhost\r\n` +
	    `Cookie: ${cookie}\r\n\r\n`);
	await new Promise((resolve) => socket.once("data", resolve));
	socket.pause();
	socket.on("error", () => {});
	const pids = server.processes();
	process.kill(server.pid, "SIGTERM");
	await until("the drain", () => /event=drain_started/.test(server.log()));
	const began = Date.now();
	process.kill(server.pid, "SIGTERM");
	await server.ended;
	assert.ok(Date.now() - began < 6000);	// a drain takes up to 15 s
	await gone(pids);
	socket.destroy();
});

test("killed: a worker is replaced, and its successor serves TLS", async () => {
	const server = await start({ workers: 1 });
	const worker = () => kore(server).children.filter((pid) =>
		Number(status(pid).Threads) > 1)[0];
	for (let round = 0; round < 3; round++) {
		const pid = worker();
		process.kill(pid, "SIGKILL");
		await gone([pid]);
		// a handshake may fail while the key manager serves other workers
		let inARow = 0;
		await until("a new worker, for twenty requests in a row", async () => {
			const ready = worker() !== undefined &&
			    (await ask(server, "/readyz")).status === 200;
			inARow = ready ? inARow + 1 : 0;
			return inARow === 20;
		});
	}
});

test("killed: all processes end with the parent", async () => {
	const server = await start();
	const pids = server.processes();
	assert.ok(pids.length >= 5);
	process.kill(server.pid, "SIGKILL");
	await gone(pids);
});

test("killed: Kore's workers end with Kore's parent, and serve ends with an error", async () => {
	const server = await start();
	const pids = server.processes();
	process.kill(kore(server).parent, "SIGKILL");
	assert.equal(await server.ended, 1);
	await gone(pids);
});

test("killed: serve ends with an error when the key manager dies", async () => {
	const server = await start();
	const pids = server.processes();
	const keys = kore(server).children.find((pid) => status(pid).Threads === "1");
	process.kill(keys, "SIGKILL");
	assert.equal(await server.ended, 1);
	await gone(pids);
});

// --- the certificate -----------------------------------------------------------

function serial(server) {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "localhost", port: server.port,
			rejectUnauthorized: false }, () => {
			resolve(socket.getPeerCertificate().serialNumber);
			socket.destroy();
		}).on("error", reject);
	});
}

test("SIGUSR1 reloads the certificate; a bad one changes nothing", async () => {
	const server = await start({ workers: 2 });
	const [cert, key] = ["cert.pem", "key.pem"].map((name) => path.join(server.dir, name));
	const first = await serial(server);
	copyFileSync(cert, path.join(server.dir, "good.pem"));
	writeFileSync(cert, "no certificate\n");
	process.kill(server.pid, "SIGUSR1");
	await until("the error in the log", () => /tls_certificate/.test(server.log()));
	assert.equal(await serial(server), first);
	await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
	    "/CN=localhost", "-out", cert, "-keyout", key]);
	process.kill(server.pid, "SIGUSR1");
	await until("the new certificate", async () => await serial(server) !== first);
	for (let i = 0; i < 5; i++)
		assert.notEqual(await serial(server), first);
});

// --- the limit of requests ----------------------------------------------------------

test("requests beyond the limit: 503 with Retry-After, as page and as problem", async () => {
	const server = await start({ workers: 1, worker_requests: 1 });
	const slow = server.client();
	const holder = session(database, "postgres");
	await holder.ask("begin; lock table person");
	const answer = slow.post("/api/v1/session", { json: { email: people.user.email,
		password: "wrong" } });
	await until("a full worker", async () => await database.sql(
	    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')") === "t");
	const [page, problem] = [await ask(server, "/console"), await ask(server, "/api/v1/session")];
	await holder.ask("rollback");
	holder.child.stdin.end();
	assert.deepEqual([page.status, problem.status], [503, 503]);
	for (const one of [page, problem])
		assert.equal(one.headers["retry-after"], "2");
	assert.match(page.headers["content-type"], /^text\/html/);
	assert.match(problem.headers["content-type"], /^application\/problem\+json/);
	assert.equal((await answer).status, 401);
	assert.equal((await ask(server)).status, 200);
	slow.close();
});

// --- long responses -------------------------------------------------------------

test("300 aborted downloads leave no descriptor and no memory", async () => {
	const server = await start({ workers: 1 });
	const cookie = await signedIn(server);
	const worker = kore(server).children.find((pid) => Number(status(pid).Threads) > 1);
	const descriptors = () => readdirSync(`/proc/${worker}/fd`).length;
	const giveUp = async () => {
		const socket = await open(server);
		socket.on("error", () => {});
		socket.write(`GET /api/v1/recordings/${id}/audio.mp3 HTTP/1.1\r\n` +
		    `Host: localhost\r\nCookie: ${cookie}\r\n\r\n`);
		await new Promise((resolve) => socket.once("data", resolve));
		socket.destroy();
	};
	const round = async (n) => {
		for (let i = 0; i < n; i += 10)
			await Promise.all(Array.from({ length: 10 }, giveUp));
	};
	const before = descriptors();
	await round(50);
	await until("descriptors back", () => descriptors() <= before);
	const memory = Number(status(worker).VmRSS.split(" ")[0]);
	await round(250);
	await until("descriptors back", () => descriptors() <= before);
	const grown = Number(status(worker).VmRSS.split(" ")[0]) - memory;
	// sanitizers keep freed memory
	assert.ok(grown < 4096 || process.env.SMARTRECORD_VARIANT, `${grown} KB more`);
	assert.equal((await ask(server)).status, 200);
});

test("clients that disconnect while their download starts do not crash the worker", async () => {
	const server = await start({ workers: 1 });
	const cookie = await signedIn(server);
	const worker = kore(server).children.find((pid) => Number(status(pid).Threads) > 1);
	for (let i = 0; i < 10; i++) {
		const sockets = await Promise.all(Array.from({ length: 20 }, () => open(server)));
		await new Promise((resolve) => {
			let begun = 0;
			for (const socket of sockets) {
				socket.on("error", () => {}).once("data", () => ++begun === 10 && resolve());
				socket.write(`GET /api/v1/recordings/${id}/audio.mp3 HTTP/1.1\r\n` +
				    `Host: localhost\r\nCookie: ${cookie}\r\n\r\n`);
			}
		});
		// the worker then sees the disconnects and the started files in the same turn
		process.kill(worker, "SIGSTOP");
		sockets.forEach((socket) => socket.destroy());
		process.kill(worker, "SIGCONT");
		assert.equal((await ask(server)).status, 200);
	}
	assert.ok(kore(server).children.includes(worker), server.log());
});

test("a slow download may take longer than any of Kore's timeouts", async () => {
	const server = await start({ workers: 1 });
	const cookie = await signedIn(server);
	const seconds = 18;	// Kore's own limit for a head is 15
	const { got, length, took } = await new Promise((resolve, reject) => {
		const began = Date.now();
		request({ host: "localhost", port: server.port, ca: server.ca, agent: false,
		    path: `/api/v1/recordings/${id}/audio.mp3`, headers: { cookie } }, (answer) => {
			const length = Number(answer.headers["content-length"]);
			let got = 0;
			answer.on("data", (chunk) => {
				got += chunk.length;
				const due = began + seconds * 1000 * got / length;
				if (due > Date.now()) {
					answer.pause();
					setTimeout(() => answer.resume(), due - Date.now());
				}
			});
			answer.on("end", () => resolve({ got, length, took: Date.now() - began }));
			answer.on("error", reject);
		}).on("error", reject).end();
	});
	assert.equal(got, length);
	assert.ok(took > 17000);
});

test("a worker that dies at its start again and again starts after growing pauses", async () => {
	const server = await start({ workers: 1 });
	const starts = () => server.log().match(/worker: started|event=worker_started/g).length;
	const worker = () => kore(server).children.filter((pid) => status(pid).Name?.includes("wrk") || Number(status(pid).Threads) > 1)[0];
	for (const least of [0, 200, 450, 950]) {	// of 0.25 s, 0.5 s, 1 s
		const before = starts(), pid = worker();
		process.kill(pid, "SIGKILL");
		const killed = Date.now();
		await until("the next start", () => starts() > before);
		assert.ok(Date.now() - killed >= least);
		await until("its threads", () => worker() !== undefined);
	}
	assert.equal(server.log().match(/worker_paused/g).length, 1);
	await until("answers", async () => (await ask(server, "/readyz")).status === 200);
});
