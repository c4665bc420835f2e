// Reading the transcript during playback: the view scrolls with the audio,
// stops when the person scrolls, and returns on request. Also pauses, printing,
// a call of four hours, and a call in a dialog.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, dark, done, phone, screenshot } from "./browser.js";
import { comesInView, fourHours, inView, now, play, playing, says, spoken, startCalls, talk }
    from "./call-page.js";

let world;
before(async () => { world = await startCalls({ talk, spoken, fourHours }); });
after(() => world?.stop());

const back = "Revenir à la lecture";
const isBackShown = (page) => page.isVisible("#follow");

test("the view scrolls to the current utterance", async () => {
	const page = await world.open("talk");
	await play(page);
	await says(page, 0);
	assert.equal(await inView(page), true);
	for (const seconds of [41, 81, 119]) {
		await page.evaluate((to) => { document.getElementById("audio").currentTime = to; }, seconds);
		await says(page, Math.floor(seconds / 2));
		await comesInView(page);
	}
	assert.equal(await isBackShown(page), false);
	await done(page);
});

// Actions that look at another part of the transcript.
const ways = {
	"the wheel": (page) => page.mouse.wheel(0, -1500),
	"keys": (page) => page.keyboard.press("Home"),
	"the scroll bar": (page) => page.evaluate(() => scrollTo({ top: 0, behavior: "instant" })),
	"a selection": (page) => page.locator("#u30 .turn-text").evaluate((text) =>
	    getSelection().selectAllChildren(text)),
	"a search": (page) => page.locator("#find-words").pressSequentially("de"),
};
for (const [name, look] of Object.entries(ways))
	test(`${name}: the view stops following the audio until a button is pressed`, async () => {
		const page = await world.open("talk", "#t=60");
		await page.mouse.move(800, 600);
		await play(page);
		await playing(page);
		await says(page, 30);
		await comesInView(page);
		await look(page);
		await page.waitForSelector("#follow:not([hidden])");
		await page.waitForFunction(() => !document.querySelector(".turn[aria-current]#u30"));
		const before = await page.evaluate(() => scrollY);
		await page.evaluate(() => { document.getElementById("audio").currentTime = 110; });
		await says(page, 55);
		await says(page, 56);
		assert.equal(await page.evaluate(() => scrollY), before);
		if (name === "the wheel")
			await screenshot(page, "call-yields");
		await page.getByRole("button", { name: back }).click();
		await comesInView(page);
		assert.equal(await isBackShown(page), false);
		await done(page);
	});

// Actions outside the transcript.
const others = {
	"words selected elsewhere": (page) => page.locator(".summary").evaluate((text) => {
		getSelection().selectAllChildren(text);
		return new Promise((resolve) => { requestAnimationFrame(resolve); });
	}),
	"the waveform, zoomed by the wheel": async (page) => {
		const { x, y, width, height } = await page.locator("#wave").boundingBox();
		await page.mouse.move(x + width / 2, y + height / 2);
		await page.keyboard.down("Control");
		await page.mouse.wheel(0, -300);
		await page.keyboard.up("Control");
	},
	"the keys of a field": async (page) => {
		await page.focus("#find-words");
		await page.keyboard.press("Home");
		await page.keyboard.press("ArrowUp");
	},
};
for (const [name, act] of Object.entries(others))
	test(`${name}: the view still follows the audio`, async () => {
		const page = await world.open("talk", "#t=60");
		await play(page);
		await playing(page);
		await says(page, 30);
		await comesInView(page);
		await act(page);
		await page.evaluate(() => { document.getElementById("audio").currentTime = 110; });
		await says(page, 55);
		await comesInView(page);
		assert.equal(await isBackShown(page), false);
		await done(page);
	});

test("on a phone: a swipe stops the following, and a button resumes it", async () => {
	const page = await world.open("talk", "#t=60", phone);
	await page.tap("#play");
	await playing(page);
	await says(page, 30);
	const client = await page.context().newCDPSession(page);
	await client.send("Input.synthesizeScrollGesture", { x: 150, y: 300, yDistance: 400 });
	await page.waitForSelector("#follow:not([hidden])");
	await screenshot(page, "call-yields-phone");
	await page.getByRole("button", { name: back }).tap();
	assert.equal(await page.evaluate(() => document.activeElement.ariaCurrent), "true",
	    "one is at what is being said");
	await page.waitForSelector("#follow", { state: "hidden" });
	await comesInView(page);
	assert.equal(await inView(page), true);
	await done(page);
});

test("scrolling before the first playback does not stop the following; a click on a time resumes it", async () => {
	const page = await world.open("talk");
	await page.mouse.move(800, 600);
	await page.mouse.wheel(0, 900);
	await page.waitForFunction(() => scrollY > 300);
	assert.equal(await isBackShown(page), false);
	await play(page);
	await playing(page);
	await comesInView(page);
	await page.mouse.wheel(0, 2000);
	await page.waitForSelector("#follow:not([hidden])");
	await page.getByRole("button", { name: "Écouter à partir de 01:20" }).click();
	await says(page, 40);
	await comesInView(page);
	assert.equal(await isBackShown(page), false);
	await done(page);
});

test("with prefers-reduced-motion the view jumps without animation", async () => {
	const page = await world.open("talk", "", { reducedMotion: "reduce" });
	await page.evaluate(() => {
		globalThis.behaviors = [];
		const scrollBy = Element.prototype.scrollBy;
		Element.prototype.scrollBy = function (options) {
			globalThis.behaviors.push(options.behavior);
			scrollBy.call(this, options);
		};
	});
	await page.focus("#seek");
	for (let i = 0; i < 8; i++)
		await page.keyboard.press("ArrowRight");
	await comesInView(page);
	const behaviors = await page.evaluate(() => globalThis.behaviors);
	assert.ok(behaviors.length > 0);
	assert.deepEqual(behaviors.filter((behavior) => behavior !== "instant"), []);
	await done(page);
});

