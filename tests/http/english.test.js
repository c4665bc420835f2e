// Pages, files and problems in English contain no French text that
// templates/en.json translates.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { accountIds, loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const english = JSON.parse(readFileSync(path.join(top, "templates/en.json"), "utf8"));

// The fixtures' texts must differ from the service's: a call's text is not
// translated.
const moods = ["neutral", "frustrated", "relieved", "angry", "positive", "confused", "negative",
    "impatient", "grateful", "disappointed", "anxious"];
const call = { account: "user", caller: { kind: "e164", value: "+33613241088", name: "Xyz" },
	summary: "Xyz.", words: ["Xyz.", "Xyz."], silent: true };
const calls = {
	xyz_long: { ...call, ago: 50, mood: "angry", subject: "Xyz", seconds: 4000, direction: "outbound",
	    pauses: [{ start_ms: 90000, end_ms: 100000 }] },
	xyz_withheld: { ...call, ago: 51, mood: "angry", subject: "Xyz", direction: "internal",
	    caller: { kind: "withheld", value: null, name: null } },
	...Object.fromEntries(moods.map((mood, i) =>
	    [`xyz_${mood}`, { ...call, ago: 52 + 24 * i, mood, subject: "Xyz" }])),
};

const pieces = (sentence) => sentence.split(/\{\w*\}/).map((piece) => piece.trim()).filter(Boolean);
const letter = "[\\p{L}\\p{N}’]";
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

// Texts that can only be French: parts of the keys that occur in no English text
// as whole words.
const said = Object.values(english).join("\n");
const whole = (text) => new RegExp(`(?<!${letter})${escaped(text)}(?!${letter})`, "u");
const french = Object.keys(english).filter((sentence) => sentence !== english[sentence])
    .flatMap(pieces).filter((piece) => /\p{L}{2}|,\d/u.test(piece) && !whole(piece).test(said))
    .map((piece) => [piece, whole(piece)]);
// Words that C writes without en.json: months, days, articles of dates.
const dates = /(?<!\p{L})(janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|secondes?|heures?|à|1er|le|la|les|des|du|une)(?!\p{L})/iu;

// Returns what people read or hear of a page: its text and its text attributes.
function readable(page) {
	assert.match(page, /<html lang="en">/);
	const words = page.replaceAll(/<(script|style)\b.*?<\/\1>/gs, "").replaceAll(/Français|Défenseur des droits/g, "");
	const heard = [...words.matchAll(/\s(?:aria-label|title|placeholder|data-[a-z]+|alt)="([^"]*)"/g)]
	    .map((match) => match[1]);
	return [words.replaceAll(/<[^>]*>/g, "\n"), ...heard].join("\n").replaceAll("&#39;", "'");
}

const leftOver = (text) => french.filter(([, pattern]) => pattern.test(text)).map(([piece]) => piece);

let server, ids, clients;
before(async () => {
	const database = await freshDatabase({ fixtures: true });
	await database.sql("truncate recording cascade");
	await loadCalls(database, { ...calls,
		xyz_pending: { ...call, ago: 1, pending: true },
		xyz_silent: { ...call, ago: 2, pending: true, silent: false } });
	server = await startServer({ database });
	ids = { ...await recordingIds(database), ...await accountIds(database) };
	clients = { nobody: server.client() };
	for (const key of ["supervisor", "user", "administrator", "stranger"])
		clients[key] = await server.client().signIn(people[key].email);
	for (const client of Object.values(clients))
		await client.post("/console/language", { fields: { lang: "en", to: "/console" } });
});
after(async () => {
	for (const client of Object.values(clients ?? {}))
		client.close();
	await server?.stop();
});

