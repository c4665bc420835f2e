// The access log in a browser: read, filtered by mouse, keyboard or without
// script, in each look.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, startWorld, touchable }
    from "./browser.js";

let server, browser;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
	const page = await browser.openAs("supervisor", "/console/recordings?q=facture");
	await page.click("#rows .subject >> nth=0");
	await page.waitForSelector("#call");
	await page.context().close();
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

for (const [name, look] of Object.entries({ desktop: {}, dark, phone, "phone-dark": { ...phone, ...dark },
    english }))
	test(`it reads well: ${name}`, async () => {
		const page = await browser.openAs("supervisor", "/console/audit", look);
		assert.ok(await page.locator(".audit tbody tr").count() >= 3);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, `audit-${name}`);
		await done(page);
	});

test("filtered without script; the filter stays in the form and the address", async () => {
	const page = await browser.openAs("supervisor", "/console/audit", noScript);
	await page.selectOption("#kind", "search");
	await page.click(".audit-filters button");
	assert.match(page.url(), /kind=search/);
	assert.equal(await page.inputValue("#kind"), "search");
	assert.deepEqual(new Set(await page.locator(".audit .tag").allTextContents()), new Set(["Recherche"]));
	assert.match(await page.getAttribute("a[download]", "href"), /audit\.csv\?kind=search$/);
	await page.click("text=Réinitialiser les filtres");
	assert.ok((await page.locator(".audit .tag").allTextContents()).includes("Connexion"));
	await done(page);
});

test("an administrator reads it, with no way to the calls", async () => {
	const page = await browser.openAs("administrator", "/console/audit");
	assert.ok(await page.locator(".audit tbody tr").count() > 0);
	assert.equal(await page.locator(".audit a").count(), 0);
	await done(page);
});
