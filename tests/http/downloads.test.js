// Single downloads through the real server: a call's audio, its transcript
// as PDF, both as ZIP; read with common programs.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, truncateSync,
    writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const words = ["Bonjour, société Martel à l’appareil.", "Bonjour, je vous écoute : « oui » ?",
    "On m’a compté 142,50 € de trop, cœur, Łódź, Αθήνα.", "C’est noté, bonne journée !"];
const call = { account: "user", ago: 20, mood: "neutral", subject: "Son", words: ["Bonjour."] };
const hostile = { ...call, ago: 24,
	subject: "\u202egnp.exe ../../etc <b>\"x\"</b> 😀 中",
	caller: { kind: "e164", value: "+33320998877", name: "CON\u2066\r\nSet-Cookie: a=b" },
	summary: "Emoji 😀 et \u202edroite à gauche.",
	words: ["A 😀 B 中 C", "x".repeat(4000), "(\\)Tj ET %%EOF endstream", "\u202eabc\u202c fin"] };
const damaged = ["damaged_lost", "damaged_cut"];
let database, server, client, ids, dir;

before(async () => {
	database = await freshDatabase({ fixtures: true });
	await loadCalls(database, {
		talk: { ...call, seconds: 12, mood: "angry", words, subject: "Problème de facturation",
		    pauses: [{ start_ms: 5000, end_ms: 5900 }] },
		hostile,
		withheld: { ...call, ago: 25, caller: { kind: "withheld", value: null, name: null } },
		mute: { ...call, ago: 26, words: [] },
		long: { ...call, ago: 27, seconds: 3600, words: Array.from({ length: 600 },
		    (_, i) => `Phrase ${i + 1} : ${words[i % 4]}`) },
		unwanted: { ...call, ago: 27.5, seconds: 3600 },
		damaged_lost: { ...call, ago: 28 }, damaged_cut: { ...call, ago: 29 },
	});
	ids = await recordingIds(database);
	server = await startServer({ database });
	client = await server.client().signIn(people.supervisor.email);
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-downloads-"));
});

after(async () => {
	client?.close();
	await server?.stop();
	for (const key of damaged)
		rmSync(await objectPath(key), { force: true });
	rmSync(dir, { recursive: true, force: true });
});

const at = (key, file, base = "/api/v1") => `${base}/recordings/${ids[key]}/${file}`;
const pdf = (key) => at(key, "transcript.pdf");
const zip = (key) => at(key, "archive.zip");

async function objectPath(key) {
	const key_ = await database.sql(`select audio_key from recording where id = '${ids[key]}'`);
	return path.join(database.store, key_);
}

// Runs a program on bytes; returns its output and error output.
async function tool(bytes, name, command, ...args) {
	const file = path.join(dir, name);
	writeFileSync(file, bytes);
	return promisify(execFile)(command, args.map((a) => a === "FILE" ? file : a),
	    { maxBuffer: 1 << 28, encoding: command === "ffmpeg" || command === "mpg123" ? "latin1" : "utf8" });
}

// Returns the text of a PDF in reading order, with single spaces.
async function textOf(bytes) {
	const { stdout, stderr } = await tool(bytes, "x.pdf", "pdftotext", "-raw", "FILE", "-");
	assert.equal(stderr, "");
	return stdout.replace(/\s+/g, " ").trim();
}

async function pages(bytes) {
	const { stdout } = await tool(bytes, "x.pdf", "pdfinfo", "FILE");
	return Number(/^Pages:\s+(\d+)/m.exec(stdout)[1]);
}

// Returns the [ASCII, UTF-8] names of Content-Disposition.
function names({ headers }) {
	const value = headers["content-disposition"];
	const plain = /^attachment; filename="([^"\\]*)"/.exec(value)[1];
	const whole = /filename\*=UTF-8''(\S+)$/.exec(value);
	return [plain, whole ? decodeURIComponent(whole[1]) : plain];
}

// Returns "2026-11-23 17h14", a call's start in its site's time zone.
async function when(key) {
	return database.sql(`select to_char(started_at at time zone 'Europe/Paris',
		'YYYY-MM-DD HH24"h"MI') from recording where id = '${ids[key]}'`);
}

