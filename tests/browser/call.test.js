// A call's page: its content, playback with the transcript, seeking by a click,
// a link to a position, and calls without audio or transcript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, accessible, dark, done, english, followed, phone, screenshot, startWorld, touchable }
    from "./browser.js";

let server, browser, ids;
before(async () => {
	server = await startWorld();
	ids = await recordingIds(server.database);
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const path = (key) => `/console/recordings/${ids[key]}`;
const open = (key, rest = "", look = {}) =>
    browser.openAs("supervisor", path(key) + rest, look);
const now = (page) => page.evaluate(() => document.getElementById("audio").currentTime);
const current = (page) => page.locator(".turn[aria-current] .turn-text").allInnerTexts();
const says = (page, text) => page.waitForFunction((wanted) =>
    document.querySelector(".turn[aria-current] .turn-text")?.textContent === wanted, text);

test("the page shows subject, summary, mood, people and transcript", async () => {
	const page = await open("followed");
	await accessible(page);
	await screenshot(page, "detail", { fullPage: true });
	assert.equal(await page.innerText("h1"), followed.subject);
	assert.equal(await page.title(), `${followed.subject} – Smart Record AI`);
	assert.equal(await page.innerText(".summary"), followed.summary);
	assert.equal(await page.innerText(".call-head .mood"), "Énervé");
	assert.deepEqual(await page.locator(".turn-text").allInnerTexts(), followed.words);
	assert.equal(await page.locator(".turn.callee").count(), 6);
	assert.match(await page.locator(".turn").nth(1).innerText(), /^00:03\s*–\s*Ursule Nadal/);
	assert.equal(await page.locator(".turn-time button").count(), 12);
	await page.click(".mood-line summary");
	assert.match(await page.innerText(".mood-line"), /jamais une note.*ton de la voix/);
	await done(page);
});

test("the audio plays, and the transcript marks the current utterance", async () => {
	const page = await open("followed");
	assert.equal(await page.isVisible("audio"), false);
	await page.getByRole("button", { name: "Écouter", exact: true }).click();
	await says(page, followed.words[0]);
	await says(page, followed.words[1]);
	/* the mark may be 20 ms early, because a seek may land a sample early */
	assert.ok(await now(page) >= 2.98);
	assert.match(await page.innerText("#now"), /^00:0\d$/);
	assert.match(await page.getAttribute("#seek", "aria-valuetext"), /^\d\ssecondes? sur 36\ssecondes$/);
	assert.equal(await page.evaluate(() => Math.round(document.getElementById("audio").duration)), 36);
	await screenshot(page, "detail-playing");
	await page.getByRole("button", { name: "Pause" }).click();
	const pausedAt = await now(page);
	await page.getByRole("button", { name: "Écouter", exact: true }).waitFor();
	assert.equal(await now(page), pausedAt);
	await done(page);
});

test("a click on an utterance's time or text plays from there", async () => {
	const page = await open("followed");
	await page.getByRole("button", { name: "Écouter à partir de 00:18" }).click();
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 18.3);
	assert.deepEqual(await current(page), [followed.words[6]]);
	await page.locator(".turn-text").nth(10).click();
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 30.2);
	assert.deepEqual(await current(page), [followed.words[10]]);
	await done(page);
});

test("selecting text in an utterance does not seek", async () => {
	const page = await open("followed");
	await page.locator(".turn-text").nth(4).dblclick();
	assert.notEqual(await page.evaluate(() => getSelection().toString()), "");
	await page.evaluate(() => getSelection().removeAllRanges());
	await page.getByRole("button", { name: "Pause" }).click();
	const before = await now(page);
	const box = await page.locator(".turn-text").nth(8).boundingBox();
	await page.mouse.move(box.x + 20, box.y + 20);
	await page.mouse.down();
	await page.mouse.move(box.x + 150, box.y + 20, { steps: 5 });
	await page.mouse.up();
	assert.notEqual(await page.evaluate(() => getSelection().toString()), "");
	assert.equal(await now(page), before);
	await done(page);
});

test("the keyboard seeks, buttons skip 10 seconds, and the speed is kept after a reload", async () => {
	const page = await open("followed");
	await page.focus("#seek");
	await page.keyboard.press("End");
	await says(page, followed.words[11]);
	await page.getByRole("button", { name: "Reculer de 10 secondes" }).click();
	assert.equal(Math.round(await now(page)), 26);
	await page.getByRole("button", { name: "Avancer de 10 secondes" }).click();
	assert.equal(Math.round(await now(page)), 36);
	await page.selectOption("#speed", "1.5");
	await page.reload();
	assert.equal(await page.evaluate(() => document.getElementById("audio").playbackRate), 1.5);
	await done(page);
});

test("a link with a position and a search shows that utterance, highlights the words, and plays from there", async () => {
	const page = await open("followed", "?q=QUITTANCES#t=24");
	assert.deepEqual(await current(page), [followed.words[8]]);
	assert.equal(await page.innerText("#now"), "00:24");
	assert.deepEqual(await page.evaluate(() => [...CSS.highlights.get("found")].map(String)), ["quittance"]);
	assert.ok(await page.locator(".turn[aria-current]").evaluate((turn) => {
		const { top, bottom } = turn.getBoundingClientRect();
		return top > 0 && bottom < innerHeight;
	}), "the utterance is in view");
	await screenshot(page, "detail-found");
	await page.getByRole("button", { name: "Écouter", exact: true }).click();
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 24.5);
	assert.deepEqual(await current(page), [followed.words[8]]);
	await done(page);
});

test("a call with audio but without a transcript yet, and a call with neither yet", async () => {
	const page = await open("pending_audio");
	assert.match(await page.innerText("main"), /Transcription en cours/);
	assert.equal(await page.isVisible("#player-bar"), true);
	await accessible(page);
	await screenshot(page, "detail-pending");
	await page.goto(path("pending_nothing"));
	assert.match(await page.innerText("main"), /Audio pas encore disponible/);
	assert.equal(await page.locator("audio").count(), 0);
	await accessible(page);
	await screenshot(page, "detail-nothing-yet");
	await done(page);
});

test("audio that fails to load shows an error, which a successful retry removes", async () => {
	const page = await open("followed", "#t=12");
	await page.route("**/audio.mp3", (route) => route.fulfill({ status: 502, body: "" }));
	await page.reload();
	await page.getByRole("button", { name: "Écouter", exact: true }).click();
	await page.waitForSelector("#audio-failed:not([hidden])");
	await page.unroute("**/audio.mp3");
	await page.getByRole("button", { name: "Écouter", exact: true }).click();
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 12.2);
	assert.equal(await page.isVisible("#audio-failed"), false);
	await done(page);
});

test("a call of another tenant and a call that does not exist give the same page", async () => {
	const page = await open("neighbour_own");
	const text = (await page.innerText("main")).replace(/[0-9a-f]{16}/, "");
	await accessible(page);
	await screenshot(page, "not-found");
	await page.goto("/console/recordings/01985f3a-7c00-7000-8000-000000000000");
	assert.equal((await page.innerText("main")).replace(/[0-9a-f]{16}/, ""), text);
	await done(page);
});

for (const [name, look] of Object.entries({ "detail-english": english, "detail-dark": dark,
	"detail-phone": phone, "detail-phone-dark": { ...phone, ...dark } }))
	test(`${name.replaceAll("-", ", ")}: accessible`, async () => {
		const page = await open("followed", "#t=12", look);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, name);
		await done(page);
	});
