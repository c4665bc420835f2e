// Keyboard shortcuts and their help, resuming a call, links to a position in a
// call, and the system's media controls.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, dark, done, english, screenshot } from "./browser.js";
import { isPaused, now, play, playing, says, startCalls, talk } from "./call-page.js";

let world;
before(async () => { world = await startCalls({ talk }); });
after(() => world?.stop());

const at = async (page) => Math.round(await now(page));
const paused = (page, wanted) => page.waitForFunction((value) =>
    document.getElementById("audio").paused === value, wanted);

test("each keyboard shortcut", async () => {
	const page = await world.open("talk", "#t=60");
	for (const [key, seconds] of [["l", 70], ["L", 70], ["j", 60], ["ArrowRight", 65], ["ArrowLeft", 60],
	    ["ArrowDown", 62], ["ArrowDown", 64], ["ArrowUp", 62]]) {
		/* Shift+L is no shortcut: the position stays */
		await page.keyboard.press(key === "L" ? "Shift+L" : key);
		assert.equal(await at(page), seconds, key);
	}
	await says(page, 31);
	for (const key of ["k", "Space"]) {
		await page.keyboard.press(key);
		await paused(page, false);
		await page.keyboard.press(key);
		await paused(page, true);
	}
	await page.keyboard.press("/");
	assert.equal(await page.evaluate(() => document.activeElement.id), "find-words");
	assert.equal(await page.inputValue("#find-words"), "");
	await done(page);
});

test("shortcuts do not act in fields, on controls and with modifiers", async () => {
	const page = await world.open("talk", "#t=60");
	await page.focus("#find-words");
	await page.keyboard.type("jkl /?");
	assert.equal(await page.inputValue("#find-words"), "jkl /?");
	assert.equal(await page.isVisible("#keys"), false);
	await page.focus("#speed");
	await page.keyboard.press("k");
	await page.focus("#share");
	for (const key of ["Control+k", "Alt+j", "Meta+l"])
		await page.keyboard.press(key);
	assert.equal(await at(page), 60);
	assert.equal(await isPaused(page), true);
	/* Space presses the button that has the focus, and only that */
	await page.focus("#skip-ahead");
	await page.keyboard.press("Space");
	assert.equal(await at(page), 70);
	assert.equal(await isPaused(page), true);
	await page.focus("#seek");
	for (const [key, seconds] of [["ArrowUp", 75], ["ArrowLeft", 70], ["PageDown", 10], ["PageUp", 70],
	    ["Home", 0], ["End", 120]]) {
		await page.keyboard.press(key);
		assert.equal(await at(page), seconds, key);
	}
	await done(page);
});

test("the help lists the shortcuts; a checkbox in it switches them off, also after a reload", async () => {
	const page = await world.open("talk", "#t=60");
	assert.equal(await page.getAttribute("#play", "aria-keyshortcuts"), "K");
	await page.focus("#share");
	await page.keyboard.press("?");
	await page.waitForSelector("#keys[open]");
	assert.equal(await page.locator("#keys dt").count(), 6);
	await accessible(page);
	await screenshot(page, "call-keys");
	await page.keyboard.press("k");
	assert.equal(await isPaused(page), true, "nothing happens behind it");
	await page.keyboard.press("Escape");
	assert.equal(await page.isVisible("#keys"), false);
	assert.equal(await page.evaluate(() => document.activeElement.id), "share");
	await page.getByRole("button", { name: "Raccourcis clavier" }).click();
	await page.getByLabel("Utiliser ces raccourcis").uncheck();
	await page.getByRole("button", { name: "Fermer" }).click();
	for (const key of ["l", "?", "/", "ArrowDown", "k"])
		await page.keyboard.press(key);
	assert.equal(await page.isVisible("#keys"), false);
	assert.deepEqual([await at(page), await isPaused(page)], [60, true]);
	await page.reload();
	await page.keyboard.press("l");
	assert.equal(await at(page), 60);
	assert.equal(await page.getAttribute("#play", "aria-keyshortcuts"), null);
	await page.click("#help");
	assert.equal(await page.getByLabel("Utiliser ces raccourcis").isChecked(), false);
	await page.getByLabel("Utiliser ces raccourcis").check();
	await page.keyboard.press("Escape");
	await page.keyboard.press("l");
	assert.equal(await at(page), 70);
	await done(page);
});

for (const [name, look, title] of [["english", english, "Keyboard shortcuts"], ["dark", dark, "Raccourcis clavier"]])
	test(`the help for the shortcuts, ${name}`, async () => {
		const page = await world.open("talk", "", look);
		await page.keyboard.press("?");
		assert.equal(await page.innerText("#keys-title"), title);
		await accessible(page);
		await screenshot(page, `call-keys-${name}`);
		await done(page);
	});