test("the downloaded audio has the bytes that the player gets, with title and date", async () => {
	const played = await client.get(at("talk", "audio.mp3"));
	const saved = await client.get(`${at("talk", "audio.mp3")}?download=1`);
	assert.equal(saved.status, 200);
	assert.ok(saved.body.equals(played.body));
	assert.equal(saved.headers.etag, played.headers.etag);
	assert.match(played.headers["content-disposition"], /^inline; /);
	assert.match(saved.headers["content-disposition"], /^attachment; /);
	const { stdout } = await tool(saved.body, "x.mp3", "ffprobe", "-v", "warning",
	    "-show_entries", "format_tags", "-of", "json", "FILE");
	const tags = JSON.parse(stdout).format.tags;
	assert.equal(tags.title, "Problème de facturation");
	assert.equal(tags.date, await database.sql(`select to_char(started_at at time zone 'UTC',
		'YYYY-MM-DD"T"HH24:MI:SS') from recording where id = '${ids.talk}'`));
});

test("every decoder accepts the audio without a warning and gives all samples", async () => {
	for (const [key, rate, channels, seconds] of [["talk", 8000, 2, 12], ["user_second", 16000, 2, 4],
		["lyonnais_own", 8000, 1, 4], ["hostile", 8000, 2, 4]]) {
		const { body } = await client.get(`${at(key, "audio.mp3")}?download=1`);
		for (const [command, ...args] of [["ffmpeg", "-v", "warning", "-i", "FILE", "-f", "s16le", "-"],
			["mpg123", "-q", "-s", "FILE"]]) {
			const { stdout, stderr } = await tool(body, "x.mp3", command, ...args);
			assert.equal(stderr, "", command);
			assert.equal(stdout.length / 2 / channels, rate * seconds, `${command} ${key}`);
		}
	}
});

test("a new title changes the tag, but neither the length nor the audio", async () => {
	const before = await client.get(at("talk", "audio.mp3"));
	await database.sql(`update recording set subject = 'Un tout autre sujet'
		where id = '${ids.talk}'`);
	const later = await client.get(at("talk", "audio.mp3"));
	await database.sql(`update recording set subject = 'Problème de facturation'
		where id = '${ids.talk}'`);
	assert.notEqual(later.headers.etag, before.headers.etag);
	assert.equal(later.body.length, before.body.length);
	assert.ok(later.body.subarray(1024).equals(before.body.subarray(1024)));
	assert.ok(!later.body.equals(before.body));
});

test("file names hold date, caller, callee and subject, in both forms of the header", async () => {
	const stem = `${await when("talk")} - 06 13 24 10 88 - Ursule Nadal - `;
	for (const [target, ending] of [[`${at("talk", "audio.mp3")}?download=1`, "mp3"],
		[pdf("talk"), "pdf"], [zip("talk"), "zip"]])
		assert.deepEqual(names(await client.send("HEAD", target)),
		    [`${stem}Probleme de facturation.${ending}`, `${stem}Problème de facturation.${ending}`]);
	const [plain, whole] = names(await client.send("HEAD", pdf("hostile")));
	assert.equal(whole, `${await when("hostile")} - CON Set-Cookie a=b - Ursule Nadal - ` +
	    "gnp.exe .. .. etc b x b 😀 中.pdf");
	assert.equal(plain, whole.replace("😀", "_").replace("中", "_"));
	assert.equal((await client.send("HEAD", pdf("hostile"))).headers["set-cookie"], undefined);
	assert.match(names(await client.send("HEAD", `${zip("withheld")}?lang=en`))[1],
	    / - Withheld number - Ursule Nadal - Son\.zip$/);
});