test("pauses of the recording appear in the transcript in order of time", async () => {
	const page = await world.open("spoken");
	const lines = (await page.locator(".turns > li").allInnerTexts()).map((line) => line.trim());
	assert.equal(lines.length, 6);
	assert.equal(lines[2], "Enregistrement mis en pause, 00:36 – 00:50");
	assert.equal(lines[5], "Enregistrement mis en pause, 01:12 – 01:18");
	assert.match(lines[3], /^00:56/);
	await accessible(page);
	await screenshot(page, "call-pauses", { fullPage: true });
	await done(page);
});

test("printed: title, facts and transcript with times, dark text on white, no controls", async () => {
	const page = await world.open("spoken", "?q=carte", dark);
	await page.emulateMedia({ media: "print", colorScheme: "dark" });
	for (const hidden of ["#player", "#find", "#help", "#follow", ".topbar", ".back"])
		assert.equal(await page.isVisible(hidden), false, hidden);
	for (const shown of ["h1", ".call-when", ".summary", ".facts", "#u3", ".turn-pause >> nth=1"])
		assert.equal(await page.isVisible(shown), true, shown);
	assert.match(await page.innerText("#u2"), /^00:56\s+–\s+Martel\s+Voici ma carte\.$/);
	assert.deepEqual(await page.evaluate(() => {
		const style = (selector) => getComputedStyle(document.querySelector(selector));
		return [style("html").backgroundColor, style("h1").color, style(".turn-text").backgroundColor];
	}), ["rgb(255, 255, 255)", "rgb(22, 29, 43)", "rgba(0, 0, 0, 0)"]);
	await screenshot(page, "call-print", { fullPage: true });
	await done(page);
});

test("a call of four hours: the current one of 6,000 utterances is marked and in view", async (t) => {
	const page = await world.open("fourHours");
	const layout = await page.evaluate(() => {
		const start = performance.now();
		document.body.style.fontSize = "1.01em";
		document.body.offsetHeight;
		return performance.now() - start;
	});
	const load = await page.evaluate(() => performance.getEntriesByType("navigation")[0].toJSON());
	t.diagnostic(`6,000 utterances: ${["responseStart", "responseEnd", "domInteractive",
	    "domContentLoadedEventStart", "domContentLoadedEventEnd"].map((name) =>
		`${name} ${Math.round(load[name])}`).join(", ")} ms; relayout ${layout.toFixed(1)} ms`);
	await page.evaluate(() => { location.hash = "#t=10800"; });
	await says(page, 4500);
	await comesInView(page);
	await screenshot(page, "call-four-hours");
	assert.equal(await page.locator(".turn[aria-current=true], .turn [aria-current=true]").count(), 1);
	const steps = await page.evaluate(() => {
		const costs = [];
		for (let i = 0; i < 200; i++) {
			const start = performance.now();
			document.body.dispatchEvent(new KeyboardEvent("keydown", 
			    { key: "ArrowDown", bubbles: true, cancelable: true }));
			costs.push(performance.now() - start);
		}
		return costs;
	});
	t.diagnostic(`first ${steps.slice(0, 5).map((ms) => ms.toFixed(1)).join(" ")}`);
	steps.sort((a, b) => a - b);
	t.diagnostic(`one step to another utterance, the view with it: median ${steps[100].toFixed(2)} ms, worst ${steps[199].toFixed(2)} ms`);
	await says(page, 4700);
	await comesInView(page);
	await page.fill("#find-words", "point 5900");
	await page.waitForFunction(() => document.getElementById("find-shown").textContent !== "");
	await done(page);
});

test("a call in a dialog over another page: stop() ends its audio, keys and highlights", async () => {
	const page = await world.open("talk");
	const script = await page.evaluate(() =>
	    document.querySelector("script[type=module]").src.replace("app.js", "call.js"));
	await page.goto("/console/recordings");
	await page.evaluate(async ([address, module]) => {
		const { startCall } = await import(module);
		const dialog = document.createElement("dialog");
		const request = new XMLHttpRequest();
		request.open("GET", address);
		request.responseType = "document";
		await new Promise((resolve) => { request.onload = resolve; request.send(); });
		dialog.append(request.response.getElementById("call"));
		dialog.style.cssText = "height: 80vh; width: 90vw; overflow: auto";
		document.body.append(dialog);
		dialog.showModal();
		history.pushState(null, "", `${address}#t=60`);
		globalThis.call = startCall(dialog.firstChild);
	}, [world.path("talk"), script]);
	await says(page, 30);
	await page.waitForFunction(() => document.querySelector("dialog[open]").scrollTop > 0);
	const audio = await page.evaluateHandle(() => document.getElementById("audio"));
	await page.keyboard.press("k");
	await playing(page);
	await page.mouse.move(640, 500);
	await page.mouse.wheel(0, -2000);
	await page.waitForSelector("#follow:not([hidden])");
	await screenshot(page, "call-dialog");
	await page.evaluate(() => globalThis.call.stop());
	assert.equal(await audio.evaluate((a) => a.paused && !a.hasAttribute("src")), true);
	await page.keyboard.press("k");
	await page.keyboard.press("?");
	assert.equal(await audio.evaluate((a) => a.paused), true);
	assert.equal(await page.isVisible("#keys"), false);
	assert.equal(await page.evaluate(() => "highlights" in CSS && CSS.highlights.size), 0);
	/* the position at which the call was left is stored */
	await page.goto(world.path("talk"));
	assert.match(await page.innerText("#resumed"), /^Reprise à 01:0/);
	assert.ok(await now(page) >= 60);
	await done(page);
});
