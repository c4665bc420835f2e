// GET /recordings/{id}/peaks through the real server: known audio has
// known levels in every format; lost sources and disconnecting clients.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync, rmSync, truncateSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { open } from "../lib/client.js";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const damaged = ["peaks_lost", "peaks_cut", "peaks_cut_late"];
const call = { account: "user", ago: 40, mood: "neutral", subject: "Son", words: ["Bonjour."] };
const tone = Math.round(255 * Math.sqrt(8000 / 32768));
let database, server, client, ids;

before(async () => {
	database = await freshDatabase({ fixtures: true });
	await loadCalls(database, {
		peaks_minute: { ...call, seconds: 60 },
		peaks_long: { ...call, ago: 41, seconds: 4500, hertz: [440] },
		peaks_lost: { ...call, ago: 42 }, peaks_cut: { ...call, ago: 43 },
		peaks_cut_late: { ...call, ago: 44, seconds: 1500, hertz: [440] },
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

const peaks = (key, query = "") => `/api/v1/recordings/${ids[key]}/peaks${query}`;

async function objectPath(key) {
	const [{ audio_key }] = await database.rows(
	    `select audio_key from recording where id = '${ids[key]}'`);
	return path.join(database.store, audio_key);
}

// Returns the response, after a check of its shape.
async function picture(key, query = "", speakers = ["caller", "callee"], n = 1000) {
	const answer = await client.get(peaks(key, query));
	assert.equal(answer.status, 200, answer.text);
	const json = answer.json();
	assert.deepEqual(Object.keys(json), ["from_ms", "to_ms", "lanes"]);
	assert.deepEqual(json.lanes.map((lane) => lane.speaker), speakers);
	for (const lane of json.lanes) {
		assert.equal(lane.levels.length, n);
		assert.ok(lane.levels.every((l) => Number.isInteger(l) && l >= 0 && l <= 255));
	}
	return json;
}

// Checks that the levels are those of the tone, within the precision of A-law
// and mu-law.
const isTone = (levels) => levels.every((l) => Math.abs(l - tone) <= 3);

test("the whole call, every source format", async () => {
	const whole = await picture("peaks_minute");
	assert.deepEqual([whole.from_ms, whole.to_ms], [0, 60000]);
	assert.ok(whole.lanes.every((lane) => isTone(lane.levels)));
	for (const [key, speakers] of [["user_own", ["caller", "callee"]],
		["user_second", ["caller", "callee"]], ["colleague_own", ["caller", "callee"]],
		["lyonnais_own", ["both"]]]) {
		const one = await picture(key, "?n=100", speakers, 100);
		assert.deepEqual([one.from_ms, one.to_ms], [0, 4000]);
		assert.ok(one.lanes.every((lane) => isTone(lane.levels)), key);
	}
});

test("a part of the call; levels beyond its end are 0", async () => {
	const part = await picture("peaks_minute", "?from_ms=59000&to_ms=61000&n=4", undefined, 4);
	assert.deepEqual([part.from_ms, part.to_ms], [59000, 61000]);
	for (const { levels } of part.lanes) {
		assert.ok(isTone(levels.slice(0, 2)));
		assert.deepEqual(levels.slice(2), [0, 0]);
	}
	const rest = await picture("peaks_minute", "?from_ms=59999&n=4000", undefined, 4000);
	assert.deepEqual([rest.from_ms, rest.to_ms], [59999, 60000]);
	const { levels } = rest.lanes[0];	// of eight samples
	assert.ok(levels.every((l, i) => l === levels[i - i % 500]));
	assert.ok(new Set(levels).size > 4);
	const long = await picture("peaks_long", "?from_ms=1195000&to_ms=1205000&n=2", ["both"], 2);
	assert.ok(isTone(long.lanes[0].levels));
	await picture("peaks_long", "?from_ms=80000000&to_ms=86400000&n=1", ["both"], 1);
});

test("invalid parameters: 400 naming the field", async () => {
	for (const [query, field] of [["?from_ms=x", "from_ms"], ["?from_ms=-1", "from_ms"],
		["?to_ms=1.5", "to_ms"], ["?to_ms=86400001", "to_ms"], ["?n=0", "n"], ["?n=4001", "n"],
		["?n=1e3", "n"], ["?from_ms=5&to_ms=5", "to_ms"], ["?from_ms=6&to_ms=5", "to_ms"],
		["?from_ms=60000", "from_ms"]]) {
		const answer = await client.get(peaks("peaks_minute", query));
		assert.equal(answer.status, 400, query);
		assert.equal(answer.json().field, field, query);
		assert.equal(answer.headers["cache-control"], "no-store");
	}
	assert.equal((await client.get(peaks("peaks_minute", "?from_ms=&to_ms=&n="))).status, 200);
});

test("the first response, those from the cache and that of a server without a cache have the same bytes", async () => {
	const first = await client.get(peaks("peaks_long"));
	assert.equal(first.status, 200);
	assert.match(first.headers["content-type"], /^application\/json/);
	for (let i = 0; i < 4; i++)
		assert.ok((await client.get(peaks("peaks_long"))).body.equals(first.body));
	const other = await startServer({ database, settings: { cache_dir: "/proc/nowhere" } });
	try {
		const alone = await other.client().signIn(people.supervisor.email);
		const answer = await alone.get(peaks("peaks_long"));
		assert.equal(answer.status, 200);
		assert.ok(answer.body.equals(first.body));
		assert.equal(answer.headers.etag, first.headers.etag);
		alone.close();
	} finally {
		await other.stop();
	}
});

test("stored by no cache; If-None-Match gives 304", async () => {
	const { headers } = await client.get(peaks("user_own"));
	assert.equal(headers["cache-control"], "no-store");
	assert.match(headers.etag, /^"[0-9a-f]{32}"$/);
	const again = await client.get(peaks("user_own"), { "if-none-match": headers.etag });
	assert.equal(again.status, 304);
	assert.equal(again.headers.etag, headers.etag);
	assert.equal(again.body.length, 0);
	const tags = await Promise.all(["?n=10", "?from_ms=1", "?to_ms=3000"].map(async (query) =>
		(await client.get(peaks("user_own", query))).headers.etag));
	assert.equal(new Set([headers.etag, ...tags]).size, 4);
	const sound = await client.get(`/api/v1/recordings/${ids.user_own}/audio.mp3`);
	assert.notEqual(sound.headers.etag, headers.etag);
	const head = await client.send("HEAD", peaks("user_own"));
	assert.deepEqual([head.status, head.body.length, head.headers.etag], [200, 0, headers.etag]);
});

test("404 for pending audio, unknown calls and malformed ids", async () => {
	const pending = await client.get(peaks("pending_nothing"));
	assert.equal(pending.status, 404);
	assert.match(pending.json().type, /audio-pending$/);
	assert.equal((await client.get(peaks("pending_audio"))).status, 200);
	for (const id of ["0198c2b1-7c00-7000-8000-000000000001", "x", ids.neighbour_own]) {
		const answer = await client.get(`/api/v1/recordings/${id}/peaks`);
		assert.equal(answer.status, 404);
		assert.doesNotMatch(answer.json().type, /audio-pending$/);
	}
});

test("a lost or damaged source: 502 and a line in the log", async () => {
	rmSync(await objectPath("peaks_lost"));
	truncateSync(await objectPath("peaks_cut"), 20000);
	truncateSync(await objectPath("peaks_cut_late"), 11000000);
	for (const key of damaged) {
		const answer = await client.get(peaks(key));
		assert.equal(answer.status, 502, key);
		assert.match(answer.json().type, /audio-damaged$/);
		assert.equal(answer.headers.etag, undefined);
		assert.equal(answer.headers["cache-control"], "no-store");
		await until("the log to say so", () => new RegExp(
		    `event=audio_damaged recording=${ids[key]} why="[^"]+"`).test(server.log()));
	}
});

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

test("after a disconnect at any moment the source is closed", async () => {
	const bare = await startServer({ database, settings: { cache_dir: "/proc/nowhere" } });
	try {
		const person = await bare.client().signIn(people.supervisor.email);
		const cookie = [...person.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
		for (let i = 0; i < 60; i++) {
			const socket = await open(bare);
			socket.write(`GET ${peaks("peaks_long")} HTTP/1.1\r\nHost: localhost\r\n` +
			    `Cookie: ${cookie}\r\n\r\n`);
			await new Promise((resolve) => { setTimeout(resolve, i); });
			socket.destroy();
		}
		await until("all sources to be closed", async () => await timesOpen("peaks_long") === 0);
		assert.equal((await person.get(peaks("peaks_long"))).status, 200);
		assert.equal(await timesOpen("peaks_long"), 0);
		person.close();
	} finally {
		await bare.stop();
	}
});

test("20 requests at once each get the right levels", async () => {
	const answers = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
		const visitor = server.client();
		visitor.cookies = client.cookies;
		const { body } = await visitor.get(peaks("peaks_long", `?n=${100 + i % 3}`));
		visitor.close();
		return body.toString();
	}));
	assert.equal(new Set(answers).size, 3);
});