test("the transcript holds everything in order and is a valid PDF", async () => {
	const answer = await client.get(pdf("talk"));
	assert.equal(answer.status, 200);
	assert.equal(answer.headers["content-type"], "application/pdf");
	assert.equal(answer.headers["cache-control"], "no-store");
	const { stdout } = await tool(answer.body, "x.pdf", "qpdf", "--check", "FILE");
	assert.match(stdout, /No syntax or stream encoding errors/);
	const text = await textOf(answer.body);
	const said = ["Smart Telecom", "Problème de facturation", "Énervé", "jamais une note",
	    "06 13 24 10 88", "Ursule Nadal", "Résumé", "Appel au sujet de : Problème de facturation.",
	    "intelligence artificielle", `00:00 – 06 13 24 10 88 ${words[0]}`,
	    `00:03 – Ursule Nadal ${words[1]}`, "Enregistrement mis en pause : 00:05 – 00:05",
	    `00:06 – 06 13 24 10 88 ${words[2]}`, `00:09 – Ursule Nadal ${words[3]}`,
	    "Disponible dans le service jusqu’au", "1 / 1"];
	let from = 0;
	for (const part of said) {
		const found = text.indexOf(part, from);
		assert.ok(found >= 0, `${part} is not in its place in:\n${text}`);
		from = found + part.length;
	}
	const fonts = (await tool(answer.body, "x.pdf", "pdffonts", "FILE")).stdout.split("\n").slice(2);
	assert.ok(fonts.filter(Boolean).every((line) => /\byes\s+(yes|no)\s+yes\b/.test(line)), "embedded");
});

test("the transcript is in the reader's language or in the requested one", async () => {
	for (const [target, headers, word] of [[pdf("talk"), {}, "Résumé"],
		[`${pdf("talk")}?lang=en`, {}, "Summary"], [pdf("talk"), { "accept-language": "en" }, "Summary"],
		[`${pdf("talk")}?lang=fr`, { "accept-language": "en" }, "Résumé"]])
		assert.ok((await textOf((await client.get(target, headers)).body)).includes(word), target);
	const wrong = await client.get(`${pdf("talk")}?lang=de`);
	assert.equal(wrong.status, 400);
	assert.equal(wrong.json().field, "lang");
});

// Programs that read aloud need the language, the headings and what is
// decoration (ISO 32000-1, section 14.8).
test("the transcript is tagged: title, headings and paragraphs in reading order", async () => {
	const { body } = await client.get(`${pdf("talk")}?lang=en`);
	const { stdout, stderr } = await tool(body, "x.pdf", "pdfinfo", "-struct-text", "FILE");
	assert.equal(stderr, "");
	const parts = stdout.split(/\n  (?=\S)/).slice(1).map((part) => part.replace(/\s*\n\s*/g, " ").replace(/"/g, "").replace(/ +/g, " ").trim());
	assert.match(parts.find((part) => part.startsWith("H1")), /Problème de facturation/);
	assert.deepEqual(parts.filter((part) => part.startsWith("H2")).map((part) => part.replace("H2 (block) ", "")),
	    ["Summary", "Transcript"]);
	const exchange = parts.slice(parts.findIndex((part) => part.endsWith("Transcript")) + 1);
	assert.equal(exchange[0], "P (block) 00:00 – 06 13 24 10 88");
	assert.equal(exchange[1], `P (block) ${words[0]}`);
	assert.ok(!stdout.includes("1 / 1"), "the footer is decoration");
	assert.match((await tool(body, "x.pdf", "pdfinfo", "FILE")).stdout, /^Tagged:\s+yes$/m);
	assert.match((await tool(body, "x.pdf", "qpdf", "--qdf", "--object-streams=disable", "FILE", "-")).stdout, /\/Lang \(en\)/);
});

test("hostile and long texts: characters that the font lacks can be copied, and text stays text", async () => {
	const { body } = await client.get(pdf("hostile"));
	await tool(body, "x.pdf", "qpdf", "--check", "FILE");
	const text = await textOf(body);
	assert.match(text, /A 😀 B 中 C/);
	assert.match(text, /Emoji 😀 et droite à gauche\./);
	assert.ok(text.includes("(\\)Tj ET %%EOF endstream"));
	assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069]/);
	const info = (await tool(body, "x.pdf", "pdfinfo", "FILE")).stdout;
	assert.match(info, /^Title:\s+gnp\.exe \.\.\/\.\.\/etc <b>"x"<\/b> □ □$/m);
	// a word of 4,000 letters is broken across sheets
	assert.equal(text.match(/x{2,}/g).join("").length, 4000);
	assert.ok(await pages(body) >= 2);
});

