// Many recordings at once, as people do it: tick, choose, follow, download;
// all of them but one; cancel; the same without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startJobs } from "../lib/jobs.js";
import { run } from "../lib/process.js";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, startWorld,
    touchable } from "./browser.js";

let server, browser, jobs;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await jobs?.stop();
	await server?.stop();
});

const list = "/console/recordings";
const work = async (going) => {
	await jobs?.stop();
	jobs = going ? await startJobs(server) : undefined;
};
const tick = (page, i) => page.locator("#rows .tick input").nth(i);
const said = (page) => page.innerText("#selected");
const choose = async (page, name) => {
	await page.locator(".bulk-menu summary").click();
	await page.getByRole("button", { name, exact: true }).click();
};
const total = async (page) => Number(/\d+/.exec(await page.innerText(".export-lead"))[0]);
const clean = () => server.database.sql("delete from export");

test("tick, choose, follow, and it downloads by itself", async () => {
	await work(false);
	const page = await browser.openAs("supervisor", list);
	assert.equal(await page.isVisible("#bulk-bar"), false);
	await tick(page, 0).check();
	assert.equal(await said(page), "1 enregistrement sélectionné");
	await tick(page, 2).check();
	assert.equal(await said(page), "2 enregistrements sélectionnés");
	// the box ticks, and does not open the call
	assert.equal(new URL(page.url()).pathname, list);
	await page.locator(".bulk-menu summary").click();
	assert.deepEqual(await page.locator(".bulk-menu .item").allInnerTexts(), ["Télécharger audios",
	    "Télécharger transcriptions", "Télécharger audios et transcriptions"]);
	await screenshot(page, "exports-ticked");
	await accessible(page);
	await page.getByRole("button", { name: "Télécharger audios et transcriptions" }).click();
	await page.waitForURL(/\/console\/exports\//);
	assert.equal(await total(page), 2);
	assert.equal(await page.isVisible("#export-refresh"), false);
	await screenshot(page, "exports-waiting");
	await accessible(page);
	const arrives = page.waitForEvent("download");
	await work(true);
	const file = await arrives;
	assert.match(file.suggestedFilename(), /^enregistrements .*\.zip$/);
	const { stdout } = await run("unzip", ["-l", await file.path()]);
	assert.match(stdout, /\.mp3/);
	await page.waitForSelector("#export-archive");
	assert.equal(await page.innerText("#export-said"), "Prête");
	await screenshot(page, "exports-ready");
	await accessible(page);
	await page.getByRole("button", { name: "Supprimer l’archive" }).click();
	await page.waitForURL(/\/console\/exports$/);
	await screenshot(page, "exports-list");
	await accessible(page);
	await done(page);
});

test("the page, all of them, all but one; what is chosen outlives the list", async () => {
	await work(false);
	await clean();
	const page = await browser.openAs("supervisor", list);
	await page.getByLabel("Toute la page").check();
	assert.equal(await said(page), "50 enregistrements sélectionnés");
	await page.getByLabel("Toute la page").uncheck();
	assert.equal(await page.isVisible("#bulk-bar"), false);

	await tick(page, 0).check();
	await page.getByRole("link", { name: "Afficher plus" }).click();
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length > 50);
	assert.equal(await tick(page, 0).isChecked(), true);
	await tick(page, 55).check();
	await page.fill("#q", "quittance");
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1);
	assert.equal(await said(page), "2 enregistrements sélectionnés, dont 2 hors de la page");
	await page.fill("#q", "");
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 50);
	assert.equal(await tick(page, 0).isChecked(), true);
	await page.getByRole("button", { name: "Effacer la sélection" }).click();

	const found = Number(/\d+/.exec(await page.innerText("#total"))[0]);
	await tick(page, 0).check();
	await page.getByLabel(`Tout sélectionner : les ${found} résultats`).check();
	assert.equal(await said(page), `${found} enregistrements sélectionnés`);
	await tick(page, 3).uncheck();
	assert.equal(await said(page), `${found - 1} enregistrements sélectionnés`);
	await screenshot(page, "exports-all-but-one");
	await choose(page, "Télécharger audios");
	await page.waitForURL(/\/console\/exports\//);
	assert.equal(await total(page), found - 1);

	// the same selection can be deleted, once it is confirmed
	await page.goto(list);
	await tick(page, 0).check();
	await tick(page, 2).check();
	await page.locator("#bulk-bar").getByRole("button", { name: "Supprimer" }).click();
	await page.waitForSelector("dialog #confirm");
	assert.match(await page.innerText("dialog #confirm"), /\b2 enregistrements/);
	await screenshot(page, "exports-delete");

	// all of a filter are not all of another
	await page.goto(`${list}?mood=angry`);
	await page.getByLabel("Toute la page").check();
	await page.locator("[name=all]").check();
	await page.click("#mood-summary");
	await page.getByRole("checkbox", { name: "Neutre" }).check();
	await page.waitForURL(/neutral/);
	await page.waitForFunction(() => document.getElementById("bulk-bar").hidden);
	await done(page);
});

