// Recordings that arrive while one looks at the list: said above it, never
// put into it, and only those that fit the filters.
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
const says = (page, text) => page.waitForFunction((wanted) => {
	const button = document.querySelector("#news button");
	return (button.hidden ? "" : button.textContent.trim()) === wanted;
}, text);
const listening = (page) => page.waitForFunction(async (name) =>
    (await navigator.locks.query()).held.some((lock) => lock.name === name), `smartrecord.events${list}`);

test("they are announced and counted; the list stays until one asks for them", async () => {
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
	await page.getByRole("button", { name: "2 nouveaux enregistrements" }).click();
	await page.waitForFunction((n) => document.querySelectorAll("#rows tr").length === n, before.length + 2);
	assert.deepEqual((await rows()).filter((s) => /arrivé/.test(s)).sort(), ["Premier arrivé", "Second arrivé"]);
	await says(page, "");
	assert.equal(page.url(), server.url + list);
	await done(page);
});

test("only those that fit the filters, and only in one's scope", async () => {
	const page = await browser.openAs("supervisor", `${list}?mood=angry`);
	await listening(page);
	const asked = page.waitForResponse(/\/api\/v1\/recordings\?.*since=/);
	await arrive("Pas de cette humeur");
	assert.equal((await (await asked).json()).total, 0);
	await says(page, "");
	await arrive("En colère", { mood: "angry" });
	await says(page, "1 nouvel enregistrement – Afficher");
	await done(page);
});

test("one tab listens for both, the other takes over; none does while nobody looks", async () => {
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
	/* hidden: as the browser would say it */
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
