// Sound: the first byte and the seek of a call that was never encoded, cached
// audio against nginx, a thousand listeners, and what else is made of a call's
// audio. A part of `make bench`; alone: `node tests/bench/sound.js [part...]`.
import { spawn } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync,
    writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { open } from "../lib/client.js";
import { document, password, people, recordingIds } from "../lib/fixtures.js";
import { freePort, freshDatabase, sharedCluster } from "../lib/pg.js";
import { build, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

const hours = 4, aborted = 2000, connections = 8, rounds = 3, roundSeconds = 2,
    firstRounds = 5, audience = 1000, persons = 50, listenSeconds = 20, bytesPerSecond = 6000;
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const ms = (value) => `${value.toFixed(1)} ms`;
const cookieOf = (client) => [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
const audioOf = (id) => `/api/v1/recordings/${id}/audio.mp3`;

// Seconds of CPU that processes have used, all their threads.
function cpuOf(pids) {
	let ticks = 0;
	for (const pid of pids) {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		ticks += Number(fields[11]) + Number(fields[12]);
	}
	return ticks / 100;
}

// An hour's call.
async function loadHour(database, folder) {
	const { hour } = await recordingIds(database);
	if (hour !== undefined)
		return hour;
	writeFileSync(path.join(folder, "hour.wav"), wav({ seconds: 3600 }));
	writeFileSync(path.join(folder, "hour.json"), JSON.stringify(document("hour",
	    { account: "user", ago: 40, seconds: 3600, mood: "neutral", subject: "Une heure",
	    words: Array.from({ length: 600 }, (_, i) => `Phrase ${i}, et ce qui suit.`) })));
	await database.ingest(folder);
	return (await recordingIds(database)).hour;
}

async function wrk(url, client, target) {
	const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${roundSeconds}s`,
	    "-H", `Cookie: ${cookieOf(client)}`, `${url}${target}`]);
	if (/Non-2xx/.test(stdout))
		throw new Error(`${target}: ${stdout}`);
	const unit = { MB: 1e6, GB: 1e9 };
	const [, size, name] = /([\d.]+)(MB|GB) read/.exec(stdout);
	return Number(size) * unit[name];
}

async function startNginx(server, folder) {
	const port = await freePort();
	chmodSync(folder, 0o755);
	writeFileSync(path.join(folder, "nginx.conf"), `daemon off; worker_processes 2;
		pid ${folder}/pid; error_log stderr; events {}
		http { access_log off; sendfile on; server { listen 127.0.0.1:${port} ssl; root ${folder};
		ssl_protocols TLSv1.3; ssl_certificate ${server.dir}/cert.pem;
		ssl_certificate_key ${server.dir}/key.pem; } }`);
	const nginx = spawn("nginx", ["-c", path.join(folder, "nginx.conf")],
	    { stdio: "ignore" });
	await until("nginx", () => run("curl", ["-skI", `https://localhost:${port}/hour.mp3`])
	    .then(() => true, () => false));
	const children = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, "utf8").split(" ");
	return { nginx, url: `https://localhost:${port}`, pids: [nginx.pid, ...children.filter(Boolean)] };
}

// The same bytes with the same TLS (1.3, AES-256-GCM): from the chunk cache,
// relative to nginx with a file, in turns.
async function cached(row, database) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const id = await loadHour(database, folder);
	const server = await startServer({ database, settings: { cache_mb: 256 } });
	const client = await server.client().signIn(people.user.email);
	writeFileSync(path.join(folder, "hour.mp3"), (await client.get(audioOf(id))).body);
	const { nginx, ...theirs } = await startNginx(server, folder);
	const ours = { url: server.url, pids: server.family() };
	try {
		for (let i = 0; i < rounds; i++)
			for (const [one, target] of [[ours, audioOf(id)], [theirs, "/hour.mp3"]]) {
				const before = cpuOf(one.pids);
				one.bytes = (one.bytes ?? 0) + await wrk(one.url, client, target);
				one.cpu = (one.cpu ?? 0) + cpuOf(one.pids) - before;
			}
	} finally {
		nginx.kill();
	}
	client.close();
	await server.stop();
	rmSync(folder, { recursive: true });
	const rate = (one, by) => one.bytes / 1e6 / by;
	const wall = rounds * roundSeconds;
	row("cached MP3 of an hour over TLS, by CPU second", `${rate(ours, ours.cpu).toFixed(0)} MB`,
	    `nginx ${rate(theirs, theirs.cpu).toFixed(0)} MB`,
	    rate(ours, ours.cpu) / rate(theirs, theirs.cpu), ">= 0.95");
	row("the same by the clock", `${rate(ours, wall).toFixed(0)} MB/s`, `nginx ${rate(theirs, wall).toFixed(0)} MB/s`,
	    ours.bytes / theirs.bytes, "");
}

