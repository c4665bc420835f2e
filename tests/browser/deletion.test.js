// Deletion of recordings in a browser: the dialog that confirms, the page that
// replaces it without script, and the receipt.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { copyCall, password, people, recordingIds } from "../lib/fixtures.js";
import { until } from "../lib/process.js";
import { Browser, accessible, cutScripts, dark, done, english, forgetCuts, noScript, phone, screenshot,
    startWorld, touchable } from "./browser.js";

let server, browser;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const list = "/console/recordings";
const row = (page, subject) => page.locator("tr.call", { hasText: subject });
const clickDelete = async (page, subject) => {
	await row(page, subject).locator(".files-open").click();
	await row(page, subject).locator(".files-delete button").click();
};
const dialogOpened = (page) => page.waitForSelector("dialog.asking[open] #confirm");

test("a row's menu opens a dialog: Escape, Cancel and a click beside it cancel; confirming leads to the receipt", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings?q=quittance");
	const before = await page.locator("#rows tr").count();
	const openDialog = async () => {
		await clickDelete(page, "dossier 44-22");
		await dialogOpened(page);
	};
	await openDialog();
	assert.match(await page.textContent("dialog.asking"), /Supprimer cet enregistrement\s\?[^]*dossier 44-22/);
	await accessible(page);
	await screenshot(page, "deletion-dialog");
	await page.keyboard.press("Escape");
	await page.waitForSelector("dialog.asking", { state: "hidden" });
	await openDialog();
	await page.click("dialog.asking [data-dismiss]");
	await page.waitForSelector("dialog.asking", { state: "hidden" });
	await openDialog();
	assert.equal((await page.evaluate(() => document.activeElement.textContent)).trim(), "Annuler");
	await page.mouse.click(5, 5);
	await page.waitForSelector("dialog.asking", { state: "hidden" });
	assert.equal(await page.locator("#rows tr").count(), before);
	await openDialog();
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
	test(`without script, a page asks to confirm: ${name}`, async () => {
		const page = await browser.openAs("supervisor", "/console/recordings", { ...look, ...noScript });
		await clickDelete(page, "Colis égaré");
		assert.match(page.url(), /\/deletions\/count$/);
		await screenshot(page, `deletion-confirm-${name}`);
		await page.click("[data-dismiss]");
		assert.match(page.url(), /\/console\/recordings$/);
		await done(page);
	});

test("on a phone the dialog is accessible, with large enough targets", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings?q=colis", phone);
	await clickDelete(page, "Colis égaré");
	await dialogOpened(page);
	await accessible(page);
	await touchable(page);
	await screenshot(page, "deletion-dialog-phone");
	await done(page);
});

test("the board has no entry to delete a recording", async () => {
	const page = await browser.openAs("user", "/board/recordings");
	assert.equal(await page.locator(".files-delete").count(), 0);
	await done(page);
});

test("for a recording deleted meanwhile the dialog shows an error over the list", async () => {
	const page = await browser.openAs("supervisor", list);
	const ids = await recordingIds(server.database);
	const other = await server.client().signIn(people.supervisor.email);
	assert.equal((await other.post("/api/v1/deletions",
	    { json: { select: { ids: [ids.serie_20] }, expect: 1 } })).status, 200);
	other.close();
	await clickDelete(page, "série numéro 21");
	await page.waitForSelector("dialog.asking[open] .problem");
	assert.match(await page.innerText("dialog.asking"), /Introuvable/);
	assert.equal(page.url(), server.url + list);
	await done(page);
});

test("if the script's request fails, the browser sends the form itself", async () => {
	const page = await browser.openAs("supervisor", list);
	const restore = await cutScripts(page, /\/deletions/);
	await clickDelete(page, "Colis égaré");
	await page.waitForURL(/\/deletions\/count$/);
	assert.match(await page.innerText("#confirm"), /Supprimer cet enregistrement\s\?[^]*Colis égaré/);
	/* several: to the address of the delete button, not of the archives */
	await page.goto(list);
	await row(page, "Colis égaré").locator(".tick input").check();
	await row(page, "Relance sur un devis").locator(".tick input").check();
	await page.locator("#bulk-bar").getByRole("button", { name: "Supprimer" }).click();
	await page.waitForURL(/\/deletions\/count$/);
	assert.match(await page.innerText("#confirm"), /Supprimer 2 enregistrements/);
	/* the request fails after the confirmation */
	await restore();
	await page.goto(list);
	await clickDelete(page, "Relance sur un devis");
	await dialogOpened(page);
	await cutScripts(page, /\/deletions/);
	await page.click("dialog.asking .danger");
	await page.waitForURL(/\/console\/deletions\/[0-9a-f-]{36}$/);
	assert.match(await page.innerText("h1"), /1 enregistrement supprimé/);
	forgetCuts(page);
	await done(page);
});

