// The waveform: painted where there is speech, blank elsewhere, first from
// the transcript, then from the server's levels; seek, zoom.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, dark, done, phone, screenshot, touchable } from "./browser.js";
import { becomes, callee, caller, inked, now, spoken, startCalls, talk } from "./call-page.js";

let world;
before(async () => { world = await startCalls({ spoken, talk }); });
after(() => world?.stop());

// Answers requests for levels with makeLevels(from_ms, to_ms, n), or with 404
// if it is null.
const levels = (page, makeLevels) => page.route("**/peaks?*", (route) => {
	const query = new URL(route.request().url()).searchParams;
	return makeLevels === null ? route.fulfill({ status: 404, body: "" }) :
	    route.fulfill({ json: makeLevels(Number(query.get("from_ms")), Number(query.get("to_ms")),
		Number(query.get("n"))) });
});
const open = async (makeLevels, rest = "", look = {}, key = "spoken") => {
	const page = await world.open(key, "", look);
	await levels(page, makeLevels);
	await page.goto("/console/recordings");
	await page.goto(world.path(key) + rest);
	return page;
};
const box = (page) => page.locator("#wave").boundingBox();

test("without levels, the waveform shows the speech, silence and pauses of the transcript", async () => {
	const page = await open(null, "#t=60");
	await becomes(page, () => inked(page, caller, [2, 10, 25, 34, 54, 68]), [false, true, false, false, false, false]);
	await becomes(page, () => inked(page, callee, [2, 10, 25, 34, 54, 68]), [false, false, true, false, false, true]);
	/* a pause is hatched over the full height */
	assert.deepEqual(await inked(page, 28, [40, 45, 75]), [true, true, true]);
	assert.deepEqual(await inked(page, 28, [34, 54]), [false, false]);
	await screenshot(page, "call-wave-flat");
	await done(page);
});

test("the server's levels replace the transcript's shape; a single lane is drawn above and below the middle", async () => {
	const lane = (speaker, from, to, n, loud) => ({ speaker, levels: Array.from({ length: n }, (_, i) =>
	    loud(from + (i + 0.5) * (to - from) / n) ? 200 : 0) });
	const page = await open((from, to, n) => ({ from_ms: from, to_ms: to, lanes: [
	    lane("callee", from, to, n, (ms) => ms > 30000 && ms < 40000),
	    lane("caller", from, to, n, (ms) => ms < 10000)] }));
	await becomes(page, () => inked(page, caller, [5, 20, 34]), [true, false, false]);
	await becomes(page, () => inked(page, callee, [5, 20, 34]), [false, false, true]);
	await levels(page, (from, to, n) => ({ from_ms: from, to_ms: to, lanes: [
	    lane("both", from, to, n, (ms) => ms > 20000 && ms < 30000)] }));
	await page.reload();
	for (const side of [caller, callee])
		await becomes(page, () => inked(page, side, [5, 25]), [false, true]);
	await done(page);
});

test("a click and a drag on the waveform seek; the keyboard seeks with the slider over it", async () => {
	const page = await open(null);
	const { x, y, width, height } = await box(page);
	await page.mouse.move(x + width / 4, y + height / 2);
	assert.equal(await page.innerText(".wave-tip"), "00:20 · Ursule Nadal");
	await page.mouse.down();
	assert.equal(await now(page), 0);
	await page.mouse.up();
	assert.ok(Math.abs(await now(page) - 20) < 0.5);
	await page.mouse.down();
	await page.mouse.move(x + width * 0.6, y + height / 2, { steps: 4 });
	await page.mouse.up();
	assert.ok(Math.abs(await now(page) - 48) < 0.5);
	const before = await now(page);
	assert.equal(await page.evaluate(() => document.activeElement.id), "seek");
	await page.keyboard.press("ArrowRight");
	assert.ok(Math.abs(await now(page) - before - 5) < 0.01);
	assert.match(await page.getAttribute("#seek", "aria-valuetext"), /^\d+\ssecondes sur/);
	await done(page);
});

