// Recorded speech that others made: the French prompts of Asterisk, each
// delivered as a call and played to its last sample. 40 of them, from the
// shortest to the longest; all of them in `make torture` (PROMPTS=all).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { document, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const root = "/usr/share/asterisk/sounds/fr_CA_f_June";
const headBytes = 44;

// The prompts by their size, then their name: [{ name, file, bytes }].
function prompts() {
	const all = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".wav"))
	    .map((name) => ({ name, file: path.join(root, name), bytes: readFileSync(path.join(root, name)) }))
	    .filter(({ bytes }) => bytes.length > headBytes)
	    .sort((a, b) => a.bytes.length - b.bytes.length || (a.name < b.name ? -1 : 1));
	if (process.env.PROMPTS === "all")
		return all;
	// 30 short ones, and 10 evenly spread over the rest but for the longest
	const rest = all.slice(30);
	return [...all.slice(0, 30), ...Array.from({ length: 10 }, (_, i) => rest[Math.floor(i * rest.length / 10)])];
}

const wanted = prompts();
const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-prompts-"));
let database, server, supervisor, ids, done;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	wanted.forEach(({ name, file, bytes }, i) => {
		const ms = Math.max(1, Math.round((bytes.length - headBytes) / 16));
		const call = { account: "user", ago: 1 + i / 1000, mood: "neutral", subject: name, words: ["Bonjour."],
			spans: [{ start_ms: 0, end_ms: ms }] };
		symlinkSync(file, path.join(folder, `${i}.wav`));
		writeFileSync(path.join(folder, `${i}.json`), JSON.stringify({ ...document(name, call),
			duration_ms: ms, audio: { file: `${i}.wav` } }));
	});
	done = await database.command(["ingest", folder], { check: false });
	server = await startServer({ database });
	supervisor = await server.client().signIn(people.supervisor.email);
	ids = await recordingIds(database);
});
after(async () => {
	rmSync(folder, { recursive: true });
	supervisor?.close();
	await server?.stop();
});

test("the package has its prompts", () => {
	assert.equal(wanted.length, process.env.PROMPTS === "all" ? 561 : 40);
});

test("all are taken as they are, without a word", async () => {
	assert.equal(done.stderr, "");
	assert.match(done.stdout, new RegExp(`${wanted.length} recordings: ${wanted.length} created, 0 completed, `));
	assert.doesNotMatch(done.stdout, /wrong|passed over|long/);
	const rows = await database.rows(`select s.source_id, r.audio_samples as samples, r.audio_sha256 as stored,
		r.original_sha256 as delivered from recording r join recording_source s on s.recording_id = r.id`);
	const byName = Object.fromEntries(rows.map((row) => [row.source_id, row]));
	for (const { name, bytes } of wanted) {
		const sha256 = createHash("sha256").update(bytes).digest("hex");
		assert.deepEqual(byName[name], { source_id: name, samples: (bytes.length - headBytes) / 2,
			stored: sha256, delivered: sha256 });
	}
});

test("each plays to its last sample", async () => {
	const files = [];
	for (const { name } of wanted) {
		const { status, body } = await supervisor.get(`/api/v1/recordings/${ids[name]}/audio.mp3`);
		assert.equal(status, 200, name);
		files.push(path.join(folder, `${files.length}.mp3`));
		writeFileSync(files.at(-1), body);
	}
	files.forEach((file, i) => {
		const heard = execFileSync("mpg123", ["-q", "-s", "-e", "s16", file], { maxBuffer: 1 << 28,
			stdio: ["ignore", "pipe", "ignore"] });
		assert.equal(heard.length / 2, (wanted[i].bytes.length - headBytes) / 2, wanted[i].name);
	});
});
