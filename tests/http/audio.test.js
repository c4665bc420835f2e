// The audio of a call through the real server: which bytes each request
// gets, what they decode to, and what happens when the source is lost or
// the client disconnects.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, truncateSync,
    writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

const chunkBytes = 128 * 432, header = 1024 + 216;	// 8 kHz, stereo
const damaged = ["lost", "cut", "other_sound", "no_sound", "cut_while_heard"];
const call = { account: "user", ago: 20, mood: "neutral", subject: "Son", words: ["Bonjour."] };
let database, server, client, ids;

before(async () => {
	database = await freshDatabase({ fixtures: true });
	await loadCalls(database, {
		minute: { ...call, seconds: 60 },
		ten_minutes: { ...call, ago: 21, seconds: 600 },
		lost: { ...call, ago: 22 }, cut: { ...call, ago: 23 },
		other_sound: { ...call, ago: 24 }, no_sound: { ...call, ago: 25 },
		cut_while_heard: { ...call, ago: 26, seconds: 600 },
	});
	ids = await recordingIds(database);
	server = await startServer({ database });
	client = await server.client().signIn(people.supervisor.email);
});

after(async () => {
	client?.close();
	await server?.stop();
	// other runs share the store: remove the damaged files
	for (const key of damaged)
		rmSync(await objectPath(key), { force: true });
});

const audio = (key) => `/api/v1/recordings/${ids[key]}/audio.mp3`;

async function objectPath(key) {
	const [{ audio_key }] = await database.rows(
	    `select audio_key from recording where id = '${ids[key]}'`);
	return path.join(database.store, audio_key);
}

// Returns the samples per channel that each decoder finds in the file.
function decodedSamples(bytes, channels) {
	const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-mp3-"));
	const file = path.join(dir, "x.mp3");
	const decode = (command, ...args) => execFileSync(command, args,
	    { maxBuffer: 1 << 28 }).length / 2 / channels;
	try {
		writeFileSync(file, bytes);
		return [decode("ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-"),
		    decode("mpg123", "-q", "-s", file)];
	} finally {
		rmSync(dir, { recursive: true });
	}
}

test("the whole file has the exact length and duration; the cache gives the same bytes", async () => {
	const first = await client.get(audio("minute"));
	assert.equal(first.status, 200);
	assert.equal(first.headers["content-type"], "audio/mpeg");
	assert.equal(first.headers["accept-ranges"], "bytes");
	assert.equal(first.headers["cache-control"], "no-store");
	assert.match(first.headers.etag, /^"[0-9a-f]{32}"$/);
	const frames = Math.ceil((60 * 8000 + 1105) / 576);
	assert.equal(first.headers["content-length"], String(header + frames * 432));
	assert.equal(first.body.length, header + frames * 432);
	assert.deepEqual(decodedSamples(first.body, 2), [480000, 480000]);
	const again = await client.get(audio("minute"));
	assert.ok(again.body.equals(first.body));
	assert.equal(again.headers.etag, first.headers.etag);
});

test("every source format", async () => {
	for (const [key, rate, channels] of [["user_own", 8000, 2], ["user_second", 16000, 2],
		["colleague_own", 8000, 2], ["lyonnais_own", 8000, 1]]) {
		const { status, body } = await client.get(audio(key));
		assert.equal(status, 200);
		assert.deepEqual(decodedSamples(body, channels), [4 * rate, 4 * rate]);
	}
});

test("a single range gives that slice of the file, wherever it begins and ends", async () => {
	const whole = (await client.get(audio("minute"))).body;
	const n = whole.length, border = header + chunkBytes;
	for (const [first, last] of [[0, 0], [0, 1], [0, header - 1], [0, header], [header, header],
		[100, 300], [border - 1, border], [border, border], [border - 1, border - 1],
		[200000, 300000], [5, n - 1], [n - 1, n - 1], [0, n - 1]]) {
		const answer = await client.get(audio("minute"), { range: `bytes=${first}-${last}` });
		assert.equal(answer.status, 206);
		assert.equal(answer.headers["content-range"], `bytes ${first}-${last}/${n}`);
		assert.equal(answer.headers["cache-control"], "no-store");
		assert.ok(answer.body.equals(whole.subarray(first, last + 1)), `${first}-${last}`);
	}
	for (const [range, first, last] of [["bytes=0-", 0, n - 1], [`bytes=${border}-`, border, n - 1],
		["bytes=-1", n - 1, n - 1], ["bytes=-100000", n - 100000, n - 1],
		["bytes=-99999999", 0, n - 1], ["bytes=100-99999999", 100, n - 1]]) {
		const answer = await client.get(audio("minute"), { range });
		assert.equal(answer.status, 206);
		assert.equal(answer.headers["content-range"], `bytes ${first}-${last}/${n}`);
		assert.ok(answer.body.equals(whole.subarray(first, last + 1)), range);
	}
});