test("more than 1,000 recordings ticked one by one disable deletion and archives", async () => {
	const page = await browser.openAs("supervisor", list);
	const [first] = await page.locator(".tick input").evaluateAll((boxes) => {
		/* as if more rows had been loaded twenty times */
		for (let i = 0; i <= 1000; i++) {
			const box = boxes[0].cloneNode();
			box.value = crypto.randomUUID();
			document.getElementById("rows").append(box);
		}
		return [boxes.length];
	});
	const usable = () => page.locator("#bulk-bar").getByRole("button", { name: "Supprimer" }).isEnabled();
	await page.getByLabel("Toute la page").check();
	assert.match(await page.innerText("#selected"), /^1\s000 enregistrements au plus, un par un/);
	assert.equal(await usable(), false);
	assert.equal(await page.locator(".bulk-menu .item:enabled").count(), 0);
	for (let i = 0; i <= first; i++)
		await page.locator("#rows input[name=id]:checked").last().evaluate((box) => box.click());
	assert.equal(await page.innerText("#selected"), "1\u202f000 enregistrements sélectionnés");
	assert.equal(await usable(), true);
	await done(page);
});

test("the receipt is requested again after a 503, and no longer after a 404", async () => {
	const ids = await recordingIds(server.database);
	const other = await server.client().signIn(people.supervisor.email);
	const { id } = (await other.post("/api/v1/deletions",
	    { json: { select: { ids: [ids.serie_22] }, expect: 1 } })).json();
	other.close();
	const change = (what) => server.database.sql(`update deletion set ${what} where id = '${id}'`);
	await change("total = total + 1, finished_at = null");
	const page = await browser.openAs("supervisor", list);
	await page.clock.install();
	await page.goto(`/console/deletions/${id}`);
	await page.waitForSelector("progress");
	let status = 503;
	const statuses = [];
	await page.route(page.url(), (route) => {
		statuses.push(status);
		return route.fulfill({ status, contentType: "text/html", body: "<p>x" });
	});
	/* runs the page's timers, then waits for a later request's response:
	 * by then the requests of the timers have reached the route above */
	const runTimers = async () => {
		await page.clock.runFor(1500);
		await page.evaluate(() => fetch("/healthz").then(() => 0));
	};
	const requested = (n) => until(`look number ${n}`, async () => {
		await runTimers();
		return statuses.length === n;
	});
	await requested(1);
	await requested(2);
	status = 404;
	await requested(3);
	for (let i = 0; i < 10; i++)
		await runTimers();
	assert.deepEqual(statuses, [503, 503, 404]);
	await change("total = total - 1, finished_at = now()");
	await done(page);
});

test("the receipt of more than 1,000 recordings shows the progress to its end, and keeps the focus", async () => {
	await copyCall(server.database, (await recordingIds(server.database)).user_own, 1100);
	const page = await browser.openAs("supervisor", `${list}?q=facture`);
	const work = (size) => server.database.sql(`select removed from deletions_work(${size})`, "smartrecord_jobs");
	await page.locator(".tick input").first().check();
	await page.locator("[name=all]").check();
	await page.locator("#bulk-bar").getByRole("button", { name: "Supprimer" }).click();
	await dialogOpened(page);
	await page.fill("dialog.asking [type=password]", "not the password");
	await page.click("dialog.asking .danger");
	await page.waitForSelector("dialog.asking [role=alert]");
	assert.equal(await page.evaluate(() => document.activeElement.type), "password");
	await page.fill("dialog.asking [type=password]", password);
	await page.click("dialog.asking .danger");
	await page.waitForURL(/\/console\/deletions\/[0-9a-f-]{36}$/);
	const first = Number(await page.locator("progress").getAttribute("value"));
	await screenshot(page, "deletion-running");
	await accessible(page);
	const back = page.getByRole("link", { name: "Retour aux enregistrements" });
	await back.focus();
	/* the page keeps polling after a response without progress */
	await (await page.waitForResponse(page.url())).finished();
	await work(400);
	await page.waitForFunction((n) => Number(document.querySelector("progress").value) > n, first);
	assert.equal(await back.evaluate((link) => link === document.activeElement), true);
	await until("the deletion to end", async () => await work(1000) === "0");
	await page.waitForSelector("progress", { state: "detached" });
	assert.match(await page.innerText("#deletion"), /1\s10\d enregistrements supprimés/);
	assert.equal(await back.evaluate((link) => link === document.activeElement), true);
	assert.equal(await page.getByRole("link", { name: "Actualiser" }).count(), 0);
	await done(page);
});