test("zooming requests finer levels; the shown part moves to where the audio is; Control and the wheel zoom out", async () => {
	const requests = [];
	const page = await open((from, to, n) => {
		requests.push([from, to, n]);
		return { from_ms: from, to_ms: to, lanes: [
		    { speaker: "caller", levels: Array(n).fill(90) }, { speaker: "callee", levels: Array(n).fill(0) }] };
	}, "#t=10", {}, "talk");
	await becomes(page, async () => requests.length, 1);
	for (let i = 0; i < 3; i++)
		await page.getByRole("button", { name: "Agrandir la forme d’onde" }).click();
	await becomes(page, async () => requests.length > 1, true);
	assert.deepEqual(requests[0].slice(0, 2), [0, 120000]);
	assert.equal(requests.length, 2, "once each");
	const [from, to, n] = requests[1];
	assert.ok(from < 10000 && to < 40000 && n <= 4000, String(requests));
	await screenshot(page, "call-wave-zoom");
	/* only 15 s of 120 are shown: the right edge is a few seconds away */
	const { x, y, width, height } = await box(page);
	await page.mouse.click(x + width - 2, y + height / 2);
	assert.ok(await now(page) < 26);
	/* a seek outside the shown part moves that part */
	await page.keyboard.press("End");
	await page.mouse.click(x + 2, y + height / 2);
	assert.ok(await now(page) > 100);
	await page.mouse.move(x + width / 2, y + height / 2);
	await page.keyboard.down("Control");
	for (let i = 0; i < 5; i++)
		await page.mouse.wheel(0, 200);
	await page.keyboard.up("Control");
	/* all 120 s are shown again: a quarter of the width is 30 s */
	let side = 0;
	await becomes(page, async () => {
		side = 1 - side;
		await page.mouse.move(x + width / 4 + side, y + height / 2);
		return /^00:30/.test(await page.innerText(".wave-tip"));
	}, true);
	await done(page);
});

test("the shown part follows the audio while it plays; a short call has no zoom buttons", async () => {
	const page = await open(null, "#t=10", {}, "talk");
	for (let i = 0; i < 3; i++)
		await page.getByRole("button", { name: "Agrandir la forme d’onde" }).click();
	const { x, y, width, height } = await box(page);
	let side = 0;
	const tip = async () => {
		side = 1 - side;
		await page.mouse.move(x + width / 2 + side, y + height / 2);
		return page.innerText(".wave-tip");
	};
	assert.match(await tip(), /^00:[01]\d/);
	await page.mouse.move(x + width / 2, y - 200);
	assert.equal(await page.isVisible(".wave-tip"), false, "gone with the pointer");
	await page.click("#play");
	await page.waitForFunction(() => document.getElementById("audio").currentTime > 10.1);
	await page.evaluate(() => { document.getElementById("audio").currentTime = 90; });
	await becomes(page, async () => /^01:3\d/.test(await tip()), true);
	await page.goto("/console/recordings");
	await page.locator("#rows .subject").filter({ hasText: "Facture contestée" }).click();
	await page.waitForSelector("#sheet #wave");
	assert.equal(await page.locator("[data-zoom]:visible").count(), 0);
	await done(page);
});

test("search matches are marked on the waveform; it uses the screen's resolution and colour scheme", async () => {
	const page = await open(null, "?q=carte", { deviceScaleFactor: 2 });
	assert.equal(await page.evaluate(() => {
		const canvas = document.querySelector("#wave canvas");
		return canvas.width / canvas.clientWidth;
	}), 2);
	/* "carte" begins after 9 of the 15 characters spoken from 56 s to 64 s */
	await becomes(page, () => inked(page, 30, [60.8, 52]), [true, false]);
	const colour = () => page.evaluate(() => {
		const canvas = document.querySelector("#wave canvas");
		return [...canvas.getContext("2d").getImageData(Math.round(canvas.width * 10 / 80) - 3,
		    canvas.height / 2 - 16, 6, 1).data].join();
	});
	const light = await colour();
	await page.emulateMedia({ colorScheme: "dark" });
	await becomes(page, async () => await colour() !== light, true);
	await screenshot(page, "call-wave-dark");
	await done(page);
});

for (const [name, look] of [["phone", phone], ["phone-dark", { ...phone, ...dark }]])
	test(`${name}: the player stays at the bottom of the screen, and a tap on the waveform seeks`, async () => {
		/* a screenshot taken during animated scrolling is torn */
		const page = await world.open("spoken", "?q=carte#t=57", { ...look, reducedMotion: "reduce" });
		await accessible(page);
		await touchable(page);
		const isAtBottom = () => page.evaluate(() => {
			const { bottom } = document.getElementById("player").getBoundingClientRect();
			return Math.round(bottom) === innerHeight;
		});
		assert.equal(await isAtBottom(), true);
		await page.evaluate(() => scrollTo(0, 9999));
		assert.equal(await isAtBottom(), true);
		const { x, y, width, height } = await box(page);
		await page.touchscreen.tap(x + width / 2, y + height / 2);
		await becomes(page, async () => Math.abs(await now(page) - 40) < 1, true);
		assert.equal(await isAtBottom(), true);
		await screenshot(page, `call-${name}`);
		await done(page);
	});
