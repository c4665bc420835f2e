// `smartrecord ingest` of FLAC and MP3: the stored audio has exactly the
// samples of the source; other files are refused.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync }
    from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { document } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { binary, cleanEnvironment, until } from "../lib/process.js";
import { wav } from "../lib/wav.js";

let db, dir, store;
before(async () => {
	db = await freshDatabase({ fixtures: true });
	store = mkdtempSync(path.join(tmpdir(), "smartrecord-store-"));
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-formats-"));
});
after(async () => {
	rmSync(store, { recursive: true });
	rmSync(dir, { recursive: true });
	await db?.drop();
});

const at = (name) => path.join(dir, name);
const quiet = { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 };
const seconds = 5;

// Returns a 16-bit WAV file, from which encoders make other files.
function original({ rate = 8000, hertz = [440, 660] } = {}) {
	const bytes = wav({ format: "pcm16", rate, seconds, hertz });
	writeFileSync(at("original.wav"), bytes);
	return bytes.subarray(44);
}

// Ingests one file as a call; returns the command's output and the stored
// samples.
async function ingest(key, file, changes = {}) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-calls-"));
	const call = { account: "user", ago: 2, mood: "neutral", subject: "Un essai", seconds,
		words: ["Bonjour."] };
	writeFileSync(path.join(folder, file), readFileSync(at(file)));
	writeFileSync(path.join(folder, "one.json"),
	    JSON.stringify({ ...document(key, call), audio: { file }, ...changes }));
	const done = await db.command(["ingest", folder],
	    { settings: { store: `folder:${store}` }, check: false });
	rmSync(folder, { recursive: true });
	const [row] = await db.rows(`select r.* from recording r join recording_source s
		on s.tenant_id = r.tenant_id and s.recording_id = r.id where s.source_id = '${key}'`);
	const bytes = row && readFileSync(path.join(store, row.audio_key));
	return { ...done, row, samples: bytes?.subarray(bytes.indexOf("data") + 8) };
}

for (const [rate, hertz] of [[8000, [440]], [8000, [440, 660]], [16000, [440, 660]]])
	test(`FLAC, ${rate} Hz, ${hertz.length} channel(s): every sample, from either encoder`, async () => {
		const pcm = original({ rate, hertz });
		execFileSync("flac", ["-s", "-f", "-o", at("a.flac"), at("original.wav")], quiet);
		execFileSync("ffmpeg", ["-y", "-i", at("original.wav"), at("b.flac")], quiet);
		for (const file of ["a.flac", "b.flac"]) {
			const { row, samples, stderr } = await ingest(`${file}-${rate}-${hertz.length}`, file);
			assert.equal(stderr, "");
			assert.deepEqual([row.audio_format, row.audio_rate, row.audio_channels, row.audio_samples],
			    ["pcm16", rate, hertz.length, rate * seconds]);
			assert.ok(samples.equals(pcm));
		}
	});

// Returns the signal-to-noise ratio in dB.
function quality(want, got) {
	let signal = 1, noise = 1;
	for (let i = 0; i + 1 < want.length; i += 2) {
		const a = want.readInt16LE(i), b = got.readInt16LE(i);
		signal += a * a;
		noise += (a - b) * (a - b);
	}
	return 10 * Math.log10(signal / noise);
}

for (const [rate, hertz] of [[8000, [440]], [16000, [440, 660]]])
	test(`MP3 with LAME's tag, ${rate} Hz: the encoder's delay is left out, exact to the sample`, async () => {
		const pcm = original({ rate, hertz });
		execFileSync("lame", ["--quiet", "-b", "64", at("original.wav"), at("a.mp3")], quiet);
		execFileSync("ffmpeg", ["-y", "-i", at("original.wav"), "-b:a", "64k", at("b.mp3")], quiet);
		for (const file of ["a.mp3", "b.mp3"]) {
			const { row, samples, stderr } = await ingest(`${file}-${rate}`, file);
			assert.equal(stderr, "");
			assert.equal(row.audio_samples, rate * seconds);
			assert.equal(samples.length, pcm.length);
			// a shift by one sample would be under 15 dB
			assert.ok(quality(pcm, samples) > 20, `${file}: ${quality(pcm, samples)} dB`);
			const other = execFileSync("ffmpeg", ["-v", "error", "-i", at(file), "-f", "s16le", "-"], quiet);
			assert.ok(quality(other, samples) > 50, `${file}: ${quality(other, samples)} dB`);
		}
	});