test("followed, cancelled; the list says that another is ready", async () => {
	await work(false);
	await clean();
	const page = await browser.openAs("supervisor", list);
	await page.locator("[name=all]").evaluate((box) => box.click());
	await choose(page, "Télécharger audios");
	await page.waitForURL(/\/console\/exports\//);
	await page.getByRole("button", { name: "Annuler la préparation" }).click();
	await page.waitForURL(/\/console\/exports$/);
	assert.match(await page.innerText(".export-row"), /Annulée/);

	await page.goto(list);
	await tick(page, 2).check();
	await choose(page, "Télécharger transcriptions");
	await page.waitForURL(/\/console\/exports\//);
	// the script has taken over
	await page.waitForSelector("#export-refresh", { state: "detached" });
	await page.getByRole("link", { name: "Retour aux enregistrements" }).click();
	await work(true);
	await page.waitForSelector("#export-notice:not([hidden])");
	await screenshot(page, "exports-notice");
	await accessible(page);
	const arrives = page.waitForEvent("download");
	await page.locator("#export-notice").getByRole("link", { name: "Télécharger" }).click();
	await arrives;
	// one that is nowhere, or at another customer's, is asked for once
	await page.evaluate(() => sessionStorage.setItem("exports", JSON.stringify([crypto.randomUUID()])));
	await page.reload();
	await page.waitForFunction(() => sessionStorage.getItem("exports") === "[]");
	await done(page);
});

test("progress is shown while it grows", async () => {
	await work(false);
	await clean();
	const page = await browser.openAs("supervisor", list);
	await page.locator("[name=all]").evaluate((box) => box.click());
	await choose(page, "Télécharger audios et transcriptions");
	await page.waitForURL(/\/console\/exports\//);
	await work(true);
	await page.waitForFunction(() => document.getElementById("progress")?.value > 0);
	await screenshot(page, "exports-progress");
	await accessible(page);
	await page.waitForSelector("#export-archive", { timeout: 60000 });
	await done(page);
});

test("without script", async () => {
	await work(true);
	await clean();
	const page = await browser.openAs("supervisor", list, noScript);
	await tick(page, 0).check();
	await tick(page, 1).check();
	await screenshot(page, "exports-no-script");
	await choose(page, "Télécharger audios");
	await page.waitForURL(/\/console\/exports\//);
	assert.equal(await total(page), 2);
	while (!await page.isVisible("#export-archive"))
		await (await page.isVisible("#export-refresh") ? page.click("#export-refresh") : page.reload());
	const arrives = page.waitForEvent("download");
	await page.click("#export-archive");
	await arrives;
	await page.goto(`${list}?mood=angry`);
	const found = Number(/\d+/.exec(await page.innerText("#total"))[0]);
	await page.locator("[name=all]").check();
	await choose(page, "Télécharger transcriptions");
	await page.waitForURL(/\/console\/exports\//);
	assert.equal(await total(page), found);
	await done(page);
});

test("on a phone, in the dark, in English", async () => {
	const page = await browser.openAs("supervisor", list, { ...phone, ...dark, ...english });
	await touchable(page);
	await tick(page, 0).check();
	assert.equal(await said(page), "1 recording selected");
	await touchable(page);
	await screenshot(page, "exports-phone");
	await page.locator(".bulk-menu summary").click();
	await screenshot(page, "exports-phone-menu");
	await accessible(page);
	for (const path of await page.locator("a.bulk-link").evaluateAll((all) => all.map((a) => a.href))) {
		await page.goto(path);
		await touchable(page);
		await screenshot(page, "exports-phone-list");
		await accessible(page);
		await page.locator(".export-row .subject").first().click();
		await page.waitForSelector("#export");
		await touchable(page);
		await screenshot(page, "exports-phone-one");
		await accessible(page);
	}
	await done(page);
});
