// Pages and states that no walk stops at: the statement, another operator's
// colour, waiting, failing, nothing yet; each readable and reachable.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loadCalls, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, dark, done, english, followed, phone, screenshot, touchable }
    from "./browser.js";

const list = "/console/recordings";
const silent = { mood: "grateful", words: ["Bonjour."], silent: true };
let server, browser, database, ids;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.sql(`truncate recording cascade;
		update operator set color = '#0b6e63', host = '127.0.0.1' where key = 'autre'`);
	await loadCalls(database, { followed, looks_far: { ...silent, account: "stranger", ago: 3,
	    subject: "Affaire lointaine", mood: "angry" } });
	ids = await recordingIds(database);
	server = await startServer({ database });
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

async function good(page, name, look = {}) {
	await accessible(page);
	if (look.isMobile)
		await touchable(page);
	await screenshot(page, name);
}

for (const [name, look] of Object.entries({ "": {}, "-english": english, "-phone-dark": { ...phone, ...dark } }))
	test(`the statement${name}`, async () => {
		const page = await browser.open("/board/accessibility", look);
		await accessible(page);
		await screenshot(page, `accessibility${name}`, { fullPage: true });
		await done(page);
	});

for (const [name, look] of Object.entries({ light: {}, dark }))
	test(`another operator's colour, ${name}`, async () => {
		const page = await browser.open(`https://127.0.0.1:${server.port}/console/sign-in`, look);
		assert.equal(await page.innerText(".brand-operator"), "Autre Télécom");
		await good(page, `brand-sign-in-${name}`);
		await done(page);
		const signedIn = await browser.openAs("stranger", list, look);
		await good(signedIn, `brand-list-${name}`);
		await done(signedIn);
	});

test("on a phone, what is new is announced within reach", async () => {
	const page = await browser.openAs("supervisor", list, phone);
	await page.waitForFunction(async (name) => (await navigator.locks.query()).held
	    .some((lock) => lock.name === name), `smartrecord.events${list}`);
	await loadCalls(database, { looks_new: { ...silent, account: "colleague", ago: .01, subject: "Nouveau" } });
	await page.waitForSelector("#news button:not([hidden])");
	await good(page, "news-phone", phone);
	await done(page);
});

for (const [name, look] of Object.entries({ light: {}, "phone-dark": { ...phone, ...dark } }))
	test(`the list waits, then fails, ${name}`, async () => {
		const page = await browser.openAs("supervisor", list, look);
		let fail;
		const held = new Promise((resolve) => { fail = resolve; });
		await page.route(/recordings\?.*q=/, async (route) => {
			await held;
			await route.abort();
		});
		await page.fill("#q", "facture");
		await page.waitForSelector("#results[aria-busy=true]");
		await good(page, `list-waiting-${name}`, look);
		fail();
		await page.waitForSelector("#failed:not([hidden])");
		await good(page, `list-failed-${name}`, look);
		page.troubles = page.troubles.filter((t) => !/ERR_FAILED/.test(t));
		await done(page);
	});

for (const [name, look] of Object.entries({ light: {}, dark, english }))
	test(`help with the keys, ${name}`, async () => {
		const page = await browser.openAs("supervisor", `${list}/${ids.followed}`, look);
		await page.click("#help");
		await page.waitForSelector("#keys[open]");
		await good(page, `keys-${name}`);
		await done(page);
	});

test("a board with nothing on it yet", async () => {
	const page = await browser.openAs("administrator", "/board/recordings", phone);
	assert.match(await page.innerText("#results"), /Aucun enregistrement pour le moment/);
	await good(page, "board-empty-phone", phone);
	await page.setViewportSize({ width: 1280, height: 860 });
	await screenshot(page, "board-empty");
	await done(page);
});
