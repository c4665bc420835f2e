// The accounts of a tenant in a browser: the list, an account, its rights and
// the import of a file, in several looks and without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accountIds, confirmAll, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, touchable } from "./browser.js";

let server, browser, ids, database;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.command(["account", "create", "alpha", "manager", "--site", "lyon", "--first-name", "Élisabeth",
	    "--last-name", "de La Rochefoucauld-Montmorency", "--email", "elisabeth.de-la-rochefoucauld@alpha.test",
	    "--number", "+33180250194:fixed", "--number", "+33612345678:mobile", "--supervisor-sites", "lyon,paris",
	    "--administrator"]);
	ids = await accountIds(database);
	server = await startServer({ database });
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const looks = { desktop: {}, phone, "phone-dark": { ...phone, ...dark }, "dark-english": { ...dark, ...english } };
for (const [name, look] of Object.entries(looks))
	test(`accounts and import are accessible: ${name}`, async () => {
		const page = await browser.openAs("administrator", "/console/accounts", look);
		const checkPage = async (what) => {
			await accessible(page);
			if (look.isMobile)
				await touchable(page);
			await screenshot(page, `${what}-${name}`, { fullPage: true });
		};
		await checkPage("accounts");
		await page.click(".accounts tr:has-text('Rochefoucauld') .subject");
		await page.waitForSelector(".account-page");
		await checkPage("account");
		await page.goto("/console/accounts/imports");
		await page.setInputFiles("#file", { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(
		    "identifiant;nom;prénom;site;fixe\nnew-1;Durand;Éva;lyon;0180250001\nuser;;Julie;Lyon;\nbad;;;nowhere;12 345\n") });
		await page.click(".import-form button");
		await page.waitForSelector(".import-lines");
		await checkPage("import");
		assert.equal(await page.locator(".import-item.is-wrong").count(), 2);
		await done(page);
	});

test("the search works without script; an empty result has a link to all accounts", async () => {
	const page = await browser.openAs("limited", "/console/accounts", noScript);
	await page.fill("#q", "lacroix");
	await page.keyboard.press("Enter");
	await page.waitForURL("**/accounts?q=lacroix");
	assert.equal(await page.locator(".accounts tbody tr").count(), 1);
	await page.fill("#q", "Moreau");
	await page.click("form[role=search] button");
	await page.waitForSelector(".empty");
	await screenshot(page, "accounts-empty");
	await page.click("text=Voir tous les comptes");
	await page.waitForSelector(".accounts");
	await done(page);
});

test("the right to supervise one site is given by keyboard and confirmed", async () => {
	const page = await browser.openAs("administrator", `/console/accounts/${ids.colleague}`);
	assert.equal(await page.isVisible("[name=site]"), false);
	await page.focus("[name=supervisor]:checked");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowDown");
	await page.getByRole("checkbox", { name: "Lyon" }).check();
	await page.click("text=Enregistrer les droits");
	await page.waitForSelector("[role=status]:focus");
	assert.match(await page.innerText("[role=status]"), /attend une deuxième personne/);
	assert.equal(await page.innerText(".account-head .tags"), "Utilisateur");
	await confirmAll(database);
	await page.reload();
	assert.equal(await page.innerText(".account-head .tags"), "Superviseur (Lyon)");
	await accessible(page);
	await screenshot(page, "account-rights", { fullPage: true });
	await done(page);
});

test("an import without script shows an error, then the preview, then its result", async () => {
	const page = await browser.openAs("administrator", "/console/accounts/imports", noScript);
	assert.equal(await page.isVisible("#file"), true);
	await page.fill("#csv", "nom\nDurand");
	await page.click(".import-form button");
	await page.waitForSelector(".alert");
	assert.equal(await page.inputValue("#csv"), "nom\nDurand");
	await page.fill("#csv", "identifiant,nom,site\nfile-1,Durand,Lyon");
	await page.click(".import-form button");
	await page.click("text=Appliquer ce qui est montré");
	await page.waitForSelector(".done");
	await page.click("text=Voir tous les comptes");
	await page.waitForSelector(".accounts >> text=Durand");
	await done(page);
});

test("the navigation marks the current section, also on a call's page", async () => {
	const calls = await recordingIds(server.database);
	const page = await browser.openAs("supervisor", `/console/recordings/${calls.user_own}`);
	assert.equal(await page.innerText(".mainnav [aria-current]"), "Enregistrements");
	await page.click(".mainnav >> text=Comptes");
	await page.waitForURL("**/console/accounts");
	assert.equal(await page.innerText(".mainnav [aria-current=page]"), "Comptes");
	await done(page);
});