// Makes a call of hours, which repeats a minute of tones. key is its format.
async function loadLongCall(db, key) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const minute = wav({ seconds: 60, format: key }).subarray(44);
	const head = wav({ seconds: 0, format: key });
	const bytes = minute.length * hours * 60;
	head.writeUInt32LE(36 + bytes, 4);
	head.writeUInt32LE(bytes, 40);
	const file = openSync(path.join(folder, `${key}.wav`), "w");
	writeSync(file, head);
	for (let i = 0; i < hours * 60; i++)
		writeSync(file, minute);
	closeSync(file);
	writeFileSync(path.join(folder, `${key}.json`), JSON.stringify(document(key,
	    { account: "user", ago: 20, seconds: hours * 3600, mood: "neutral",
	    subject: "Très long appel", words: ["Bonjour.", "Au revoir."] })));
	await db.ingest(folder);
	rmSync(folder, { recursive: true });
}

// Opens a connection and asks for something small on it. Returns ask(), which
// requests audio from a byte on and returns the milliseconds until sound is
// there; the connection then ends.
async function listener(server, client, id, from) {
	const socket = await open(server);
	const ask = (target, range) => socket.write(`GET ${target} HTTP/1.1\r\n` +
	    `Host: localhost\r\nCookie: ${cookieOf(client)}\r\n${range}\r\n`);
	const received = (enough) => new Promise((resolve) => {
		let got = Buffer.alloc(0);
		socket.on("data", function more(chunk) {
			got = Buffer.concat([got, chunk]);
			if (enough(got)) {
				socket.off("data", more);
				resolve();
			}
		});
	});
	const body = (got) => got.indexOf("\r\n\r\n") + 4;
	ask("/healthz", "");
	await received((got) => got.includes("\r\n\r\n"));
	return async () => {
		const start = performance.now();
		ask(audioOf(id), `Range: bytes=${from}-\r\n`);
		// more than the header before the sound
		await received((got) => got.length >= body(got) + 2048 && body(got) > 4);
		const took = performance.now() - start;
		socket.destroy();
		return took;
	};
}

const firstSound = async (...args) => await (await listener(...args))();

// Starts tests/bench/listeners with a list of [client, id, first byte]. Returns
// once all are connected; end() gives its report.
async function startListeners(server, list, seconds) {
	const child = spawn(path.join(build, "bench", "listeners"), [server.port, seconds, bytesPerSecond],
	    { stdio: ["pipe", "pipe", "pipe"] });
	let text = "";
	child.stdout.on("data", (chunk) => { text += chunk; });
	const all = new Promise((resolve) => { child.stderr.once("data", resolve); });
	const ended = new Promise((resolve) => { child.once("close", resolve); });
	child.stdin.end(list.map(([client, id, from]) =>
	    `${cookieOf(client)}\t${audioOf(id)}\t${from}\n`).join(""));
	await all;
	return { pid: child.pid, end: async () => {
		await ended;
		return JSON.parse(text);
	} };
}

const encodeChunk = async (database, id) => Number((await run(path.join(build, "bench", "encode_chunk"),
    [database.settings.store, await database.sql(`select audio_key from recording where id = '${id}'`)])).stdout) / 1000;

// Places of a call that are so far apart that no two need the same chunk.
const places = (n, length) => Array.from({ length: n }, (_, i) => Math.floor(length * (i + 0.5) / n));