test("several or invalid ranges: the whole file; beyond the end: 416", async () => {
	const { headers } = await client.get(audio("user_own"));
	const n = Number(headers["content-length"]);
	for (const range of ["bytes=0-1,5-6", "bytes=x-", "bytes=9-5", "lines=0-1", "bytes="]) {
		const answer = await client.get(audio("user_own"), { range });
		assert.equal(answer.status, 200, range);
		assert.equal(answer.body.length, n);
	}
	for (const range of [`bytes=${n}-`, "bytes=-0"]) {
		const answer = await client.get(audio("user_own"), { range });
		assert.equal(answer.status, 416, range);
		assert.equal(answer.headers["content-range"], `bytes */${n}`);
		assert.match(answer.headers["content-type"], /^application\/problem\+json/);
	}
});

test("If-None-Match: 304; If-Range: a range only if the ETag matches", async () => {
	const { headers, body } = await client.get(audio("user_own"));
	for (const tag of [headers.etag, `W/${headers.etag}`, `"x", ${headers.etag}`, "*"]) {
		const answer = await client.get(audio("user_own"), { "if-none-match": tag });
		assert.equal(answer.status, 304);
		assert.equal(answer.headers.etag, headers.etag);
		assert.equal(answer.body.length, 0);
	}
	const status = async (extra) =>
		(await client.get(audio("user_own"), { range: "bytes=10-19", ...extra })).status;
	assert.equal(await status({ "if-none-match": '"x"' }), 206);
	assert.equal(await status({ "if-range": headers.etag }), 206);
	assert.equal(await status({ "if-range": `W/${headers.etag}` }), 200);
	assert.equal(await status({ "if-range": '"x"' }), 200);
	assert.equal(await status({ "if-range": "Tue, 24 Nov 2026 10:00:00 GMT" }), 200);
	const other = await client.get(audio("user_second"));
	assert.notEqual(other.headers.etag, headers.etag);
	assert.ok((await client.get(audio("user_own"))).body.equals(body));
});

test("HEAD gives the headers of GET without a body", async () => {
	const whole = await client.get(audio("user_own"));
	for (const extra of [{}, { range: "bytes=0-9" }]) {
		const head = await client.send("HEAD", audio("user_own"), { headers: extra });
		assert.equal(head.status, 200);
		assert.equal(head.body.length, 0);
		for (const name of ["content-length", "content-type", "etag", "accept-ranges"])
			assert.equal(head.headers[name], whole.headers[name], name);
	}
	assert.equal((await client.send("HEAD", audio("pending_nothing"))).status, 404);
});

test("404 for pending audio, unknown calls and malformed ids", async () => {
	const pending = await client.get(audio("pending_nothing"));
	assert.equal(pending.status, 404);
	assert.match(pending.json().type, /audio-pending$/);
	// the audio is available while the transcript is pending
	assert.equal((await client.get(audio("pending_audio"))).status, 200);
	const page = await client.get(`/console/recordings/${ids.pending_nothing}/audio.mp3`);
	assert.equal(page.status, 404);
	assert.match(page.headers["content-type"], /^text\/html/);
	for (const id of ["0198c2b1-7c00-7000-8000-000000000001", "x", ids.neighbour_own]) {
		const answer = await client.get(`/api/v1/recordings/${id}/audio.mp3`);
		assert.equal(answer.status, 404);
		assert.doesNotMatch(answer.json().type, /audio-pending$/);
	}
});

