// Keys and their help, the place where a call was left, links to a moment,
// the system's own player.
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

test("each key", async () => {
	const page = await world.open("talk", "#t=60");
	for (const [key, seconds] of [["l", 70], ["L", 70], ["j", 60], ["ArrowRight", 65], ["ArrowLeft", 60],
	    ["ArrowDown", 62], ["ArrowDown", 64], ["ArrowUp", 62]]) {
		/* a capital is another key, unless the lock makes it */
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

test("keys mean what they always mean in fields, on controls and with modifiers", async () => {
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

test("the help lists the keys and can switch them off, which is remembered", async () => {
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
	test(`the help, ${name}`, async () => {
		const page = await world.open("talk", "", look);
		await page.keyboard.press("?");
		assert.equal(await page.innerText("#keys-title"), title);
		await accessible(page);
		await screenshot(page, `call-keys-${name}`);
		await done(page);
	});

test("a call goes on where it was left, and starts afresh once heard to the end", async () => {
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
	await page.getByRole("button", { name: "Revenir au début" }).click();
	assert.equal(await now(page), 0);
	assert.equal(await page.isVisible("#resumed"), false);
	assert.equal(await page.evaluate(() => document.activeElement.id), "play");
	/* a moment that was asked for comes first */
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

test("no more than fifty calls are remembered", async () => {
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

test("a link to the moment is copied, or shown where the clipboard is refused", async () => {
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
	await done(page);
});

test("the system's player knows the call and moves in it", async () => {
	const page = await world.open("talk");
	await page.addInitScript(() => {
		globalThis.acts = {};
		const { mediaSession } = navigator;
		const set = mediaSession.setActionHandler.bind(mediaSession);
		mediaSession.setActionHandler = (name, act) => { globalThis.acts[name] = act; set(name, act); };
		mediaSession.setPositionState = (state) => { globalThis.position = state; };
	});
	await page.reload();
	await play(page);
	await playing(page);
	const session = () => page.evaluate(() => [navigator.mediaSession.metadata.title,
	    navigator.mediaSession.metadata.artist, navigator.mediaSession.playbackState]);
	assert.deepEqual(await session(), [talk.subject, "Martel – Ursule Nadal", "playing"]);
	await page.evaluate(() => globalThis.acts.pause());
	await paused(page, true);
	await page.evaluate(() => { globalThis.acts.seekto({ seekTime: 50 }); globalThis.acts.seekforward({}); });
	assert.equal(await at(page), 60);
	await page.waitForFunction(() => globalThis.position.position === 60);
	assert.equal(await page.evaluate(() => globalThis.position.duration), 120);
	await page.evaluate(() => globalThis.acts.seekbackward({ seekOffset: 20 }));
	assert.equal(await at(page), 40);
	await page.evaluate(() => globalThis.acts.play());
	await paused(page, false);
	await done(page);
});
