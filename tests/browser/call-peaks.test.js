// The waveform with the levels that the server computes from the audio: they
// replace the transcript's shape, also for a call of four hours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, screenshot } from "./browser.js";
import { becomes, callee, caller, fourHours, inked, startCalls } from "./call-page.js";

// A call in whose transcript both people speak throughout; in its audio the
// caller speaks in the first half, the callee in the second.
const halves = {
	account: "user", ago: 5, mood: "neutral", seconds: 20, subject: "Chacun sa moitié",
	words: ["Je parle.", "Moi aussi."], when: [[0, 10], [10, 20]],
	spans: [{ start_ms: 0, end_ms: 20000 }, { start_ms: 0, end_ms: 20000 }],
};
let world;
before(async () => { world = await startCalls({ halves, fourHours }); });
after(() => world?.stop());

// Opens the call's page and delays its levels until release().
async function open(key) {
	const page = await world.open(key);
	let release;
	const held = new Promise((resolve) => { release = resolve; });
	await page.route("**/peaks?*", async (route) => {
		await held;
		await route.continue().catch(() => {});
	});
	await page.reload();
	return { page, release };
}

test("the server's levels show that the caller speaks first, then the callee", async () => {
	const { page, release } = await open("halves");
	const look = (lane) => inked(page, lane, [2, 8, 12, 18], { from: 0, to: 20 });
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [true, true, true, true]);
	release();
	await becomes(page, () => look(caller), [true, true, false, false]);
	await becomes(page, () => look(callee), [false, false, true, true]);
	await screenshot(page, "call-wave-real");
	await done(page);
});

test("a call of four hours is drawn from its transcript at first, then from its levels", async (t) => {
	const { page, release } = await open("fourHours");
	const look = (lane) => inked(page, lane, [60, 7200, 14000], { from: 0, to: 14400 });
	const clock = () => page.evaluate(() => Math.round(performance.now()));
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [true, true, true]);
	const drawn = await clock();
	const there = await page.evaluate(() =>
	    Math.round(performance.getEntriesByType("navigation")[0].domInteractive));
	release();
	/* the audio is silent: its levels draw nothing, unlike its transcript */
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [false, false, false]);
	t.diagnostic(`four hours: page there after ${there} ms, drawn after ${drawn} ms, ` +
	    `levels ${await clock() - drawn} ms after they were let go`);
	assert.equal(await page.locator(".turn").count(), fourHours.words.length);
	await done(page);
});