// Each round has a new server with an empty cache, and measures the encoding of
// a chunk at its side, while the machine is as busy as it is.
async function firstByte(row, database) {
	const { alaw: id, pcm16: other, user_own: short } = await recordingIds(database);
	const ratios = { first: [], start: [], seek: [], playing: [], playingSeek: [], crowd: [], crowdMedian: [] };
	for (let i = 0; i < firstRounds; i++) {
		const server = await startServer({ database, settings: { cache_mb: 256 } });
		const client = await server.client().signIn(people.user.email);
		const length = Number((await client.send("HEAD", audioOf(id))).headers["content-length"]);
		const otherLength = Number((await client.send("HEAD", audioOf(other))).headers["content-length"]);
		const middle = Math.floor(length / 2);
		const note = async (key, chunk, work) => ratios[key].push([await work(), chunk]);
		let chunk = await encodeChunk(database, id);
		// the first query on each database connection is slower
		await note("first", chunk, () => firstSound(server, client, short, 0));
		for (let j = 0; j < 48; j++)
			await firstSound(server, client, short, 0);
		await note("start", chunk, () => firstSound(server, client, id, 0));
		for (let j = 0; j < 4; j++)
			await note("seek", chunk, () => firstSound(server, client, id, middle + j * 400000));
		const listeners = await startListeners(server,
		    places(32, otherLength * 0.9).map((from) => [client, other, from]), 4);
		chunk = await encodeChunk(database, id);
		await note("playing", chunk, () => firstSound(server, client, id, Math.floor(length * 0.1)));
		for (let j = 0; j < 8; j++)
			await note("playingSeek", chunk, () => firstSound(server, client, id, Math.floor(length * 0.2) + j * 400000));
		await listeners.end();
		chunk = await encodeChunk(database, id);
		const ready = await Promise.all(places(32, length * 0.4).map((from) =>
		    listener(server, client, id, from + Math.floor(length * 0.6) - 70000)));
		const took = (await Promise.all(ready.map((ask) => ask()))).toSorted((a, b) => a - b);
		ratios.crowd.push([took.at(-1), chunk]);
		ratios.crowdMedian.push([took[16], chunk]);
		client.close();
		await server.stop();
	}
	for (const [key, what, goal] of [["first", "first sound of a server just started", ""],
	    ["start", "first sound of a 4-hour call, never encoded", "<= 3"],
	    ["seek", "seek to its middle, never encoded", "<= 3"],
	    ["playing", "first sound while 32 others play", "<= 3"],
	    ["playingSeek", "seek while 32 others play", "<= 3"],
	    ["crowdMedian", "32 first sounds at once, median", ""],
	    ["crowd", "32 first sounds at once, the last one", "<= 20"]])
		row(what, ms(median(ratios[key].map(([took]) => took))),
		    `one chunk alone ${ms(median(ratios[key].map(([, one]) => one)))}`,
		    median(ratios[key].map(([took, one]) => took / one)), goal);
}

// Resident memory of all processes in KiB, shared pages counted once.
const memoryOf = (pids) => pids.reduce((sum, pid) => sum +
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]), 0);

// Creates supervisors of alpha. Returns their addresses.
async function supervisors(database, n) {
	const emails = Array.from({ length: n }, (_, i) => `listener${i}@alpha.test`);
	for (const email of emails)
		await database.command(["account", "create", "alpha", email.split("@")[0], "--site", "paris",
		    "--first-name", "Lise", "--last-name", email.split("@")[0], "--email", email,
		    "--supervisor", "--password-stdin"], { input: `${password}\n` });
	await database.sql("delete from mail; delete from right_notice");
	return emails;
}