test("a call resumes where it was left; one played to its end starts at the beginning", async () => {
	const page = await world.open("talk", "#t=60");
	await play(page);
	await playing(page);
	await page.click("#play");
	await paused(page, true);
	await page.goto("/console/recordings");
	await page.goto(world.path("talk"));
	assert.match(await page.innerText("#resumed"), /^Reprise à 01:0\d – Revenir au début$/);
	assert.ok(await now(page) >= 60);
	await accessible(page);
	await screenshot(page, "call-resumed");
	/* a seek hides the message about resuming */
	await page.keyboard.press("l");
	assert.equal(await page.isVisible("#resumed"), false);
	await page.reload();
	await page.getByRole("button", { name: "Revenir au début" }).click();
	assert.equal(await now(page), 0);
	assert.equal(await page.isVisible("#resumed"), false);
	assert.equal(await page.evaluate(() => document.activeElement.id), "play");
	/* a position in the address takes precedence */
	await page.goto("/console/recordings");
	await page.goto(`${world.path("talk")}#t=20`);
	assert.equal(await now(page), 20);
	assert.equal(await page.isVisible("#resumed"), false);
	await page.evaluate(() => { document.getElementById("audio").currentTime = 119; });
	await play(page);
	await page.waitForFunction(() => document.getElementById("audio").ended);
	await page.goto("/console/recordings");
	await page.goto(world.path("talk"));
	assert.equal(await now(page), 0);
	assert.equal(await page.isVisible("#resumed"), false);
	await done(page);
});

test("a call left in its first seconds starts at the beginning", async () => {
	const page = await world.open("talk", "#t=2");
	await play(page);
	await playing(page);
	await page.click("#play");
	await paused(page, true);
	await page.goto("/console/recordings");
	await page.goto(world.path("talk"));
	assert.equal(await now(page), 0);
	assert.equal(await page.isVisible("#resumed"), false);
	await done(page);
});

test("a held key repeats only for the arrows; L and K act once", async () => {
	const page = await world.open("talk", "#t=60");
	for (const [key, seconds] of [["ArrowRight", 80], ["l", 90]]) {
		for (let i = 0; i < 4; i++)
			await page.keyboard.down(key);
		assert.equal(await at(page), seconds, key);
	}
	for (let i = 0; i < 4; i++)
		await page.keyboard.down("k");
	assert.equal(await isPaused(page), false);
	await done(page);
});

test("the positions of at most 50 calls are stored", async () => {
	const page = await world.open("talk", "#t=60");
	await page.evaluate(() => localStorage.setItem("smartrecord.left", JSON.stringify(
	    Array.from({ length: 50 }, (_, i) => [`/console/recordings/${i}/audio.mp3`, 30]))));
	await play(page);
	await playing(page);
	await page.click("#play");
	await page.waitForFunction(() => localStorage.getItem("smartrecord.left").includes("/talk") ||
	    !localStorage.getItem("smartrecord.left").includes("/49/"));
	assert.equal(await page.evaluate(() => JSON.parse(localStorage.getItem("smartrecord.left")).length), 50);
	await done(page);
});

test("a link to the current position is copied, or shown if the browser refuses the clipboard", async () => {
	const page = await world.open("talk", "?q=delai#t=83.4");
	const link = `${world.server.url}${world.path("talk")}#t=83`;
	await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await page.getByRole("button", { name: "Copier le lien vers ce moment" }).click();
	await page.waitForFunction(() => document.getElementById("share-said").textContent !== "");
	assert.equal(await page.innerText("#share-said"), "Lien copié");
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
	await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("refused")); });
	await page.getByRole("button", { name: "Copier le lien vers ce moment" }).click();
	await page.waitForSelector("#share-by-hand:not([hidden])");
	assert.equal(await page.getByLabel("Copiez ce lien :").inputValue(), link);
	assert.equal(await page.evaluate(() => getSelection().toString()), link);
	await accessible(page);
	await screenshot(page, "call-share");
	/* a seek hides the link, because it is for the previous position */
	await page.click("#skip-ahead");
	assert.equal(await page.isVisible("#share-by-hand"), false);
	await done(page);
});

test("the system's media controls show the call's title and people, play, pause and seek", async () => {
	const page = await world.open("talk");
	await page.addInitScript(() => {
		globalThis.handlers = {};
		const { mediaSession } = navigator;
		const set = mediaSession.setActionHandler.bind(mediaSession);
		mediaSession.setActionHandler = (name, handler) => { globalThis.handlers[name] = handler; set(name, handler); };
		mediaSession.setPositionState = (state) => { globalThis.position = state; };
	});
	await page.reload();
	await play(page);
	await playing(page);
	const session = () => page.evaluate(() => [navigator.mediaSession.metadata.title,
	    navigator.mediaSession.metadata.artist, navigator.mediaSession.playbackState]);
	assert.deepEqual(await session(), [talk.subject, "Martel – Ursule Nadal", "playing"]);
	await page.evaluate(() => globalThis.handlers.pause());
	await paused(page, true);
	await page.evaluate(() => { globalThis.handlers.seekto({ seekTime: 50 }); globalThis.handlers.seekforward({}); });
	assert.equal(await at(page), 60);
	await page.waitForFunction(() => globalThis.position.position === 60);
	assert.equal(await page.evaluate(() => globalThis.position.duration), 120);
	await page.evaluate(() => globalThis.handlers.seekbackward({ seekOffset: 20 }));
	assert.equal(await at(page), 40);
	await page.evaluate(() => globalThis.handlers.play());
	await paused(page, false);
	await done(page);
});