test("a long transcript: sheets are numbered, and each phrase occurs once, in order", async () => {
	const { body } = await client.get(pdf("long"));
	const n = await pages(body);
	const text = await textOf(body);
	assert.ok(n > 20);
	assert.deepEqual(text.match(/\b\d+ \/ \d+\b/g), Array.from({ length: n }, (_, i) => `${i + 1} / ${n}`));
	assert.deepEqual([...text.matchAll(/Phrase (\d+) :/g)].map((m) => Number(m[1])),
	    Array.from({ length: 600 }, (_, i) => i + 1));
	assert.match(text, /0:59:54|59:54/);
	await tool(body, "x.pdf", "qpdf", "--check", "FILE");
});

test("the archive holds the same files as the downloads, and every program opens it", async () => {
	const answer = await client.get(zip("talk"));
	assert.equal(answer.status, 200);
	assert.equal(answer.headers["content-type"], "application/zip");
	assert.equal(Number(answer.headers["content-length"]), answer.body.length);
	const stem = names(answer)[1].slice(0, -4);
	for (const [command, ...args] of [["unzip", "-tq"], ["7z", "t"], ["bsdtar", "-tf"]]) {
		const { stderr } = await tool(answer.body, "x.zip", command, ...args, "FILE");
		assert.equal(stderr, "", command);
	}
	const listed = (await tool(answer.body, "x.zip", "bsdtar", "-tf", "FILE"))
	    .stdout.trim().split("\n");
	assert.equal(listed.length, 2);
	const part = async (ending) => (await promisify(execFile)("unzip", ["-p",
	    path.join(dir, "x.zip"), `*.${ending}`], { encoding: "buffer", maxBuffer: 1 << 28 })).stdout;
	assert.ok((await part("mp3")).equals((await client.get(at("talk", "audio.mp3"))).body));
	assert.ok((await part("pdf")).equals((await client.get(pdf("talk"))).body));
	const { stdout } = await tool(answer.body, "x.zip", "7z", "l", "-slt", "FILE");
	assert.ok(stdout.includes(`Path = ${stem}.mp3`) && stdout.includes(`Path = ${stem}.pdf`));
	assert.equal(stdout.match(/Method = Store/g).length, 2);
	const minute = stem.slice(0, 16).replace("h", ":");
	assert.equal(stdout.match(new RegExp(`Modified = ${minute}`, "g")).length, 2);
});

test("HEAD, ranges and conditions refer to the same bytes each time", async () => {
	for (const target of [pdf("talk"), zip("talk")]) {
		const whole = await client.get(target);
		const head = await client.send("HEAD", target);
		assert.equal(head.status, 200);
		assert.equal(head.body.length, 0);
		for (const name of ["content-length", "content-type", "etag", "accept-ranges",
		    "content-disposition"])
			assert.equal(head.headers[name], whole.headers[name], name);
		assert.match(whole.headers.etag, /^"[0-9a-f]{32}"$/);
		const part = await client.get(target, { range: "bytes=100-999" });
		assert.equal(part.status, 206);
		assert.equal(part.headers["content-range"], `bytes 100-999/${whole.body.length}`);
		assert.ok(part.body.equals(whole.body.subarray(100, 1000)));
		const tail = await client.get(target, { range: "bytes=-50", "if-range": whole.headers.etag });
		assert.ok(tail.body.equals(whole.body.subarray(-50)));
		assert.equal((await client.get(target, { range: "bytes=-50", "if-range": '"x"' })).status, 200);
		const beyond = await client.get(target, { range: `bytes=${whole.body.length}-` });
		assert.equal(beyond.status, 416);
		assert.equal(beyond.headers["content-range"], `bytes */${whole.body.length}`);
		assert.match(beyond.headers["content-type"], /problem/);
		const same = await client.get(target, { "if-none-match": whole.headers.etag });
		assert.equal(same.status, 304);
		assert.equal(same.body.length, 0);
		assert.notEqual((await client.get(`${target}?lang=en`)).headers.etag, whole.headers.etag);
	}
});

test("the archive of an hour's call leaves no temporary file", async () => {
	const answer = await client.get(zip("long"));
	const head = await client.send("HEAD", zip("long"));
	assert.equal(head.headers["content-length"], String(answer.body.length));
	await tool(answer.body, "x.zip", "unzip", "-tq", "FILE");
	assert.deepEqual(readdirSync(path.join(server.dir, "cache")), ["chunks"]);
});

