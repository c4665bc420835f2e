// Accessibility of pages and states that no other test visits: the
// accessibility statement, another operator's colour, and waiting, failed and
// empty lists.
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

async function checkPage(page, name, look = {}) {
	await accessible(page);
	if (look.isMobile)
		await touchable(page);
	await screenshot(page, name);
}

for (const [name, look] of Object.entries({ "": {}, "-english": english, "-phone-dark": { ...phone, ...dark } }))
	test(`the accessibility statement${name}`, async () => {
		const page = await browser.open("/board/accessibility", look);
		await accessible(page);
		await screenshot(page, `accessibility${name}`, { fullPage: true });
		await done(page);
	});

for (const [name, look] of Object.entries({ light: {}, dark }))
	test(`the colour of another operator, ${name}`, async () => {
		const page = await browser.open(`https://127.0.0.1:${server.port}/console/sign-in`, look);
		assert.equal(await page.innerText(".brand-operator"), "Autre Télécom");
		await checkPage(page, `brand-sign-in-${name}`);
		await done(page);
		const signedIn = await browser.openAs("stranger", list, look);
		await checkPage(signedIn, `brand-list-${name}`);
		await done(signedIn);
	});

test("on a phone, the button for new recordings is accessible", async () => {
	const page = await browser.openAs("supervisor", list, phone);
	await page.waitForFunction(async (name) => (await navigator.locks.query()).held
	    .some((lock) => lock.name === name), `smartrecord.events${list}`);
	await loadCalls(database, { looks_new: { ...silent, account: "colleague", ago: .01, subject: "Nouveau" } });
	await page.waitForSelector("#news button:not([hidden])");
	await checkPage(page, "news-phone", phone);
	await done(page);
});

for (const [name, look] of Object.entries({ light: {}, "phone-dark": { ...phone, ...dark } }))
	test(`a list that loads, then fails, ${name}`, async () => {
		const page = await browser.openAs("supervisor", list, look);
		let fail;
		const held = new Promise((resolve) => { fail = resolve; });
		await page.route(/recordings\?.*q=/, async (route) => {
			await held;
			await route.abort();
		});
		await page.fill("#q", "facture");
		await page.waitForSelector("#results[aria-busy=true]");
		await checkPage(page, `list-waiting-${name}`, look);
		fail();
		await page.waitForSelector("#failed:not([hidden])");
		await checkPage(page, `list-failed-${name}`, look);
		page.troubles = page.troubles.filter((t) => !/ERR_FAILED/.test(t));
		await done(page);
	});

for (const [name, look] of Object.entries({ light: {}, dark, english }))
	test(`the help for the shortcuts, ${name}`, async () => {
		const page = await browser.openAs("supervisor", `${list}/${ids.followed}`, look);
		await page.click("#help");
		await page.waitForSelector("#keys[open]");
		await checkPage(page, `keys-${name}`);
		await done(page);
	});

test("a board without recordings", async () => {
	const page = await browser.openAs("administrator", "/board/recordings", phone);
	assert.match(await page.innerText("#results"), /Aucun enregistrement pour le moment/);
	await checkPage(page, "board-empty-phone", phone);
	await page.setViewportSize({ width: 1280, height: 860 });
	await screenshot(page, "board-empty");
	await done(page);
});