// A thousand people listen for a while: half of them to what is in the cache,
// half at places of calls that are encoded as they go.
async function thousand(row, database) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const hour = await loadHour(database, folder);
	const { alaw, pcm16 } = await recordingIds(database);
	const server = await startServer({ database, settings: { cache_mb: 512 } });
	const clients = [];
	for (const email of await supervisors(database, persons))
		clients.push(await server.client().signIn(email));
	const length = (await clients[0].get(audioOf(hour))).body.length;
	const long = Number((await clients[0].send("HEAD", audioOf(alaw))).headers["content-length"]);
	const list = places(audience / 2, length * 0.9).flatMap((from, i) => [[clients[i % persons], hour, from],
	    [clients[i % persons], i % 2 ? alaw : pcm16, Math.floor(from * long / length)]]);
	const pids = server.family(), memory = memoryOf(pids), before = cpuOf(pids);
	const since = performance.now();
	const listeners = await startListeners(server, list, listenSeconds);
	const started = cpuOf(pids), from = performance.now();
	await new Promise((resolve) => setTimeout(resolve, (listenSeconds - 2) * 1000));
	const used = cpuOf(pids) - started, wall = (performance.now() - from) / 1000;
	const load = cpuOf([listeners.pid]), later = memoryOf(pids);
	const got = await listeners.end();
	const wrong = Math.max(got.broken, audience - got.heard);
	row(`${audience} listeners in real time, half of them encoded: starved or without sound`,
	    String(got.starved + wrong), `underruns ${got.underruns}, errors ${wrong}`,
	    got.starved + wrong, "0");
	row("their first second of sound: p50, p95, last", `${ms(got.began_p50 * 1000)}, ${ms(got.began_p95 * 1000)}`,
	    ms(got.began_max * 1000), got.began_max / got.began_p50, "");
	row("cores used by the server, then by the listeners", (used / wall).toFixed(2),
	    `while all began ${((started - before) / (from - since) * 1000).toFixed(2)}`,
	    used / wall / 2, "<= 1");
	row("CPU of the load", `${load.toFixed(1)} s`, `server ${(used + started - before).toFixed(1)} s`,
	    load / (used + started - before), "");
	row("memory of all processes, per listener", `${((later - memory) / audience).toFixed(0)} KiB`,
	    `${(later / 1024).toFixed(0)} MiB in all`, later / memory, "");
	clients.forEach((client) => client.close());
	await server.stop();
	rmSync(folder, { recursive: true });
}

// Waveforms, relative to `cat` of the file, which is in the page cache for both.
async function waveforms(row, database) {
	for (const key of ["alaw", "pcm16"]) {
		const id = (await recordingIds(database))[key];
		const audio = await database.sql(`select audio_key from recording where id = '${id}'`);
		const cats = [], first = [], again = [];
		const timed = async (list, work) => {
			const start = performance.now();
			await work();
			list.push(performance.now() - start);
		};
		for (let i = 0; i < 5; i++) {
			const server = await startServer({ database });
			const client = await server.client().signIn(people.user.email);
			const draw = () => client.get(`/api/v1/recordings/${id}/peaks`);
			await timed(cats, () => run("sh", ["-c", 'exec cat "$0" >/dev/null',
			    path.join(database.store, audio)]));
			await timed(first, draw);
			for (let j = 0; j < 3; j++)
				await timed(again, draw);
			client.close();
			await server.stop();
		}
		for (const [what, list] of [["never looked at", first], ["cached", again]])
			row(`waveform of a 4-hour call, ${key}, ${what}`, ms(median(list)),
			    `cat ${ms(median(cats))}`, median(list) / median(cats), "");
	}
}

