// Sound and documents: the first byte and seeking of a long call that was never
// encoded, waveforms, downloads, memory after many aborted streams, relative to
// one chunk encoded alone, cat, the lame command and nginx.
import { spawn } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync,
    writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, ms, wrk } from "./measure.js";
import { open } from "../lib/client.js";
import { document, people, recordingIds } from "../lib/fixtures.js";
import { freePort, freshDatabase } from "../lib/pg.js";
import { build, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

const hours = 4, seconds = 8, aborted = 2000;

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

// Milliseconds from a request to the first bytes of audio after the MP3 header,
// on an open connection, which is then closed.
async function firstSound(server, client, id, from) {
	const socket = await open(server);
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	const ask = (target, range) => socket.write(`GET ${target} HTTP/1.1\r\n` +
	    `Host: localhost\r\nCookie: ${cookie}\r\n${range}\r\n`);
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
	const start = performance.now();
	ask(`/api/v1/recordings/${id}/audio.mp3`, `Range: bytes=${from}-\r\n`);
	await received((got) => got.length >= body(got) + 2048 && body(got) > 4);
	const took = performance.now() - start;
	socket.destroy();
	return took;
}

async function firstByte(database, row) {
	await loadLongCall(database, "alaw");
	const { alaw: id, user_own: other } = await recordingIds(database);
	const key = await database.sql(`select audio_key from recording where id = '${id}'`);
	const program = path.join(build, "bench", "encode_chunk");
	const { stdout } = await run(program, [database.settings.store, key]);
	const chunk = Number(stdout) / 1000;
	const firsts = [], starts = [], seeks = [];
	for (let i = 0; i < 5; i++) {
		// each server has a new cache, so nothing is encoded yet
		const server = await startServer({ database });
		const client = await server.client().signIn(people.user.email);
		const head = await client.send("HEAD", `/api/v1/recordings/${id}/audio.mp3`);
		const middle = Math.floor(Number(head.headers["content-length"]) / 2);
		// the first query on each database connection is slower
		firsts.push(await firstSound(server, client, other, 0));
		for (let j = 0; j < 48; j++)
			await firstSound(server, client, other, 0);
		starts.push(await firstSound(server, client, id, 0));
		for (let j = 0; j < 4; j++)
			seeks.push(await firstSound(server, client, id, middle + j * 400000));
		client.close();
		await server.stop();
	}
	for (const [what, list] of [["first sound of a server just started", firsts],
	    ["first sound of a 4-hour call, never encoded", starts],
	    ["seek to its middle, never encoded", seeks]])
		row(what, ms(median(list)), `one chunk alone ${ms(chunk)}`, median(list) / chunk, list === firsts ? "" : "<= 3");
	return id;
}

// Waveforms, relative to `cat` of the file, which is in the page cache for both.
async function waveforms(database, row) {
	await loadLongCall(database, "pcm16");
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

// Downloads of a call of an hour: MP3, transcript, archive. All is encoded.
async function downloads(database, row) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const sound = wav({ seconds: 3600 });
	writeFileSync(path.join(folder, "hour.wav"), sound);
	writeFileSync(path.join(folder, "hour.json"), JSON.stringify(document("hour",
	    { account: "user", ago: 40, seconds: 3600, mood: "neutral", subject: "Une heure",
	    words: Array.from({ length: 600 }, (_, i) => `Phrase ${i}, et ce qui suit.`) })));
	await database.ingest(folder);
	const timed = async (command, ...args) => {
		const start = performance.now();
		const { stdout } = await run(command, args);
		return [performance.now() - start, stdout];
	};
	const [lame] = await timed("lame", "--quiet", "-b", "48", "-q", "7",
	    path.join(folder, "hour.wav"), path.join(folder, "lame.mp3"));
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
	const { hour } = await recordingIds(database);
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
	await cachedAgainstNginx(server, client, hour, folder, row);
	client.close();
	await server.stop();
	rmSync(folder, { recursive: true });
}

// The same bytes with the same TLS (1.3, AES-256-GCM): from the chunk cache,
// relative to nginx with a file.
async function cachedAgainstNginx(server, client, id, folder, row) {
	const target = `/api/v1/recordings/${id}/audio.mp3`;
	const { body } = await client.get(target);
	const port = await freePort();
	writeFileSync(path.join(folder, "hour.mp3"), body);
	chmodSync(folder, 0o755);
	writeFileSync(path.join(folder, "nginx.conf"), `daemon off; worker_processes 2;
		pid ${folder}/pid; error_log stderr; events {}
		http { access_log off; sendfile on; server { listen 127.0.0.1:${port} ssl; root ${folder};
		ssl_protocols TLSv1.3; ssl_certificate ${server.dir}/cert.pem;
		ssl_certificate_key ${server.dir}/key.pem; } }`);
	const nginx = spawn("nginx", ["-c", path.join(folder, "nginx.conf")],
	    { stdio: "ignore" });
	try {
		await until("nginx", () => run("curl", ["-skI", `https://localhost:${port}/hour.mp3`])
		    .then(() => true, () => false));
		const theirs = await wrk(`https://localhost:${port}/hour.mp3`, { seconds });
		const ours = await wrk(`${server.url}${target}`, { client, seconds });
		const speed = (n) => `${(n * body.length / 1e6).toFixed(0)} MB/s`;
		row("cached MP3 of an hour over TLS", speed(ours), `nginx ${speed(theirs)}`,
		    ours / theirs, ">= 0.9");
	} finally {
		nginx.kill();
	}
}

// Resident memory in KiB and descriptors of each worker, which are the processes
// with threads.
function workers(server) {
	return server.family().map((pid) => [pid, readFileSync(`/proc/${pid}/status`, "utf8")])
	    .filter(([, status]) => !/^Threads:\s+1$/m.test(status)).map(([pid, status]) => ({
		rss: Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]),
		descriptors: readdirSync(`/proc/${pid}/fd`).length }));
}

async function crowd(database, id, row) {
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

export async function measureMedia(row) {
	const database = await freshDatabase({ fixtures: true });
	const id = await firstByte(database, row);
	await waveforms(database, row);
	await downloads(database, row);
	await crowd(database, id, row);
}
