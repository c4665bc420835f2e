// The access log in a browser: in each look, and filtered without script. Also
// the erasure of a telephone number, from the request to its receipt.
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
	test(`the access log is accessible: ${name}`, async () => {
		const page = await browser.openAs("supervisor", "/console/audit", look);
		assert.ok(await page.locator(".audit tbody tr").count() >= 3);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, `audit-${name}`);
		await done(page);
	});

test("the access log is filtered without script; the filter stays in the form and the address", async () => {
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

test("an administrator sees the access log without links to the calls", async () => {
	const page = await browser.openAs("administrator", "/console/audit");
	assert.ok(await page.locator(".audit tbody tr").count() > 0);
	assert.equal(await page.locator(".audit a[href*=\"/recordings\"]").count(), 0);
	await done(page);
});

test("erasing a number: the administrator requests it, the supervisor confirms, and both see the receipt", async () => {
	const empty = await browser.openAs("administrator", "/console/erasures", { ...phone, ...dark });
	assert.match(await empty.textContent(".empty h2"), /Aucune demande d’effacement/);
	await accessible(empty);
	await touchable(empty);
	await screenshot(empty, "erasures-empty-phone-dark");
	await done(empty);

	const admin = await browser.openAs("administrator", "/console/erasures", noScript);
	await admin.fill("#number", "03 20 99 88 77");
	await admin.click(".erasure-new button");
	assert.match(await admin.textContent("dl"), /03 20 99 88 77[^]*1 enregistrement/);
	await screenshot(admin, "erasure-open-administrator");
	const target = new URL(admin.url()).pathname;
	await done(admin);

	const page = await browser.openAs("supervisor", "/console/erasures");
	await accessible(page);
	await screenshot(page, "erasures-list");
	await page.click(".export-row .subject");
	await page.waitForSelector(".erasure-facts");
	await accessible(page);
	await screenshot(page, "erasure-open");
	await page.click("text=Voir ces enregistrements");
	await page.waitForSelector("#rows tr");
	assert.equal(await page.locator("#rows tr").count(), 1);
	await screenshot(page, "erasure-recordings");
	await page.goto(`${target}/deletion`);
	await accessible(page);
	await screenshot(page, "erasure-confirm");
	await page.click("#confirm .danger");
	await page.waitForSelector(".erasure-carried_out");
	assert.match(await page.textContent("dl"), /•• •• •• •• 77[^]*Adèle Moreau[^]*Sophie Martin/);
	await accessible(page);
	await screenshot(page, "erasure-receipt", { fullPage: true });
	await done(page);

	const read = await browser.openAs("administrator", target, { ...phone, ...dark, ...english });
	assert.match(await read.textContent("h1"), /Erasure|number/i);
	await accessible(read);
	await touchable(read);
	await screenshot(read, "erasure-receipt-phone-dark-english", { fullPage: true });
	await done(read);
});