// [who, path, status]; {key} is a recording.
const pages = [
	["nobody", "/console/sign-in"], ["nobody", "/board/sign-in?bye=1"], ["nobody", "/board/accessibility"],
	["administrator", "/console/accounts"], ["supervisor", "/console/accounts?q=xyz"],
	["administrator", "/console/accounts/{colleague}"], ["supervisor", "/console/accounts/{administrator}"],
	["administrator", "/console/accounts/imports"], ["supervisor", "/console/accounts?after=x", 400], ["supervisor", `/console/accounts?q=${"x".repeat(201)}`, 400],
	["nobody", "/console/invitations"], ["nobody", "/board/password-resets"], ["nobody", "/board/password-resets?sent=1"],
	["nobody", "/board/invitations/x", 404],
	["user", "/board/password"], ["user", "/board/password?done=1"], ["supervisor", "/console/sessions"],
	["supervisor", "/console/recordings"], ["user", "/board/recordings"], ["stranger", "/console/recordings"],
	["stranger", "/board/recordings"],
	["supervisor", "/console/recordings?q=xyz&mood=angry&mood=anxious&min_ms=60000&max_ms=3600000" +
	    "&from=2026-01-01&to=2026-12-31&direction=inbound&number=0613241088"],
	["supervisor", "/console/recordings?from=2026-01-01"], ["supervisor", "/console/recordings?to=2026-01-01"],
	["supervisor", "/console/recordings/{xyz_long}?q=xyz"], ["supervisor", "/console/recordings/{xyz_withheld}"],
	["supervisor", "/console/recordings/{xyz_pending}"], ["supervisor", "/console/recordings/{xyz_silent}"],
	...moods.map((mood) => ["supervisor", `/console/recordings/{xyz_${mood}}`]),
	["supervisor", "/console/telephony"], ["supervisor", "/console/telephony/activation?q=xyz"],
	["administrator", "/console/telephony/activation?saved=1&on=1&off=2&always=1&on_demand=2"],
	["supervisor", "/console/help"], ["user", "/board/help"],
	["administrator", "/console/audit"], ["administrator", "/console/audit?kind=expire"],
	["administrator", "/console/audit?from=x", 400],
	["supervisor", "/console/recordings?min_ms=60000&max_ms=30000", 400],
	["supervisor", "/console/recordings?q=-xyz", 400], ["supervisor", "/console/recordings?mood=x", 400],
	["supervisor", "/console/recordings?from=x", 400], ["supervisor", "/console/recordings?site=x", 400],
	["supervisor", "/console/recordings?account=x", 400], ["supervisor", "/console/recordings?after=x", 400],
	["supervisor", "/console/nowhere", 404], ["supervisor", "/console/recordings/x", 404],
	["administrator", "/console/recordings", 403],
];

describe("English pages and files contain no French", () => {
	for (const [who, place, status = 200] of pages)
		test(`${who}: ${place}`, async () => {
			const answer = await clients[who].get(place.replaceAll(/\{(\w+)\}/g, (_, key) => ids[key]));
			assert.equal(answer.status, status);
			const text = readable(answer.text);
			assert.deepEqual(leftOver(text), []);
			assert.equal(dates.exec(text)?.[0], undefined);
		});

	test("a wrong password", async () => {
		const answer = await clients.nobody.post("/console/session", { fields: { email: "x@y.test", password: "x" } });
		assert.deepEqual(leftOver(readable(answer.text)), []);
	});

	test("the transcript as PDF", async () => {
		const answer = await clients.supervisor.get(`/console/recordings/${ids.xyz_long}/transcript.pdf`);
		assert.equal(answer.status, 200);
		const text = execFileSync("pdftotext", ["-raw", "-", "-"], { input: answer.body }).toString();
		assert.match(text, /Recording paused: 01:30/);
		assert.deepEqual(leftOver(text), []);
		assert.equal(dates.exec(text)?.[0], undefined);
	});

	test("the access log as CSV", async () => {
		const { status, text } = await clients.administrator.get("/console/audit.csv");
		assert.equal(status, 200);
		assert.deepEqual(leftOver(text), []);
	});
});

test("the same check finds French in French pages", async () => {
	const client = await server.client().signIn(people.supervisor.email);
	await client.post("/console/language", { fields: { lang: "fr", to: "/console" } });
	for (const place of ["/console/recordings", `/console/recordings/${ids.xyz_long}`, "/console/audit",
		"/console/accessibility", "/console/nowhere"]) {
		const { text } = await client.get(place);
		assert.ok(leftOver(text).length > 3, place);
	}
	client.close();
});
