// The main tasks by keyboard: sign in, search, filter, open a call, play, seek,
// close, sign out. The focus is visible after each Tab.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { password, recordingIds } from "../lib/fixtures.js";
import { Browser, done, followed, people, screenshot, startWorld } from "./browser.js";

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

// Returns a text if the focused element has no outline, is outside the window,
// or is covered by another element; else null.
const focusTrouble = (page) => page.evaluate(() => {
	const e = document.activeElement;
	const { outlineStyle, outlineWidth } = getComputedStyle(e);
	const { left, right, top, bottom } = e.getBoundingClientRect();
	const name = `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`;
	if (e === document.body)
		return null;
	if (outlineStyle === "none" || parseFloat(outlineWidth) < 2)
		return `no outline: ${name}`;
	if (top < 0 || bottom > innerHeight || left < 0 || right > innerWidth)
		return `out of sight: ${name}`;
	const topmost = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
	/* the waveform's canvas covers its slider, and shows the slider's focus */
	if (topmost?.matches("canvas[aria-hidden]") && e.type === "range")
		return null;
	return e.contains(topmost) || topmost?.contains(e) ? null
	    : `hidden: ${name} by ${topmost?.outerHTML.slice(0, 80)}`;
});

// Presses Tab (or Shift+Tab) until an element that matches has the focus.
// Checks at each step that the focus is visible.
async function tabTo(page, selector, key = "Tab") {
	for (let i = 0; i < 250; i++) {
		await page.keyboard.press(key);
		assert.equal(await focusTrouble(page), null);
		if (await page.evaluate((s) => document.activeElement.matches(s), selector))
			return;
	}
	assert.fail(`${selector} is out of reach`);
}

const total = (page, text) => page.waitForFunction((wanted) =>
    document.getElementById("total")?.textContent === wanted, text);
const press = (page, key) => page.keyboard.press(key);

test("the main tasks from sign-in to sign-out, by keyboard", async () => {
	const page = await browser.open("/console/recordings");
	await page.keyboard.type(people.supervisor.email);
	await tabTo(page, "#password");
	await page.keyboard.type(password);
	await press(page, "Enter");
	await page.waitForURL("**/console/recordings");

	await press(page, "Tab");
	assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
	assert.equal(await focusTrouble(page), null);
	await press(page, "Enter");
	assert.equal(await page.evaluate(() => document.activeElement.id), "main");
	await tabTo(page, "#q");
	await page.keyboard.type("quittance");
	await total(page, "1 enregistrement trouvé");

	/* a menu opens, a box in it is ticked, and Escape focuses its button */
	await tabTo(page, "#mood-summary");
	await press(page, "Enter");
	await tabTo(page, "[name=mood][value=angry]");
	await press(page, " ");
	await page.waitForURL(/mood=angry/);
	await press(page, "Escape");
	assert.equal(await page.evaluate(() => document.activeElement.id), "mood-summary");
	assert.equal(await page.isVisible(".mood-grid"), false);
	/* a menu closes when the focus leaves it */
	await press(page, "Enter");
	await press(page, "Shift+Tab");
	assert.equal(await page.isVisible(".mood-grid"), false);
	await press(page, "Tab");

	await tabTo(page, ".subject");
	await press(page, "Enter");
	await page.waitForSelector("#sheet[open] h1");
	assert.equal(await page.evaluate(() => document.activeElement.textContent), "00:24",
	    "at the word that was searched");
	assert.equal(await focusTrouble(page), null);
	await tabTo(page, "#play", "Shift+Tab");
	await press(page, " ");
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 24.3);
	await tabTo(page, ".turn:nth-child(11) .turn-time button");
	await press(page, "Enter");
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 30.1);
	await screenshot(page, "keyboard-jump");
	await tabTo(page, "[data-close]", "Shift+Tab");
	await press(page, "Enter");
	await page.waitForURL(/recordings\?q=quittance&mood=angry$/);
	await page.waitForFunction((text) => document.activeElement.textContent === text, followed.subject);
	assert.equal(await focusTrouble(page), null);

	/* remove a filter, then sign out in the account's menu */
	await tabTo(page, ".chip[href$='q=quittance']", "Shift+Tab");
	await press(page, "Enter");
	await page.waitForURL(/recordings\?q=quittance$/);
	await tabTo(page, ".person > summary", "Shift+Tab");
	await press(page, "Enter");
	await tabTo(page, ".person button");
	await press(page, "Enter");
	await page.waitForURL(/sign-in\?bye=1$/);
	await done(page);
});

test("the sticky bar does not cover the focus, down the list and up again", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings");
	await tabTo(page, "#rows tr:nth-child(14) .subject");
	await tabTo(page, "#rows tr:nth-child(1) .subject", "Shift+Tab");
	await done(page);
});

test("a row's slider seeks and pauses by keyboard, and the focus returns to the row at the end", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings");
	const link = "#rows tr:has-text('dossier 44-22') a.listen";
	await page.focus(link);
	await press(page, " ");
	await page.waitForSelector(`${link}.is-playing`);
	await press(page, "Tab");
	await press(page, " ");
	await page.waitForSelector(`${link}:not(.is-playing)`);
	const bar = (name) => page.evaluate((n) => document.activeElement[n], name);
	const before = await bar("valueAsNumber");
	await press(page, "ArrowRight");
	assert.ok(Math.abs(await bar("valueAsNumber") - before - 5) < .2, "five seconds on");
	await press(page, "Home");
	assert.equal(await bar("valueAsNumber"), 0);
	assert.match(await bar("ariaValueText"), /^0\s+seconde sur 36 secondes$/);
	await press(page, " ");
	await page.waitForSelector(`${link}.is-playing`);
	await press(page, "End");
	await page.waitForFunction(() => document.activeElement.matches("a.listen") &&
	    document.activeElement.closest("tr").textContent.includes("dossier 44-22"), link);
	assert.equal(await page.locator(".listen-seek:visible").count(), 0);
	await done(page);
});

test("audio that fails to load is announced and can be retried; after a retry of the list its total has the focus", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings");
	await page.route("**/audio.mp3", (route) => route.abort());
	await page.focus("#rows a.listen >> nth=0");
	await press(page, "Enter");
	await page.waitForSelector("[role=alert].listen-time");
	assert.equal(await page.textContent("[role=alert].listen-time"), "Lecture impossible");
	/* a retry plays it */
	await page.unroute("**/audio.mp3");
	await press(page, "Enter");
	await page.waitForSelector("#rows a.listen.is-playing");
	assert.equal(await page.locator(".listen-time[role]").count(), 0);
	const abort = (route) => route.abort();
	await page.route("**/recordings?*", abort);
	await page.fill("#q", "facture");
	await page.waitForSelector("#failed:not([hidden])");
	await page.unroute("**/recordings?*", abort);
	await page.focus("#failed button");
	await press(page, "Enter");
	await page.waitForURL(/q=facture/);
	assert.equal(await page.evaluate(() => document.activeElement.id), "total");
	await page.context().close();
});

test("a call without audio and transcript has no help for shortcuts", async () => {
	const page = await browser.openAs("supervisor", `/console/recordings/${ids.pending_nothing}`);
	await page.waitForSelector("h1");
	await press(page, "?");
	assert.equal(await page.isVisible("#help"), false);
	assert.equal(await page.isVisible("#keys"), false);
	await done(page);
});
