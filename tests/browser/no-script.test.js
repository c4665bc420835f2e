// The main tasks without script: sign in, search, filter, turn pages, open a
// call, play it, download its files, change the language, sign out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, done, followed, noScript, screenshot, startWorld } from "./browser.js";

let server, browser;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

test("the main tasks work by links and forms", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings", noScript);
	const subjects = () => page.locator("#rows .subject").allTextContents();

	// the second page, then the first again
	const first = await subjects();
	await page.getByRole("link", { name: "Afficher plus" }).click();
	await page.waitForURL(/after=/);
	assert.ok((await subjects()).every((s) => !first.includes(s)));
	await screenshot(page, "no-script-second-page");
	await page.getByRole("link", { name: "Revenir aux plus récents" }).click();
	await page.waitForURL((url) => !url.searchParams.has("after"));
	assert.deepEqual(await subjects(), first);

	// a filter by mood, then a search that keeps the filter
	await page.click("#mood-summary");
	await page.getByRole("checkbox", { name: "Énervé" }).check();
	await page.locator(".panel-moods").getByRole("button", { name: "Appliquer" }).click();
	await page.waitForURL(/mood=angry/);
	await page.fill("#q", "quittance");
	await page.getByRole("button", { name: "Rechercher", exact: true }).click();
	await page.waitForURL(/q=quittance/);
	assert.deepEqual(await subjects(), [followed.subject]);
	assert.equal(await page.innerText("#total"), "1 enregistrement trouvé");
	assert.equal(await page.innerText("#rows mark"), "quittance");
	await screenshot(page, "no-script-search");

	// a row links to the audio; the call's page has the browser's player
	const audio = await page.getAttribute("#rows .listen", "href");
	const response = await page.request.get(audio);
	assert.equal(response.headers()["content-type"], "audio/mpeg");
	await page.click("#rows .subject");
	await page.waitForURL(/recordings\/[0-9a-f]/);
	assert.equal(await page.isVisible("audio[controls]"), true);
	assert.equal(await page.isVisible("#player-bar"), false);
	assert.equal(await page.locator(".turn-time button").count(), 0);
	assert.match(await page.innerText(".turn >> nth=1"), /^00:03/);
	await screenshot(page, "no-script-detail", { fullPage: true });

	// a change of language stays on the page, and the link to the list keeps
	// the filters
	await page.getByRole("button", { name: "EN" }).click();
	await page.getByRole("link", { name: "Back to the recordings" }).click();
	await page.waitForURL(/\/console\/recordings\?q=quittance&mood=angry$/);
	assert.equal(await page.innerText("#total"), "1 recording found");
	await page.getByRole("link", { name: "Reset the filters" }).first().click();
	await page.waitForURL((url) => url.search === "");
	assert.equal((await subjects()).length, 50);
	await page.click("#date-summary");
	await page.getByRole("link", { name: "Today", exact: true }).click();
	await page.waitForURL(/from=.*&to=/);
	await page.click(".person summary");
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.waitForURL(/sign-in/);
	assert.match(await page.innerText("main"), /You are signed out/);
	await done(page);
});

test("a call's page without script: audio, files, both languages, accessibility statement", async () => {
	const page = await browser.openAs("supervisor", "/console/recordings?q=quittance", noScript);
	await page.click("#rows .listen");
	await page.waitForURL(/\/audio\.mp3#t=[\d.]+$/);
	await page.goBack();
	await page.click("#rows .subject");
	await page.waitForSelector("#call h1");
	assert.equal(await page.innerText("h1"), followed.subject);

	// each link of the download menu gives a file
	assert.equal(await page.isVisible(".files-list"), false);
	await page.click(".files summary");
	const links = await page.locator(".files-list a").evaluateAll((all) => all.map((a) => a.href));
	const types = [];
	for (const link of links) {
		const response = await page.request.get(link);
		assert.equal(response.status(), 200, link);
		assert.match(response.headers()["content-disposition"], /^attachment/);
		types.push(response.headers()["content-type"]);
	}
	assert.deepEqual(types, ["audio/mpeg", "application/pdf", "application/zip"]);
	await screenshot(page, "no-script-files");

	// a change of language keeps the address
	await page.getByRole("button", { name: "EN" }).click();
	await page.waitForSelector("html[lang=en]");
	assert.equal(new URL(page.url()).search, "?q=quittance");
	await page.getByRole("link", { name: "Accessibility: partially conforming" }).click();
	await page.waitForURL(/\/console\/accessibility$/);
	assert.equal(await page.innerText("h1"), "Accessibility");
	await page.goto("/console/recordings?q=quittance&mood=angry");
	await page.getByRole("button", { name: "FR" }).click();
	await page.waitForSelector("html[lang=fr]");
	assert.equal(new URL(page.url()).search, "?q=quittance&mood=angry");
	await done(page);
});
