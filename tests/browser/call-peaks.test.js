// The waveform and the server's own levels: what is heard is what is drawn,
// and four hours are drawn before they have been listened to.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, screenshot } from "./browser.js";
import { becomes, callee, caller, fourHours, inked, startCalls } from "./call-page.js";

// Both are said to speak throughout; in fact each does for one half.
const halves = {
	account: "user", ago: 5, mood: "neutral", seconds: 20, subject: "Chacun sa moitié",
	words: ["Je parle.", "Moi aussi."], when: [[0, 10], [10, 20]],
	spans: [{ start_ms: 0, end_ms: 20000 }, { start_ms: 0, end_ms: 20000 }],
};
let world;
before(async () => { world = await startCalls({ halves, fourHours }); });
after(() => world?.stop());

// The call's page, its levels held back until let go.
async function open(key) {
	const page = await world.open(key);
	let letGo;
	const held = new Promise((resolve) => { letGo = resolve; });
	await page.route("**/peaks?*", async (route) => {
		await held;
		await route.continue().catch(() => {});
	});
	await page.reload();
	return { page, letGo };
}

test("the caller sounds first, the called then: so it is drawn", async () => {
	const { page, letGo } = await open("halves");
	const look = (lane) => inked(page, lane, [2, 8, 12, 18], { from: 0, to: 20 });
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [true, true, true, true]);
	letGo();
	await becomes(page, () => look(caller), [true, true, false, false]);
	await becomes(page, () => look(callee), [false, false, true, true]);
	await screenshot(page, "call-wave-real");
	await done(page);
});

test("four hours: drawn from the exchange at once, then as they sound", async (t) => {
	const { page, letGo } = await open("fourHours");
	const look = (lane) => inked(page, lane, [60, 7200, 14000], { from: 0, to: 14400 });
	const clock = () => page.evaluate(() => Math.round(performance.now()));
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [true, true, true]);
	const drawn = await clock();
	const there = await page.evaluate(() =>
	    Math.round(performance.getEntriesByType("navigation")[0].domInteractive));
	letGo();
	/* the sound is silence: the one picture that the exchange can't give */
	for (const lane of [caller, callee])
		await becomes(page, () => look(lane), [false, false, false]);
	t.diagnostic(`four hours: page there after ${there} ms, drawn after ${drawn} ms, ` +
	    `levels ${await clock() - drawn} ms after they were let go`);
	assert.equal(await page.locator(".turn").count(), fourHours.words.length);
	await done(page);
});
