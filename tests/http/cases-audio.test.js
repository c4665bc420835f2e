// Audio files as encoders, telephone systems and tag editors leave them: each is
// stored whole, or refused for the true reason; the file as it was delivered is
// kept, and goes with its call.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startJobs } from "../lib/jobs.js";
import { document, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { wav } from "../lib/wav.js";

const seconds = 5;
const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-cases-"));
const at = (name) => path.join(folder, "..", `${path.basename(folder)}-${name}`);
const quiet = { stdio: ["pipe", "pipe", "ignore"], maxBuffer: 1 << 28 };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const made = [];

// Runs a program that reads the WAV file `from` and writes `to`; returns it.
function encode(program, args, from, ending) {
	const source = at("source.wav"), target = at(`target.${ending}`);
	made.push(source, target);
	writeFileSync(source, from);
	execFileSync(program, args.map((a) => (a === "FROM" ? source : a === "TO" ? target : a)), quiet);
	return readFileSync(target);
}
const lame = (from, ...args) => encode("lame", ["--quiet", ...args, "FROM", "TO"], from, "mp3");
const ffmpeg = (from, ending, ...args) => encode("ffmpeg", ["-y", "-i", "FROM", ...args, "TO"], from, ending);
const flac = (from) => encode("flac", ["-s", "-f", "-o", "TO", "FROM"], from, "flac");
// What a program writes into a pipe, where it can't go back to its header.
const piped = (from, ...args) => execFileSync("ffmpeg", ["-i", "-", ...args, "-"], { ...quiet, input: from });

// Samples of an MP3 of 8 or 16 kHz without a tag: 576 for each frame.
function frameSamples(mp3) {
	const rates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
	let frames = 0;
	for (let i = 0; i + 4 <= mp3.length; frames++) {
		assert.equal(mp3.readUInt16BE(i) & 0xffe0, 0xffe0, `no frame at ${i}`);
		const hertz = (mp3[i + 1] & 0x18) === 0x10 ? [22050, 24000, 16000] : [11025, 12000, 8000];
		i += Math.floor(72 * rates[mp3[i + 2] >> 4] * 1000 / hertz[mp3[i + 2] >> 2 & 3]) + (mp3[i + 2] >> 1 & 1);
	}
	return frames * 576;
}

const id3 = (n) => Buffer.concat([Buffer.from("ID3\x04\0\0"),
	Buffer.from([n >> 21 & 127, n >> 14 & 127, n >> 7 & 127, n & 127]), Buffer.alloc(n, 0x41)]);
const id3v1 = Buffer.concat([Buffer.from("TAG"), Buffer.alloc(125)]);
const ape = Buffer.concat([Buffer.from("APETAGEX"), Buffer.from([0xd0, 7, 0, 0, 32, 0, 0, 0]), Buffer.alloc(48)]);

// Sets a number of a copy of a file.
function patched(bytes, offset, value, size = 4) {
	const copy = Buffer.from(bytes);
	copy.writeUIntLE(value, offset, size);
	return copy;
}
// STREAMINFO's number of samples, 36 bits from the middle of byte 21 on.
function withTotal(bytes, total, md5 = true) {
	const copy = Buffer.from(bytes);
	copy[21] &= 0xf0;
	copy.writeUInt32BE(total, 22);
	return md5 ? copy : Buffer.concat([copy.subarray(0, 26), Buffer.alloc(16), copy.subarray(42)]);
}

const mono = wav({ format: "pcm16", seconds, hertz: [440] });
const wide = Buffer.from(wav({ format: "pcm16", rate: 16000, seconds, hertz: [440, 660] }));
const pcm = mono.subarray(44), n = 8000 * seconds;
const abr = lame(mono, "-t", "--abr", "24"), cbr = lame(mono, "-b", "32");
const whole = flac(mono), unknown = piped(mono, "-f", "flac");
const untagged = { rate: 8000, kind: "mp3", samples: frameSamples(abr), note: /its audio is 5\.\d+ s long, and duration_ms says 5\.000 s/ };
const exact = { rate: 8000, samples: n };
const lossless = { ...exact, pcm };
const wrong = (what) => ({ ...lossless, kind: "wav", note: new RegExp(`^its WAV header was wrong: ${what}`) });

// name: [file, expected]. The ending of a name is that of the file.
const cases = {
	// MP3: bit rates, with and without a tag
	"cbr.mp3": [cbr, { ...exact, kind: "mp3" }],
	"vbr.mp3": [lame(mono, "-V", "5"), { ...exact, kind: "mp3" }],
	"abr.mp3": [lame(mono, "--abr", "24"), { ...exact, kind: "mp3" }],
	"free.mp3": [lame(mono, "--freeformat", "-b", "40"), { ...exact, kind: "mp3" }],
	"wide.mp3": [lame(wide, "-V", "6"), { rate: 16000, channels: 2, samples: 2 * n, kind: "mp3" }],
	"abr-untagged.mp3": [abr, untagged],
	"vbr-untagged.mp3": [lame(mono, "-t", "-V", "5"), untagged],
	"cbr-untagged.mp3": [lame(mono, "-t", "-b", "8"), untagged],
	"wide-untagged.mp3": [lame(wide, "-t", "--abr", "40"), { ...untagged, rate: 16000, channels: 2,
	    samples: frameSamples(lame(wide, "-t", "--abr", "40")) }],
	// MP3: tags and other bytes around it
	"id3.mp3": [Buffer.concat([id3(500000), abr]), untagged],
	"id3-twice.mp3": [Buffer.concat([id3(300), id3(30), abr, id3v1]), untagged],
	"ape.mp3": [Buffer.concat([abr, ape, id3v1]), untagged],
	"zeros.mp3": [Buffer.concat([Buffer.alloc(4000), abr]), untagged],
	"no-frames.mp3": [patched(cbr, cbr.indexOf("Info") + 8, 0), { ...untagged, samples: frameSamples(cbr) - 576 }],
	"named.wav": [abr, untagged],
	"in-wav.wav": [ffmpeg(mono, "wav", "-c:a", "libmp3lame", "-b:a", "32k"), { rate: 8000, kind: "mp3", note: /its audio is/ }],
	"joined.mp3": [Buffer.concat([abr, abr]), { ...untagged, seconds: 10, samples: 2 * untagged.samples,
	    note: /its audio is 10\.\d+ s long, and duration_ms says 10\.000 s/ }],
	// FLAC: the number of samples
	"unknown.flac": [unknown, { ...lossless, kind: "flac" }],
	"zero.flac": [withTotal(whole, 0), { ...lossless, kind: "flac" }],
	"fewer.flac": [withTotal(whole, 8000), { ...lossless, kind: "flac",
	    note: /^its FLAC header was wrong: it gives 1\.000 s, and there are 5\.000 s$/ }],
	"more.flac": [withTotal(whole, 80000, false), { ...lossless, kind: "flac",
	    note: /^its FLAC header was wrong: it gives 10\.000 s, and there are 5\.000 s$/ }],
	"tagged.flac": [Buffer.concat([id3(200), whole, id3v1]), { ...lossless, kind: "flac" }],
	"cut.flac": [whole.subarray(0, whole.length >> 1), { refused: /cut\.flac: it breaks off: it has \d\.\d+ s of the 5\.000 s/ }],
	"unknown-cut.flac": [unknown.subarray(0, unknown.length - 100), { refused: /it breaks off, or is damaged, after 4\.\d+ s/ }],
	"damaged.flac": [patched(whole, whole.length >> 1, 0xffff), { refused: /its MD5 is not that of its samples/ }],
	// WAV: other sizes than the true ones; all of them are in test_import.c
	"right.wav": [mono, { ...lossless, kept: "same", kind: "wav" }],
	"zero.wav": [patched(patched(mono, 40, 0), 4, 0), wrong("it gives 0 bytes of audio, and there are 80000")],
	"pipe.wav": [piped(mono, "-f", "wav"), wrong("it gives 4294967295 bytes of audio, and there are 80000")],
	"larger.wav": [patched(mono, 40, 90000), wrong("it gives 90000 bytes of audio, and there are 80000")],
	"riff.wav": [patched(mono, 4, 0), { ...wrong("it gives 8 bytes to the file, which has 80044"), kept: "same" }],
	"unpadded.wav": [Buffer.concat([mono.subarray(0, 36), Buffer.from("LIST\x03\0\0\0odd"), mono.subarray(36)]),
	    wrong("a padding byte is missing$")],
	"short.wav": [mono.subarray(0, 44 + 40000), { refused:
	    /audio\.samples: .*gives 80000 bytes of audio, and there are 40000; its audio is 2\.500 s long, and duration_ms says 5\.000 s$/ }],
	// other containers and encodings
	"rf64.wav": [ffmpeg(mono, "wav", "-rf64", "always"), { ...lossless, kind: "wav" }],
	"wave64.w64": [ffmpeg(mono, "w64"), { ...lossless, kind: "wav" }],
	"long.wav": [ffmpeg(mono, "wav", "-c:a", "pcm_s24le"), { ...lossless, kind: "wav PCM" }],
	"wav49.WAV": [ffmpeg(mono, "wav", "-c:a", "libgsm_ms"), { rate: 8000, samples: n + 320, kind: "wav GSM 06.10",
	    note: /its audio is 5\.040 s long, and duration_ms says 5\.000 s/ }],
	"prompt.gsm": [ffmpeg(mono, "gsm", "-c:a", "libgsm"), { ...exact, kind: "gsm" }],
	// refused by name
	"asterisk.g722": [ffmpeg(mono, "g722", "-ar", "16000"), { refused: /it is G\.722 without a header, which is not taken: convert it to/ }],
	"frame-like.ulaw": [Buffer.concat([Buffer.from([0xff, 0xe3, 0x18, 0xc4]), pcm]), { refused: /it is mu-law without a header/ }],
	"g722.wav": [patched(mono, 20, 0x65, 2), { refused: /its audio is G\.722 in WAV, which is not taken: convert it to/ }],
	"opus.ogg": [ffmpeg(mono, "opus"), { refused: /it is Ogg Opus, which is not taken/ }],
	"mobile.m4a": [ffmpeg(mono, "m4a"), { refused: /it is MP4 or M4A, which is not taken/ }],
	"sun.wav": [ffmpeg(mono, "au"), { refused: /it is Sun AU, which is not taken/ }],
	"music.mp3": [lame(mono, "--resample", "44.1"), { refused: /its rate is neither 8 nor 16 kHz: convert it first \(it has 44100 Hz\)/ }],
};

let database, server, supervisor, run, ids;
const named = (name) => `case/${name}`;
// Runs the command; returns its lines on standard output, and those of each
// document.
async function ingest(from = folder, ...args) {
	const done = await database.command(["ingest", from, ...args], { check: false });
	const lines = (text) => Object.fromEntries([...text.matchAll(/^(.+)\.json: (.*)$/gm)].map(([, name, rest]) => [name, rest]));
	return { ...done, told: lines(done.stdout), refused: lines(done.stderr) };
}
// The same for some of the calls.
async function ingestSome(...names) {
	const some = mkdtempSync(path.join(tmpdir(), "smartrecord-some-"));
	for (const name of names.flatMap((name) => [name, `${name}.json`]))
		writeFileSync(path.join(some, name), readFileSync(path.join(folder, name)));
	const done = await ingest(some);
	rmSync(some, { recursive: true });
	return done;
}
const stored = (key) => path.join(database.store, key);
const row = (name) => database.rows(`select r.* from recording r join recording_source s
	on s.tenant_id = r.tenant_id and s.recording_id = r.id where s.source_id = '${named(name)}'`).then(([one]) => one);

before(async () => {
	database = await freshDatabase({ fixtures: true });
	for (const [name, [bytes, { seconds: length = seconds }]] of Object.entries(cases)) {
		const call = { account: "user", ago: 2, mood: "neutral", subject: name, seconds: length, words: ["Bonjour."] };
		writeFileSync(path.join(folder, name), bytes);
		writeFileSync(path.join(folder, `${name}.json`),
		    JSON.stringify({ ...document(named(name), call), audio: { file: name } }));
	}
	for (const name of ["CALL.JSON", "notes.txt", ".part.json"])
		writeFileSync(path.join(folder, name), "{}");
	run = await ingest();
	server = await startServer({ database });
	supervisor = await server.client().signIn(people.supervisor.email);
	ids = await recordingIds(database);
});
after(async () => {
	rmSync(folder, { recursive: true });
	made.forEach((file) => rmSync(file, { force: true }));
	supervisor?.close();
	await server?.stop();
});

for (const [name, [bytes, want]] of Object.entries(cases))
	test(`${name}: ${want.refused ? "is refused for what it is" : "is whole"}`, async () => {
		const got = await row(name);
		if (want.refused) {
			assert.match(`${name}: ${run.refused[name]}`, want.refused);
			assert.equal(got, undefined);
			return;
		}
		assert.equal(run.refused[name], undefined);
		assert.match(run.told[name] ?? "", want.note ?? /^$/);
		assert.deepEqual([got.audio_rate, got.audio_channels], [want.rate, want.channels ?? 1]);
		const audio = readFileSync(stored(got.audio_key)), data = audio.subarray(audio.indexOf("data") + 8);
		if (want.samples !== undefined)
			assert.equal(got.audio_samples, want.samples);
		assert.equal(data.length, got.audio_samples * got.audio_channels * 2);
		if (want.pcm)
			assert.ok(data.equals(want.pcm));
		assert.equal(got.audio_sha256, sha256(audio));
		assert.deepEqual([got.original_kind, got.original_bytes, got.original_sha256],
		    [want.kind, bytes.length, sha256(bytes)]);
		const original = stored(`${got.audio_key}.orig`);
		assert.equal(existsSync(original), want.kept !== "same");
		assert.ok(want.kept === "same" ? audio.equals(bytes) : readFileSync(original).equals(bytes));
	});

test("an ABR MP3 without a tag plays to its end", async () => {
	const answer = await supervisor.get(`/api/v1/recordings/${ids[named("abr-untagged.mp3")]}/audio.mp3`);
	assert.equal(encode("ffmpeg", ["-y", "-i", "FROM", "-f", "s16le", "-ac", "1", "TO"], answer.body, "pcm").length / 2,
	    untagged.samples);
});

test("files that are passed over are named, and not those that begin with a dot", async () => {
	const line = "2 files passed over, neither NAME.json nor the audio of a document: CALL.JSON, notes.txt";
	assert.ok(run.stdout.trimEnd().split("\n").includes(line), run.stdout);
	const empty = mkdtempSync(path.join(tmpdir(), "smartrecord-empty-"));
	for (let i = 10; i < 32; i++)
		writeFileSync(path.join(empty, `${i}.txt`), "");
	const { status, stderr, stdout } = await ingest(empty, "--quiet");
	rmSync(empty, { recursive: true });
	assert.deepEqual([status, stdout], [0, ""]);
	assert.match(stderr, /^22 files passed over, .*: 10\.txt, .*29\.txt, …\n$/);
});

test("delivered again: all unchanged, and nothing more in the store", async () => {
	const list = () => readdirSync(database.store, { recursive: true }).sort();
	const earlier = list(), done = await ingest();
	const good = Object.values(cases).filter(([, want]) => !want.refused).length;
	assert.match(done.stdout, new RegExp(`: 0 created, 0 completed, ${good} unchanged, 0 deleted, `));
	assert.deepEqual(list(), earlier);
});

describe("the file as it was delivered", () => {
	const shown = async (name) => (await supervisor.get(`/api/v1/recordings/${ids[named(name)]}`)).json().audio;
	const page = async (name) => (await supervisor.get(`/console/recordings/${ids[named(name)]}`)).text;
	const keys = async (name) => {
		const { audio_key: key } = await row(name);
		return [key, `${key}.orig`];
	};

	test("API and page say how it is kept", async () => {
		const got = await row("wide.mp3");
		assert.deepEqual(await shown("wide.mp3"), { format: "pcm16", rate: 16000, channels: 2,
			samples: got.audio_samples, sha256: got.audio_sha256, delivered: { kept: "beside",
				kind: "mp3", bytes: cases["wide.mp3"][0].length, sha256: sha256(cases["wide.mp3"][0]) } });
		assert.match(await page("wide.mp3"), /PCM, 16 kHz, stéréo \(livré en MP3, conservé aussi tel quel\)/);
		assert.match(await page("wav49.WAV"), /PCM, 8 kHz, mono \(livré en WAV \(GSM 06\.10\), conservé aussi tel quel\)/);
		assert.equal((await shown("right.wav")).delivered.kept, "same");
		assert.match(await page("right.wav"), /PCM, 8 kHz, mono \(conservé tel que livré\)/);
	});

	test("of a call that an earlier release took, nothing is known, also when it is delivered again", async () => {
		const [, original] = await keys("vbr.mp3");
		rmSync(stored(original));
		await database.sql(`update recording set original_kind = null, original_bytes = null, original_sha256 = null
			where id = '${ids[named("vbr.mp3")]}'`);
		assert.match((await ingestSome("vbr.mp3")).stdout, / 1 unchanged, /);
		assert.ok(!existsSync(stored(original)));
		assert.deepEqual((await shown("vbr.mp3")).delivered, { kept: "as_stored", kind: null, bytes: null, sha256: null });
		assert.match(await page("vbr.mp3"), /PCM, 8 kHz, mono \(tel que stocké\)/);
	});

	test("is removed with its call: by a deletion, and when the call expires", async () => {
		const gone = [...await keys("abr.mp3"), ...await keys("zero.wav")];
		const same = await keys("right.wav"), id = ids[named("abr.mp3")];
		assert.ok(gone.every((key) => existsSync(stored(key))));
		const receipt = await supervisor.post("/api/v1/deletions", { json: { select: { ids: [id, ids[named("right.wav")]] }, expect: 2 } });
		assert.equal(receipt.json().state, "done", receipt.text);
		for (const [table, column] of [["recording", "id"], ["utterance", "id"], ["recording_source", "recording_id"]])
			await database.sql(`update ${table} set expires_at = now() - interval '1 second'
				where ${column} = '${ids[named("zero.wav")]}'`);
		assert.equal(await database.sql("select removed from recordings_purge(10)", "smartrecord_jobs"), "1");
		assert.deepEqual((await database.rows("select key from store_removal")).map(({ key }) => key).sort(),
		    [...gone, same[0]].sort());
		const jobs = await startJobs(server);
		await until("the objects to go", () => ![...gone, same[0]].some((key) => existsSync(stored(key))));
		await jobs.stop();
	});

	test("of a deleted call that is delivered again, nothing is kept", async () => {
		const list = () => readdirSync(database.store, { recursive: true }).sort();
		const earlier = list();
		assert.match((await ingestSome("abr.mp3", "right.wav")).stdout, / 2 deleted, /);
		assert.deepEqual(list(), earlier);
	});

	test("a document can't take the key of another call's file", async () => {
		const audio = { key: "alpha/x.wav.orig", format: "alaw", rate: 8000, channels: 1, samples: n, sha256: sha256("x") };
		const call = document(named("key"), { account: "user", ago: 1, mood: "neutral", subject: "x", seconds, words: ["Oui."] });
		const says = async (changes, sentence) => {
			const error = await database.sql(`select pipeline.ingest($d$${JSON.stringify({ ...call,
				audio: { ...audio, ...changes } })}$d$)`, "pipeline").catch((e) => e);
			assert.match(`${error.stderr ?? error.message ?? error}`, sentence);
		};
		await says({}, /audio\.key: ends in \.orig/);
		await says({ key: "alpha/x.wav", original: [] }, /audio\.original: not an object/);
		await says({ key: "alpha/x.wav", original: { kind: "mp3", bytes: 0, sha256: sha256("x") } },
		    /audio\.original\.bytes: not a whole number/);
		await says({ key: "alpha/x.wav", original: { kind: "mp3", bytes: 1, sha256: "x" } },
		    /audio\.original\.sha256: not 64 hexadecimal digits/);
	});
});
