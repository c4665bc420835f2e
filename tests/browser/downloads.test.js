// The menu of downloads: in the list and on the call's page, on the console
// and the board, with and without script.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, accessible, dark, done, english, followed, noScript, phone, screenshot,
    startWorld, touchable } from "./browser.js";

const labels = ["Télécharger audio", "Télécharger transcription",
    "Télécharger audio et transcription"];
let server, browser, ids;
before(async () => {
	server = await startWorld();
	ids = await recordingIds(server.database);
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const row = (page, subject) => page.locator("tr.call", { hasText: subject });

// Clicks on an entry of the menu. Returns [name, first four bytes] of the saved
// file.
async function saved(page, menu, label) {
	const [download] = await Promise.all([page.waitForEvent("download"),
	    menu.getByRole("link", { name: label, exact: true }).click()]);
	const bytes = readFileSync(await download.path());
	return [download.suggestedFilename(), bytes.subarray(0, 4).toString("latin1")];
}

// Checks the file that each of the three entries saves.
async function checkFiles(page, menu) {
	const ends = [[".mp3", "ID3\x04"], [".pdf", "%PDF"], [".zip", "PK\x03\x04"]];
	for (const [i, [ending, magic]] of ends.entries()) {
		if (!await menu.locator(".panel").isVisible())
			await menu.locator("summary").click();
		const [name, start] = await saved(page, menu, labels[i]);
		assert.match(name, new RegExp(`^20\\d\\d-\\d\\d-\\d\\d \\d\\dh\\d\\d - Martel - ` +
		    `Ursule Nadal - ${followed.subject}\\${ending}$`));
		assert.equal(start, magic);
	}
}

test("a row's menu has three entries with the specified names, and each saves its file", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings");
	const menu = row(page, followed.subject).locator(".files");
	await menu.getByLabel(`Télécharger : ${followed.subject}`).click();
	assert.deepEqual((await menu.locator(".file").allInnerTexts()).map((s) => s.trim()), [...labels, "Supprimer"]);
	assert.match(await menu.innerText(), /vous êtes responsable de sa conservation/);
	await screenshot(page, "menu-list");
	await accessible(page);
	const address = page.url();
	await checkFiles(page, menu);
	assert.equal(page.url(), address);
	// a click on the menu's note does not open the call
	if (!await menu.locator(".panel").isVisible())
		await menu.locator("summary").click();
	await menu.locator(".file-note").click();
	assert.equal(page.url(), address);
	await page.keyboard.press("Escape");
	assert.equal(await menu.locator(".panel").isVisible(), false);
	await done(page);
});

test("a file that does not exist yet has a reason instead of a link", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings");
	const menus = page.locator("tr.is-pending .files");
	for (const [menu, reasons] of [[menus.nth(0), ["audio pas encore disponible",
	    "transcription en cours", "audio pas encore disponible"]],
	    [menus.nth(1), [null, "transcription en cours", "transcription en cours"]]]) {
		await menu.locator("summary").click();
		for (const [i, reason] of reasons.entries()) {
			const entry = menu.locator("li").nth(i);
			assert.equal(await entry.locator("a").count(), reason ? 0 : 1);
			assert.equal((await entry.innerText()).trim().replace(/\s*\n\s*/, "|"),
			    reason ? `${labels[i]}|${reason}` : labels[i]);
		}
		await screenshot(page, `menu-pending-${reasons[0] ? "nothing" : "audio"}`);
		await accessible(page);
		await page.keyboard.press("Escape");
	}
	await done(page);
});

test("each entry saves its file on a call's page, on the console and the board", async () => {
	for (const [who, base] of [["supervisor", "console"], ["user", "board"]]) {
		const page = await browser.openAs(who, `/${base}/recordings/${ids.followed}`);
		const menu = page.locator(".call-head .files");
		await menu.locator("summary").click();
		await screenshot(page, `menu-call-${base}`);
		await accessible(page);
		await checkFiles(page, menu);
		await done(page);
	}
});

test("each entry saves its file in the board's list", async () => {
	const page = await browser.openAs("user", "/board/recordings");
	await checkFiles(page, row(page, followed.subject).locator(".files"));
	await done(page);
});

test("the menu on a phone, dark, in English: accessible", async () => {
	const look = { ...phone, ...dark, ...english };
	const page = await browser.openAs("supervisor", "/console/recordings", look);
	const menu = row(page, followed.subject).locator(".files");
	await menu.locator("summary").tap();
	assert.deepEqual((await menu.locator(".file").allInnerTexts()).map((s) => s.trim()),
	    ["Download audio", "Download transcript", "Download audio and transcript", "Delete"]);
	await screenshot(page, "menu-phone-dark");
	await touchable(page);
	await accessible(page);
	await page.goto(`/console/recordings/${ids.followed}`);
	await page.locator(".call-head .files summary").tap();
	await screenshot(page, "menu-call-phone-dark");
	await touchable(page);
	await done(page);
});

test("without script, an entry saves its file", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings", noScript);
	const menu = row(page, followed.subject).locator(".files");
	await menu.locator("summary").click();
	assert.match((await saved(page, menu, labels[1]))[0], /\.pdf$/);
	await done(page);
});