// Downloads of a call of an hour: transcript, archive. All is encoded.
async function downloads(row, database) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	writeFileSync(path.join(folder, "hour.wav"), wav({ seconds: 3600 }));
	const timed = async (command, ...args) => {
		const start = performance.now();
		const { stdout } = await run(command, args);
		return [performance.now() - start, stdout];
	};
	const [lame] = await timed("lame", "--quiet", "-b", "48", "-q", "7",
	    path.join(folder, "hour.wav"), path.join(folder, "lame.mp3"));
	const hour = await loadHour(database, folder);
	const key = await database.sql(`select audio_key from recording where subject = 'Une heure'`);
	const [, whole] = await timed(path.join(build, "bench", "encode_chunk"),
	    database.settings.store, key, "2");
	row("an hour encoded whole, two threads", ms(Number(whole) / 1000), `lame ${ms(lame)}`,
	    Number(whole) / 1000 / lame, "<= 0.6");
	const [, pdf] = await timed(path.join(build, "bench", "make_pdf"),
	    "/usr/share/fonts/truetype/dejavu", "60");
	const [, chunk] = await timed(path.join(build, "bench", "encode_chunk"),
	    database.settings.store, key);
	row("PDF of an hour's call", ms(pdf.split(" ")[0] / 1000),
	    `one chunk alone ${ms(chunk / 1000)}`, pdf.split(" ")[0] / chunk, "100 ms");
	const server = await startServer({ database, settings: { cache_mb: 256 } });
	const client = await server.client().signIn(people.user.email);
	for (const what of ["never encoded", "again"]) {
		const start = performance.now();
		const answer = await client.get(`/api/v1/recordings/${hour}/archive.zip`,
		    { range: "bytes=0-0" });
		const took = performance.now() - start;
		if (answer.status !== 206)
			throw new Error(`archive: ${answer.status}`);
		row(`first byte of the ZIP of an hour's call, ${what}`, ms(took), `lame ${ms(lame)}`,
		    took / lame, "");
	}
	client.close();
	await server.stop();
	rmSync(folder, { recursive: true });
}

// Resident memory in KiB and descriptors of each worker, which are the processes
// with threads.
function workers(server) {
	return server.family().map((pid) => [pid, readFileSync(`/proc/${pid}/status`, "utf8")])
	    .filter(([, status]) => !/^Threads:\s+1$/m.test(status)).map(([pid, status]) => ({
		rss: Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]),
		descriptors: readdirSync(`/proc/${pid}/fd`).length }));
}

async function crowd(row, database) {
	const { alaw: id } = await recordingIds(database);
	const server = await startServer({ database });
	const client = await server.client().signIn(people.user.email);
	await firstSound(server, client, id, 0);
	const sum = (list, field) => list.reduce((a, one) => a + one[field], 0);
	client.close();
	const rest = workers(server);
	const abort = async (from, to) => {
		for (let i = from; i < to; i += 20)
			await Promise.all(Array.from({ length: 20 }, (_, j) =>
			    firstSound(server, client, id, (i + j) * 16000 % 5000000)));
	};
	await abort(0, aborted / 10);
	const warm = workers(server);
	await abort(aborted / 10, aborted);
	const spent = () => sum(workers(server), "descriptors") - sum(rest, "descriptors");
	await until("the descriptors to close", () => spent() <= 0, 15000).catch(() => {});
	const later = workers(server);
	const mib = (list) => `${(sum(list, "rss") / list.length / 1024).toFixed(1)} MiB`;
	row(`memory of a worker after ${aborted / 10} aborted streams`, mib(warm),
	    `at rest ${mib(rest)}`, sum(warm, "rss") / sum(rest, "rss"), "");
	row(`memory of a worker after ${aborted} aborted streams`, mib(later),
	    `after ${aborted / 10} ${mib(warm)}`, sum(later, "rss") / sum(warm, "rss"), "1");
	row("descriptors of the workers then", String(sum(later, "descriptors")),
	    `at rest ${sum(rest, "descriptors")}`,
	    sum(later, "descriptors") / sum(rest, "descriptors"), "<= 1");
	await server.stop();
}

const parts = { firstByte, cached, thousand, waveforms, downloads, crowd };

export async function measureSound(row, wanted = Object.keys(parts)) {
	const database = await freshDatabase({ fixtures: true });
	for (const key of ["alaw", "pcm16"])
		await loadLongCall(database, key);
	for (const part of wanted)
		await parts[part](row, database);
}

if (process.argv[1] === import.meta.filename) {
	const wanted = process.argv.slice(2);
	await measureSound((what, value, against, ratio, goal) => console.log(what, "|", value, "|", against, "|",
	    ratio.toFixed(2), "|", goal), wanted.length > 0 ? wanted : undefined);
	(await sharedCluster()).destroy();
}
