// Search in the transcript: matches, count, steps, marks on the waveform.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, done, english, phone, screenshot, touchable } from "./browser.js";
import { comesInView, current, now, spoken, startCalls, talk } from "./call-page.js";

let world;
before(async () => { world = await startCalls({ talk, spoken }); });
after(() => world?.stop());

const counts = (page, shown) => page.waitForFunction((text) =>
    document.getElementById("find-shown").textContent === text, shown);
const said = (page) => page.innerText("#find-said");
const painted = (page, name) => page.evaluate((which) =>
    [...CSS.highlights.get(which) ?? []].map(String), name);

test("a search ignores accents, case and word endings; matches are counted, announced and stepped through", async () => {
	const page = await world.open("talk");
	await page.fill("#find-words", "DELAIS");
	await counts(page, "1/6");
	assert.equal(await said(page), "Passage 1 sur 6");
	assert.deepEqual(await painted(page, "found"), Array(6).fill("Délai"));
	await comesInView(page, "#u5");
	await page.focus("#find-words");
	await page.keyboard.press("Enter");
	await counts(page, "2/6");
	await comesInView(page, "#u15");
	await page.keyboard.press("Shift+Enter");
	await page.keyboard.press("Shift+Enter");
	await counts(page, "6/6");
	await comesInView(page, "#u55");
	assert.deepEqual(await painted(page, "found-now"), ["Délai"]);
	await page.getByRole("button", { name: "Passage suivant" }).click();
	await counts(page, "1/6");
	await page.getByRole("button", { name: "Passage précédent" }).click();
	await counts(page, "6/6");
	assert.equal(await now(page), 0, "looking is not listening");
	await screenshot(page, "call-find");
	await done(page);
});

test("a search for no match, one match, a word's beginning, an excluded word, and a phrase", async () => {
	const page = await world.open("talk");
	for (const [words, shown, told, found] of [
		["xylophone", "0/0", "Aucun passage", []],
		["36", "1/1", "1 passage", ["36"]],
		["livrais", "1/6", "Passage 1 sur 6", Array(6).fill("livraison")],
		/* excluded words and too short words are not highlighted */
		["-livraison 36 de", "1/1", "1 passage", ["36"]],
		["phrase 36", "1/60", "Passage 1 sur 60", [...Array(35).fill("Phrase"), "Phrase 36",
		    ...Array(24).fill("Phrase")]]]) {
		await page.fill("#find-words", words);
		await counts(page, shown);
		assert.equal(await said(page), told);
		assert.deepEqual(await painted(page, "found"), found);
	}
	await done(page);
});

test("Escape clears the search", async () => {
	const page = await world.open("talk");
	await page.fill("#find-words", "délai");
	await counts(page, "1/6");
	await page.press("#find-words", "Escape");
	assert.equal(await page.inputValue("#find-words"), "");
	await counts(page, "");
	assert.equal(await said(page), "");
	assert.equal(await page.evaluate(() => CSS.highlights.size), 0);
	await done(page);
});

test("the words of the list's search are in the field, and the current match is at the link's position", async () => {
	const page = await world.open("talk", "?q=delais#t=70");
	assert.equal(await page.inputValue("#find-words"), "delais");
	await counts(page, "4/6");
	assert.deepEqual(await current(page), [talk.words[35]]);
	assert.deepEqual(await painted(page, "found-now"), ["Délai"]);
	await comesInView(page);
	await done(page);
});

test("without the CSS Highlight API, matches are wrapped in <mark>", async () => {
	const page = await world.open("talk");
	await page.addInitScript(() => { delete CSS.highlights; });
	await page.goto(`${world.path("talk")}?q=delai`);
	assert.equal(await page.evaluate(() => "highlights" in CSS), false);
	await counts(page, "1/6");
	assert.deepEqual(await page.locator("#transcript mark").allInnerTexts(), Array(6).fill("Délai"));
	assert.deepEqual(await page.locator("mark.is-now").count(), 1);
	await page.press("#find-words", "Enter");
	await counts(page, "2/6");
	assert.equal(await page.locator("#u15 mark.is-now").count(), 1);
	await page.press("#find-words", "Escape");
	assert.equal(await page.locator("#transcript mark").count(), 0);
	assert.equal(await page.innerText("#u5 .turn-text"), talk.words[5]);
	await done(page);
});

for (const [name, look, words] of [["in English", english, "Match 1 of 6"],
    ["on a phone", phone, "Passage 1 sur 6"]])
	test(`search in the transcript, ${name}`, async () => {
		const page = await world.open("talk", "?q=delai", look);
		await counts(page, "1/6");
		assert.equal(await said(page), words);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await page.locator("#find").scrollIntoViewIfNeeded();
		await screenshot(page, `call-find-${look.isMobile ? "phone" : "english"}`);
		await done(page);
	});
