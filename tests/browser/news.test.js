// Recordings that arrive while the list is open: a button above the list counts
// those that match the filters, and shows them on a click.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadCalls } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, done, screenshot } from "./browser.js";

const list = "/console/recordings";
let server, browser, number = 0;
before(async () => {
	server = await startServer();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const arrive = (subject, over = {}) => loadCalls(server.database, { [`news_${++number}`]: {
	account: "colleague", ago: .01, mood: "grateful", subject, silent: true, words: ["Bonjour."], ...over } });
// Waits until the button has this text, or is hidden if the text is empty.
const says = (page, text) => page.waitForFunction((wanted) => {
	const button = document.querySelector("#news button");
	return (button.hidden ? "" : button.textContent.trim()) === wanted;
}, text);
// Waits until this tab or another of its browser listens to the server.
const listening = (page) => page.waitForFunction(async (name) =>
    (await navigator.locks.query()).held.some((lock) => lock.name === name), `smartrecord.events${list}`);

test("new recordings are counted by a button; the list changes only after a click on it", async () => {
	const page = await browser.openAs("supervisor", list);
	const rows = () => page.locator("#rows .subject").allTextContents();
	const before = await rows();
	await listening(page);
	await arrive("Premier arrivé");
	await says(page, "1 nouvel enregistrement – Afficher");
	assert.equal(await page.getAttribute("#news", "role"), "status");
	assert.deepEqual(await rows(), before, "nothing under one's hand");
	await arrive("Second arrivé");
	await says(page, "2 nouveaux enregistrements – Afficher");
	await accessible(page);
	await screenshot(page, "news");
	const entries = await page.evaluate(() => history.length);
	await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
	assert.ok(await page.evaluate(() => scrollY) > 0);
	await page.getByRole("button", { name: "2 nouveaux enregistrements" }).evaluate((button) => button.click());
	await page.waitForFunction((n) => document.querySelectorAll("#rows tr").length === n, before.length + 2);
	assert.deepEqual((await rows()).filter((s) => /arrivé/.test(s)).sort(), ["Premier arrivé", "Second arrivé"]);
	await says(page, "");
	assert.equal(page.url(), server.url + list);
	/* the list is scrolled to its top, and no history entry is added */
	await page.waitForFunction(() => document.activeElement.id === "total" && scrollY === 0);
	assert.equal(await page.evaluate(() => history.length), entries);
	await done(page);
});

test("only new recordings that match the filters are counted", async () => {
	const page = await browser.openAs("supervisor", `${list}?mood=angry`);
	await listening(page);
	const response = page.waitForResponse(/\/api\/v1\/recordings\?.*since=/);
	await arrive("Pas de cette humeur");
	assert.equal((await (await response).json()).total, 0);
	await says(page, "");
	await arrive("En colère", { mood: "angry" });
	await says(page, "1 nouvel enregistrement – Afficher");
	await done(page);
});

test("one of two tabs listens to the server for both, the other after it closes; hidden tabs do not", async () => {
	const page = await browser.openAs("supervisor", list);
	await listening(page);
	const other = await page.context().newPage();
	await other.goto(list);
	await other.waitForFunction(async (name) => (await navigator.locks.query()).pending
	    .some((lock) => lock.name === name), `smartrecord.events${list}`);
	await arrive("Pour les deux");
	for (const tab of [page, other])
		await says(tab, "1 nouvel enregistrement – Afficher");
	await page.close();
	await listening(other);
	await arrive("Pour l’autre");
	await says(other, "2 nouveaux enregistrements – Afficher");
	/* simulates the browser's event when a tab is hidden or shown */
	const show = (state) => other.evaluate((s) => {
		Object.defineProperty(document, "visibilityState", { value: s, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, state);
	await show("hidden");
	await other.waitForFunction(async () => (await navigator.locks.query()).held.length === 0);
	await arrive("Pendant l’absence");
	await show("visible");
	await says(other, "3 nouveaux enregistrements – Afficher");
	await other.context().close();
});
