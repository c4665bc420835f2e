// Deleting in a browser: the dialog that asks, the page that asks without
// script, the receipt.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, startWorld, touchable }
    from "./browser.js";

let server, browser;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const row = (page, subject) => page.locator("tr.call", { hasText: subject });

test("from a row's menu: a dialog asks, Escape and Cancel leave all as it is, the receipt follows", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings?q=quittance");
	const before = await page.locator("#rows tr").count();
	const askFor = async () => {
		await row(page, "dossier 44-22").locator(".files-open").click();
		await row(page, "dossier 44-22").locator(".files-delete button").click();
		await page.waitForSelector("dialog.asking[open] #confirm");
	};
	await askFor();
	assert.match(await page.textContent("dialog.asking"), /Supprimer cet enregistrement\s\?[^]*dossier 44-22/);
	await accessible(page);
	await screenshot(page, "deletion-dialog");
	await page.keyboard.press("Escape");
	await page.waitForSelector("dialog.asking", { state: "hidden" });
	await askFor();
	await page.click("dialog.asking [data-dismiss]");
	await page.waitForSelector("dialog.asking", { state: "hidden" });
	assert.equal(await page.locator("#rows tr").count(), before);
	await askFor();
	await page.click("dialog.asking .danger");
	await page.waitForURL(/\/console\/deletions\/[0-9a-f-]{36}$/);
	assert.match(await page.textContent("h1"), /1 enregistrement supprimé/);
	await accessible(page);
	await screenshot(page, "deletion-receipt");
	await page.click("text=Retour aux enregistrements");
	await page.waitForSelector("#rows");
	assert.equal(await row(page, "dossier 44-22").count(), 0);
	await done(page);
});

for (const [name, look] of Object.entries({ desktop: {}, "phone-dark": { ...phone, ...dark }, english }))
	test(`the page that asks: ${name}`, async () => {
		const page = await browser.openAs("supervisor", "/console/recordings", { ...look, ...noScript });
		await row(page, "Colis égaré").locator(".files-open").click();
		await row(page, "Colis égaré").locator(".files-delete button").click();
		assert.match(page.url(), /\/deletions\/count$/);
		await screenshot(page, `deletion-confirm-${name}`);
		await page.click("[data-dismiss]");
		assert.match(page.url(), /\/console\/recordings$/);
		await done(page);
	});

test("on a phone what asks fits fingers", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings?q=colis", phone);
	await row(page, "Colis égaré").locator(".files-open").click();
	await row(page, "Colis égaré").locator(".files-delete button").click();
	await page.waitForSelector("dialog.asking[open]");
	await accessible(page);
	await touchable(page);
	await screenshot(page, "deletion-dialog-phone");
	await done(page);
});

test("on the board nobody is asked", async () => {
	const page = await browser.openAs("user", "/board/recordings");
	assert.equal(await page.locator(".files-delete").count(), 0);
	await done(page);
});