test("MP3 without a tag: the unknown delay is kept", async () => {
	original();
	execFileSync("lame", ["--quiet", "-t", "-b", "64", at("original.wav"), at("t.mp3")], quiet);
	const { row } = await ingest("untagged", "t.mp3");
	const more = row.audio_samples - 8000 * seconds;
	assert.ok(more > 0 && more < 3 * 576 + 1105, `${more} samples more`);
});

test("ingesting the same file again changes nothing", async () => {
	original();
	execFileSync("flac", ["-s", "-f", "-o", at("again.flac"), at("original.wav")], quiet);
	const { row: { started_at } } = await ingest("again", "again.flac");
	const stored = readdirSync(store, { recursive: true });
	const { stdout, stderr } = await ingest("again", "again.flac", { started_at });
	assert.equal(stderr, "");
	assert.match(stdout, /1 unchanged/);
	assert.deepEqual(readdirSync(store, { recursive: true }), stored);
});

test("unsupported files are refused with a sentence", async () => {
	writeFileSync(at("a.wav"), wav({ format: "pcm16", rate: 44100, seconds }));
	execFileSync("flac", ["-s", "-f", "-o", at("r.flac"), at("a.wav")], quiet);
	execFileSync("ffmpeg", ["-y", "-i", at("a.wav"), "-ac", "6", "-ar", "8000", at("c.flac")], quiet);
	execFileSync("ffmpeg", ["-y", "-i", at("a.wav"), "-ar", "8000", at("x.ogg")], quiet);
	original();
	execFileSync("flac", ["-s", "-f", "-o", at("whole.flac"), at("original.wav")], quiet);
	writeFileSync(at("cut.flac"), readFileSync(at("whole.flac")).subarray(0, 9000));
	for (const [file, sentence] of [["r.flac", /r\.flac: its rate is neither 8 nor 16 kHz: convert it first/],
		["c.flac", /c\.flac: it has more than two channels/], ["x.ogg", /x\.ogg: it is Ogg Vorbis, which is not taken/],
		["cut.flac", /.+/]]) {
		const { status, stderr, row } = await ingest(`refused-${file}`, file);
		assert.equal(status, 1, file);
		assert.match(stderr, sentence);
		assert.equal(row, undefined);
	}
});

// The temporary copy is unlinked when it is created, so it has no name after
// its first megabyte.
test("an ingest that is killed leaves no audio in the temporary folder", async () => {
	const temporary = mkdtempSync(path.join(tmpdir(), "smartrecord-temporary-"));
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-calls-"));
	writeFileSync(at("long.wav"), wav({ format: "pcm16", rate: 16000, seconds: 1800,
		hertz: [440, 660] }));
	execFileSync("flac", ["-s", "-f", "-0", "-o", path.join(folder, "long.flac"), at("long.wav")], quiet);
	const call = { account: "user", ago: 2, mood: "neutral", subject: "Un essai", words: ["Oui."] };
	writeFileSync(path.join(folder, "one.json"),
	    JSON.stringify({ ...document("killed", call), audio: { file: "long.flac" } }));
	const env = cleanEnvironment({ TMPDIR: temporary, SMARTRECORD_STORE: `folder:${store}`,
		SMARTRECORD_DATABASE_PIPELINE: db.settings.database_pipeline });
	const child = spawn(binary, ["ingest", folder], { env, stdio: "ignore" });
	const ended = new Promise((resolve) => { child.once("close", (status, signal) => resolve(signal)); });
	const grown = (fd) => {
		const file = `/proc/${child.pid}/fd/${fd}`;
		try {
			return readlinkSync(file).startsWith(temporary) && statSync(file).size > 1 << 20;
		} catch (error) {
			if (error.code === "ENOENT")	// closed since the listing
				return false;
			throw error;
		}
	};
	await until("the copy to grow", () => readdirSync(`/proc/${child.pid}/fd`).some(grown));
	child.kill("SIGKILL");
	assert.equal(await ended, "SIGKILL");
	assert.deepEqual(readdirSync(temporary), []);
	rmSync(temporary, { recursive: true });
	rmSync(folder, { recursive: true });
});