// Returns true while the server has unnamed files open.
const archivesOpen = () => server.processes().some((pid) =>
    readdirSync(`/proc/${pid}/fd`).some((fd) => {
	try {
		return /cache\/smartrecord-/.test(readlinkSync(`/proc/${pid}/fd/${fd}`));
	} catch {
		return false;	// closed meanwhile
	}
    }));

// The encoded chunks are in the cache's sparse file, whose size on disk grows.
test("making an archive stops when its client disconnects", async () => {
	const cache = path.join(server.dir, "cache", "chunks");
	const held = () => statSync(cache).blocks * 512;
	const before = held();
	const length = Number((await client.send("HEAD", zip("unwanted"))).headers["content-length"]);
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	const asked = request({ host: "localhost", port: server.port, ca: server.ca, agent: false,
	    path: zip("unwanted"), headers: { cookie } });
	asked.on("error", () => {}).end();
	await until("its audio to be encoded", () => archivesOpen() && held() > before);
	asked.destroy();
	await until("its file to be closed", () => !archivesOpen());
	assert.ok(held() - before < length / 4, `${held() - before} of ${length} bytes`);
});

test("pending files get 404 with the reason; the others can be downloaded", async () => {
	for (const [key, file, type] of [["pending_nothing", "transcript.pdf", "transcript-pending"],
		["pending_nothing", "archive.zip", "audio-pending"],
		["pending_audio", "transcript.pdf", "transcript-pending"],
		["pending_audio", "archive.zip", "transcript-pending"]]) {
		const answer = await client.get(at(key, file));
		assert.equal(answer.status, 404);
		assert.match(answer.json().type, new RegExp(`:${type}$`));
		assert.equal(answer.headers["content-disposition"], undefined);
		const page = await client.get(at(key, file, "/console"));
		assert.equal(page.status, 404);
		assert.match(page.headers["content-type"], /^text\/html/);
	}
	assert.equal((await client.get(`${at("pending_audio", "audio.mp3")}?download=1`)).status, 200);
});

test("the transcript of a call without speech says so", async () => {
	const { status, body } = await client.get(pdf("mute"));
	assert.equal(status, 200);
	assert.match(await textOf(body), /Aucune parole dans cet appel/);
});

test("lost or damaged audio: 502 for the archive, 200 for the transcript", async () => {
	rmSync(await objectPath("damaged_lost"));
	truncateSync(await objectPath("damaged_cut"), 20000);
	for (const key of damaged) {
		for (const method of ["GET", "HEAD"])
			assert.equal((await client.send(method, zip(key))).status, 502);
		assert.match((await client.get(zip(key))).json().type, /audio-damaged$/);
		assert.equal((await client.get(pdf(key))).status, 200);
	}
});

test("unknown ids, another customer's and malformed ones: the same 404", async () => {
	for (const file of ["transcript.pdf", "archive.zip"])
		for (const id of [ids.neighbour_own, "0198c2b1-7c00-7000-8000-000000000001", "x"]) {
			const answer = await client.get(`/api/v1/recordings/${id}/${file}`);
			assert.equal(answer.status, 404);
			assert.match(answer.json().type, /not-found$/);
		}
});

test("the API lists the files that exist", async () => {
	const media = async (key) => (await client.get(at(key, "").slice(0, -1))).json().media;
	const ready = await media("talk");
	for (const [name, file] of [["audio", "audio.mp3"], ["transcript", "transcript.pdf"],
		["archive", "archive.zip"]])
		assert.equal(ready[name], `/recordings/${ids.talk}/${file}`);
	const pending = await media("pending_audio");
	assert.ok(pending.audio);
	assert.equal(pending.transcript, null);
	assert.equal(pending.archive, null);
});

test("no temporary folder for an archive: 503, and the transcript still works", async () => {
	const other = await startServer({ database, settings: { cache_dir: "/proc/nowhere" } });
	try {
		const alone = await other.client().signIn(people.supervisor.email);
		const answer = await alone.get(zip("talk"));
		assert.equal(answer.status, 503);
		assert.ok(answer.headers["retry-after"]);
		assert.equal((await alone.get(pdf("talk"))).status, 200);
		await until("the log to say so", () => /event=archive_failed/.test(other.log()));
		alone.close();
	} finally {
		await other.stop();
	}
});
