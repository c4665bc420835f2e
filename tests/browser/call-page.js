// What the tests of a call's page share: calls to listen to, and questions
// to the page.
import assert from "node:assert/strict";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, startWorld } from "./browser.js";

// Two minutes, a sentence every two seconds.
export const talk = {
	account: "user", ago: 3, mood: "neutral", seconds: 120, subject: "Livraison d’une cuisine",
	caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: Array.from({ length: 60 }, (_, i) =>
	    `Phrase ${i + 1} de l’échange${i % 10 === 5 ? ", où l’on parle du Délai de livraison." : "."}`),
};

// Speech and silence known to the second, two pauses, one in the middle.
export const spoken = {
	account: "user", ago: 4, mood: "positive", seconds: 80, subject: "Devis pour une véranda",
	caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: ["Bonjour.", "Bonjour Monsieur.", "Voici ma carte.", "Merci, au revoir."],
	spans: [{ start_ms: 4000, end_ms: 16000 }, { start_ms: 20000, end_ms: 32000 },
	    { start_ms: 56000, end_ms: 64000 }, { start_ms: 66000, end_ms: 70000 }],
	pauses: [{ start_ms: 36000, end_ms: 50000 }, { start_ms: 72000, end_ms: 78000 }],
};

// Four hours, 6,000 utterances; the sound itself is silence, in one channel.
export const fourHours = {
	account: "user", ago: 6, mood: "confused", seconds: 4 * 3600, hertz: [0],
	subject: "Réunion de chantier", caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: Array.from({ length: 6000 }, (_, i) => `Point ${i + 1} de la réunion, ${
	    "avec ce qu’il faut de détails ".repeat(i % 4)}et rien de plus.`),
};

// A server with these calls and a browser; open() signs the supervisor in.
export async function startCalls(calls) {
	const server = await startWorld(calls);
	const ids = await recordingIds(server.database);
	const browser = await Browser.start(server);
	const path = (key) => `/console/recordings/${ids[key]}`;
	return {
		server, path,
		open: (key, rest = "", look = {}) => browser.openAs("supervisor", path(key) + rest, look),
		async stop() {
			await browser.stop();
			await server.stop();
		},
	};
}

export const now = (page) => page.evaluate(() => document.getElementById("audio").currentTime);
export const isPaused = (page) => page.evaluate(() => document.getElementById("audio").paused);
export const current = (page) => page.locator(".turn[aria-current] .turn-text").allInnerTexts();
// waits until the utterance of this text, or number, is the one marked
export const says = (page, wanted) => page.waitForFunction((text) => {
	const turn = document.querySelector(".turn[aria-current]");
	return typeof text === "number" ? turn?.id === `u${text}` :
	    turn?.querySelector(".turn-text").textContent === text;
}, wanted);
export const play = (page) => page.click("#play");
export const playing = (page) => page.waitForFunction(() =>
    !document.getElementById("audio").paused && document.getElementById("audio").readyState > 2);

// Between what is fixed above and below?
const isInView = (selector) => {
	const box = (e) => e.getBoundingClientRect();
	const turn = document.querySelector(selector);
	const player = document.getElementById("player");
	const bottom = getComputedStyle(player).position === "fixed" ? box(player).top : innerHeight;
	return turn && box(turn).bottom <= bottom + 1 &&
	    box(turn).top >= box(document.querySelector(".transcript-head")).bottom - 1;
};
const marked = ".turn[aria-current]";
export const inView = (page, selector = marked) => page.evaluate(isInView, selector);
export const comesInView = (page, selector = marked) => page.waitForFunction(isInView, selector);

// The waveform:
export const caller = 8, callee = -8;	// pixels above the middle: each one's lane

// Is any pixel of the lane painted within half a second around each time?
export const inked = (page, lane, seconds, shown = { from: 0, to: 80 }) =>
    page.evaluate(([above, times, { from, to }]) => {
	const canvas = document.querySelector("#wave canvas");
	const ratio = canvas.width / canvas.clientWidth;
	const y = Math.round(canvas.height / 2 - above * ratio);
	return times.map((time) => {
		const x = Math.round((time - from) / (to - from) * canvas.width);
		const { data } = canvas.getContext("2d").getImageData(Math.max(0, x - 3 * ratio), y, 6 * ratio, 1);
		return data.some((value, i) => i % 4 === 3 && value > 0);
	});
    }, [lane, seconds, shown]);
// asks again, a frame later, until the answer is the one wanted
export const becomes = async (page, question, wanted) => {
	let last;
	for (let i = 0; i < 1500; i++) {
		last = await question();
		if (JSON.stringify(last) === JSON.stringify(wanted))
			return;
		await page.evaluate(() => new Promise((r) => { requestAnimationFrame(r); }));
	}
	assert.deepEqual(last, wanted);
};
