// `smartrecord ingest FOLDER`, the pipeline's reference client: what it
// loads, what it refuses and how it says so, and that it can be run again.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { document } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { wav } from "../lib/wav.js";

let db, folder, store, options;
beforeEach(async () => {
	db = await freshDatabase({ fixtures: true });
	folder = mkdtempSync(path.join(tmpdir(), "smartrecord-calls-"));
	store = mkdtempSync(path.join(tmpdir(), "smartrecord-store-"));
	options = { settings: { store: `folder:${store}` }, check: false };
});
afterEach(async () => {
	rmSync(folder, { recursive: true });
	rmSync(store, { recursive: true });
	await db?.drop();
});

const call = { account: "user", ago: 2, mood: "neutral", subject: "Un essai",
	words: ["Bonjour.", "Au revoir."] };

// Writes a document with changes into the folder, and its audio.
function put(key, changes = {}, sound = wav({ seconds: 4 })) {
	writeFileSync(path.join(folder, `${key}.json`),
	    JSON.stringify({ ...document(key, call), ...changes }));
	if (sound)
		writeFileSync(path.join(folder, `${key}.wav`), sound);
}

function clear() {
	for (const name of readdirSync(folder))
		rmSync(path.join(folder, name));
}

// Runs the command; returns the counts of its last line.
async function ingest(...args) {
	const done = await db.command(["ingest", folder, ...args], options);
	const counts = {};
	for (const [, n, kind] of done.stdout.matchAll(/(\d+) (created|completed|unchanged|deleted|refused)/g))
		counts[kind] = Number(n);
	return { ...done, counts };
}

const stored = () => readdirSync(store, { recursive: true }).filter((f) => f.endsWith(".wav"));
const row = (key) => db.rows(`select r.* from recording r join recording_source s
	on s.tenant_id = r.tenant_id and s.recording_id = r.id where s.source_id = '${key}'`);

test("loads document and audio, and stores the audio's format", async () => {
	put("one");
	const done = await ingest();
	assert.equal(done.stderr, "");
	assert.equal(done.status, 0);
	assert.deepEqual(done.counts, { created: 1, completed: 0, unchanged: 0, deleted: 0, refused: 0 });
	const [one] = await row("one");
	assert.match(one.audio_key, /^alpha\/[0-9a-f]{2}\/[0-9a-f]{64}\.wav$/);
	assert.deepEqual([one.audio_format, one.audio_rate, one.audio_channels, one.audio_samples],
	    ["alaw", 8000, 2, 32000]);
	assert.ok(existsSync(path.join(store, one.audio_key)));
});

test("run again: nothing changes; new audio and analysis complete the call", async () => {
	put("one");
	await ingest();
	let done = await ingest();
	assert.deepEqual(done.counts, { created: 0, completed: 0, unchanged: 1, deleted: 0, refused: 0 });
	clear();
	put("two", { audio: null, analysis: null }, null);
	assert.deepEqual((await ingest()).counts,
	    { created: 1, completed: 0, unchanged: 0, deleted: 0, refused: 0 });
	assert.equal((await row("two"))[0].audio_key, null);
	put("two", { started_at: (await row("two"))[0].started_at });
	done = await ingest();
	assert.deepEqual(done.counts, { created: 0, completed: 1, unchanged: 0, deleted: 0, refused: 0 });
	assert.equal(done.status, 0);
	assert.notEqual((await row("two"))[0].audio_key, null);
});

test("each refusal is reported, the other calls are loaded, and nothing of the refused ones is stored", async () => {
	put("a_good");
	put("bad_mood", { analysis: { ...document("x", call).analysis, mood: "hungry" } });
	put("bad_sound", {}, Buffer.from("not a sound"));
	put("cut_sound", {}, wav({ seconds: 4 }).subarray(0, 1000));
	put("no_sound", {}, null);
	put("outside", { audio: { file: "../outside.wav" } }, null);
	put("tenant", { tenant: "../../etc" });
	put("unknown", { tenant: "nobody" });
	writeFileSync(path.join(folder, "not_json.json"), "{");
	writeFileSync(path.join(folder, "not_utf8.json"), Buffer.from('{"tenant":"\xff"}', "latin1"));
	writeFileSync(path.join(folder, "not_object.json"), "[]");
	writeFileSync(path.join(folder, "readme.txt"), "ignored");
	const done = await ingest();
	assert.equal(done.status, 1);
	assert.deepEqual(done.counts, { created: 1, completed: 0, unchanged: 0, deleted: 0, refused: 10 });
	const said = done.stderr.trim().split("\n");
	assert.deepEqual(said.map((line) => line.split(":")[0]), ["bad_mood.json", "bad_sound.json",
		"cut_sound.json", "no_sound.json", "not_json.json", "not_object.json", "not_utf8.json",
		"outside.json", "tenant.json", "unknown.json"]);
	for (const line of said)
		assert.match(line, /^\S+: \S.{8,}/);
	assert.equal(stored().length, 1);
});

test("audio that another run has stored is not replaced", async () => {
	put("a_good");
	await ingest();
	put("a_good", { started_at: (await row("a_good"))[0].started_at }, wav({ seconds: 2 }));
	const done = await ingest();
	assert.equal(done.status, 1);
	assert.match(done.stderr, /^a_good\.json: its audio is not the one that was ingested before/);
});

test("a deleted call does not come back, nor its audio", async () => {
	put("one");
	await ingest();
	const [one] = await row("one");
	put("one", { started_at: one.started_at });
	await db.sql(`delete from recording where id = '${one.id}';
		delete from utterance where id = '${one.id}';
		update recording_source set deleted_at = now() where source_id = 'one'`);
	rmSync(path.join(store, one.audio_key));
	assert.deepEqual((await ingest()).counts,
	    { created: 0, completed: 0, unchanged: 0, deleted: 1, refused: 0 });
	assert.deepEqual(await row("one"), []);
	assert.ok(!existsSync(path.join(store, one.audio_key)));
});

test("--quiet; errors without the database and without the folder", async () => {
	put("one");
	const quiet = await ingest("--quiet");
	assert.equal(quiet.stdout, "");
	const away = await db.command(["ingest", folder], { ...options,
		settings: { ...options.settings, database_pipeline: "host=/nonexistent" } });
	assert.equal(away.status, 1);
	assert.match(away.stderr, /^smartrecord ingest: connection to server/);
	const missing = await db.command(["ingest", path.join(folder, "missing")], options);
	assert.equal(missing.status, 1);
	assert.match(missing.stderr, /No such file or directory/);
});