test("a lost or damaged source: 502 and a line in the log, also for HEAD", async () => {
	rmSync(await objectPath("lost"));
	truncateSync(await objectPath("cut"), 20000);
	const swapped = await objectPath("other_sound");
	writeFileSync(`${swapped}.new`, wav({ seconds: 4, format: "ulaw" }), { mode: 0o644 });
	renameSync(`${swapped}.new`, swapped);
	writeFileSync(await objectPath("no_sound"), "no WAV at all");
	for (const key of damaged.slice(0, 4)) {
		const answer = await client.get(audio(key));
		assert.equal(answer.status, 502, key);
		assert.match(answer.json().type, /audio-damaged$/);
		assert.equal((await client.send("HEAD", audio(key))).status, 502);
		assert.equal((await client.get(audio(key), { range: "bytes=0-" })).status, 502);
		await until("the log to say so", () => new RegExp(
		    `event=audio_damaged recording=${ids[key]} why="[^"]+"`).test(server.log()));
	}
	// the response contains neither path nor key
	assert.doesNotMatch((await client.get(audio("lost"))).text, /\.wav|alpha\//);
});

// Begins a request whose response the test reads at its own pace.
function begin(target, headers = {}) {
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	return new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: server.port, path: target, ca: server.ca,
		    headers: { ...headers, cookie }, agent: false }, (answer) => {
			answer.on("error", () => {});
			resolve({ asked, answer });
		});
		asked.on("error", reject);
		asked.end();
	});
}

// Returns the chunks in the cache (see src/media/cache.c).
function cachedChunks() {
	const file = readFileSync(path.join(server.dir, "cache", "chunks"));
	let n = 0;
	for (let set = 0; set < file.length; set += 4096 + 8 * 65536)
		for (let slot = 0; slot < 8; slot++)
			n += file.readBigInt64LE(set + slot * 64 + 48) !== 0n;
	return n;
}

// Returns how many times any process has the call's object open.
async function timesOpen(key) {
	const object = await objectPath(key);
	return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).flatMap((pid) => {
		try {
			return readdirSync(`/proc/${pid}/fd`)
			    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
		} catch {
			return [];	// it ended, or the descriptor was closed
		}
	}).filter((target) => target === object).length;
}

test("a source that is truncated during playback cuts the response short", async () => {
	const { answer } = await begin(audio("cut_while_heard"));
	assert.equal(answer.statusCode, 200);
	truncateSync(await objectPath("cut_while_heard"), 100000);
	let got = 0;
	answer.on("data", (bytes) => { got += bytes.length; });
	await new Promise((resolve) => { answer.once("close", resolve); });
	assert.ok(!answer.complete);
	assert.ok(got < Number(answer.headers["content-length"]));
	await until("the log to say so", () =>
		server.log().includes(`event=playback_failed recording=${ids.cut_while_heard}`));
});

test("after a disconnect the source is closed, and the rest is not encoded", async () => {
	const before = cachedChunks();
	const { asked, answer } = await begin(audio("ten_minutes"), { range: "bytes=0-" });
	await new Promise((resolve) => { answer.once("readable", resolve); });
	assert.equal(await timesOpen("ten_minutes"), 1);
	asked.destroy();
	await until("the source to be closed", async () => await timesOpen("ten_minutes") === 0);
	const chunks = Math.ceil(600 * 8000 / 576 / 128);
	assert.ok(cachedChunks() - before < chunks / 2);
	for (let i = 0; i < 100; i++) {
		const other = await begin(audio("ten_minutes"), { range: `bytes=${i * 30000}-` });
		if (i % 2)
			await new Promise((resolve) => { other.answer.once("readable", resolve); });
		other.asked.destroy();
	}
	await until("all sources to be closed", async () => await timesOpen("ten_minutes") === 0);
});

test("30 clients at once each get the right bytes", async () => {
	const { status, body: whole } = await client.get(audio("ten_minutes"));
	assert.equal(status, 200);
	const others = await Promise.all(Array.from({ length: 30 }, async (_, i) => {
		const first = i * 100003 % whole.length;
		const { answer } = await begin(audio("ten_minutes"), { range: `bytes=${first}-` });
		const parts = [];
		for await (const part of answer)
			parts.push(part);
		return [first, answer.statusCode, Buffer.concat(parts)];
	}));
	for (const [first, code, bytes] of others) {
		assert.equal(code, 206, `from ${first}: ${bytes.subarray(0, 300)}`);
		assert.ok(bytes.equals(whole.subarray(first)), `from ${first}: ${bytes.length} bytes`);
	}
});

test("a server without a cache gives the same bytes", async () => {
	const whole = (await client.get(audio("minute"))).body;
	const other = await startServer({ database, settings: { cache_dir: "/proc/nowhere" } });
	try {
		const alone = await other.client().signIn(people.supervisor.email);
		const answer = await alone.get(audio("minute"));
		assert.equal(answer.status, 200);
		assert.ok(answer.body.equals(whole));
		assert.match(other.log(), /event=no_cache/);
		alone.close();
	} finally {
		await other.stop();
	}
});
