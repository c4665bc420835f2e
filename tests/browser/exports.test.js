// Archives in a browser: selecting recordings, requesting an archive, its
// progress, download and cancellation, with and without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startJobs } from "../lib/jobs.js";
import { run, until } from "../lib/process.js";
import { Browser, accessible, dark, done, english, followed, noScript, phone, screenshot, startWorld,
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
// Starts the process that makes the archives, or stops it.
const runJobs = async (running) => {
	await jobs?.stop();
	jobs = running ? await startJobs(server) : undefined;
};
const tick = (page, i) => page.locator("#rows .tick input").nth(i);
const tickFollowed = (page) => page.locator("#rows tr", { hasText: followed.subject }).locator(".tick input").check();
const said = (page) => page.innerText("#selected");
const choose = async (page, name) => {
	await page.locator(".bulk-menu summary").click();
	await page.getByRole("button", { name, exact: true }).click();
};
const total = async (page) => Number(/\d+/.exec(await page.innerText(".export-lead"))[0]);
const clean = () => server.database.sql("delete from export");

test("ticked recordings: the archive downloads by itself once it is ready", async () => {
	await runJobs(false);
	const page = await browser.openAs("supervisor", list);
	assert.equal(await page.isVisible("#bulk-bar"), false);
	await tick(page, 0).check();
	assert.equal(await said(page), "1 enregistrement sélectionné");
	assert.equal(await page.locator("#tick-page input").evaluate((box) => box.indeterminate), true);
	await tick(page, 2).check();
	assert.equal(await said(page), "2 enregistrements sélectionnés");
	// a click on the box does not open the call
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
	await runJobs(true);
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

test("the page, all results, or all but one can be selected; a selection survives a change of the list", async () => {
	await runJobs(false);
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

	// the delete button asks to confirm for the selected recordings
	await page.goto(list);
	await tick(page, 0).check();
	await tick(page, 2).check();
	await page.locator("#bulk-bar").getByRole("button", { name: "Supprimer" }).click();
	await page.waitForSelector("dialog #confirm");
	assert.match(await page.innerText("dialog #confirm"), /\b2 enregistrements/);
	await screenshot(page, "exports-delete");

	// a change of the filter clears a selection of all its results
	await page.goto(`${list}?mood=angry`);
	await page.getByLabel("Toute la page").check();
	await page.locator("[name=all]").check();
	await page.click("#mood-summary");
	await page.getByRole("checkbox", { name: "Neutre" }).check();
	await page.waitForURL(/neutral/);
	await page.waitForFunction(() => document.getElementById("bulk-bar").hidden);
	await done(page);
});

test("an archive can be cancelled; the list announces when another is ready", async () => {
	await runJobs(false);
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
	// the page's script runs: it has removed the refresh link
	await page.waitForSelector("#export-refresh", { state: "detached" });
	await page.getByRole("link", { name: "Retour aux enregistrements" }).click();
	await runJobs(true);
	await page.waitForSelector("#export-notice:not([hidden])");
	await screenshot(page, "exports-notice");
	await accessible(page);
	const arrives = page.waitForEvent("download");
	await page.locator("#export-notice").getByRole("link", { name: "Télécharger" }).click();
	await arrives;
	// an archive that does not exist, or another tenant's, is requested once
	await page.evaluate(() => sessionStorage.setItem("exports", JSON.stringify([crypto.randomUUID()])));
	await page.reload();
	await page.waitForFunction(() => sessionStorage.getItem("exports") === "[]");
	await done(page);
});

test("a large archive shows its progress, and does not download by itself", async () => {
	await runJobs(false);
	await clean();
	const page = await browser.openAs("supervisor", list);
	await page.locator("[name=all]").evaluate((box) => box.click());
	await choose(page, "Télécharger audios et transcriptions");
	await page.waitForURL(/\/console\/exports\//);
	await runJobs(true);
	await page.waitForFunction(() => document.getElementById("progress")?.value > 0);
	await screenshot(page, "exports-progress");
	await accessible(page);
	const requested = [];
	page.on("request", (request) => requested.push(new URL(request.url()).pathname));
	await page.waitForSelector("#export-archive", { timeout: 60000 });
	/* only small archives download by themselves */
	await page.reload();
	assert.deepEqual(requested.filter((path) => path.endsWith("/archive.zip")), []);
	await done(page);
});

test("an archive that is ready before its page loads downloads too", async () => {
	await runJobs(true);
	await clean();
	const page = await browser.openAs("supervisor", list);
	await page.route("**/console/exports", async (route) => {
		const response = await route.fetch({ maxRedirects: 0 });
		await until("the archive to be ready", async () =>
		    await server.database.sql("select state from export") === "ready");
		await route.fulfill({ response });
	}, { times: 1 });
	await tickFollowed(page);
	const arrives = page.waitForEvent("download");
	await choose(page, "Télécharger transcriptions");
	await arrives;
	assert.equal(await page.innerText("#export-said"), "Prête");
	await done(page);
});

test("a person who allows it gets a notification when an archive is ready, unless the page is visible", async () => {
	await runJobs(false);
	const page = await browser.openAs("supervisor", list);
	await page.addInitScript(() => {
		globalThis.notifications = [];
		globalThis.Notification = class {
			static permission = sessionStorage.getItem("permission") ?? "default";
			static async requestPermission() {
				sessionStorage.setItem("permission", this.permission = "granted");
			}
			constructor(text) {
				globalThis.notifications.push(text);
			}
		};
		Object.defineProperty(document, "hidden", { get: () => globalThis.isHidden === true });
	});
	for (const hidden of [true, false]) {
		await clean();		// the same archive would be given again
		await page.goto(list);
		await tickFollowed(page);
		await choose(page, "Télécharger transcriptions");
		await page.waitForSelector("#export-refresh", { state: "detached" });
		const button = page.getByRole("button", { name: "Me prévenir quand elle est prête" });
		assert.equal(await button.isVisible(), hidden, "asked once");
		if (hidden)
			await button.click();
		assert.equal(await button.isVisible(), false);
		await page.evaluate((value) => { globalThis.isHidden = value; }, hidden);
		const arrives = page.waitForEvent("download");
		await runJobs(true);
		await arrives;
		assert.deepEqual(await page.evaluate(() => globalThis.notifications), hidden ? ["Prête"] : []);
		await runJobs(false);
	}
	await done(page);
});

test("without script: ticked recordings and all results of a filter can be archived", async () => {
	await runJobs(true);
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

test("archives on a phone, dark, in English: accessible", async () => {
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
