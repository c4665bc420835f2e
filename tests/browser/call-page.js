// Shared by the tests of a call's page: recordings, and functions that read
// the page.
import assert from "node:assert/strict";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, startWorld } from "./browser.js";

// A call of two minutes, with a sentence every two seconds.
export const talk = {
	account: "user", ago: 3, mood: "neutral", seconds: 120, subject: "Livraison d’une cuisine",
	caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: Array.from({ length: 60 }, (_, i) =>
	    `Phrase ${i + 1} de l’échange${i % 10 === 5 ? ", où l’on parle du Délai de livraison." : "."}`),
};

// A call with known times of speech and silence, and two pauses of the
// recording: one in the middle, one near the end.
export const spoken = {
	account: "user", ago: 4, mood: "positive", seconds: 80, subject: "Devis pour une véranda",
	caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: ["Bonjour.", "Bonjour Monsieur.", "Voici ma carte.", "Merci, au revoir."],
	spans: [{ start_ms: 4000, end_ms: 16000 }, { start_ms: 20000, end_ms: 32000 },
	    { start_ms: 56000, end_ms: 64000 }, { start_ms: 66000, end_ms: 70000 }],
	pauses: [{ start_ms: 36000, end_ms: 50000 }, { start_ms: 72000, end_ms: 78000 }],
};

// A call of four hours with 6,000 utterances; its audio is one silent channel.
export const fourHours = {
	account: "user", ago: 6, mood: "confused", seconds: 4 * 3600, hertz: [0],
	subject: "Réunion de chantier", caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	words: Array.from({ length: 6000 }, (_, i) => `Point ${i + 1} de la réunion, ${
	    "avec ce qu’il faut de détails ".repeat(i % 4)}et rien de plus.`),
};

// Starts a server with these calls, and a browser. Returns { server, path(key),
// open(key, rest, look), stop() }: open() opens a call's page as the
// supervisor, with rest (query and fragment) after its path.
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
// Waits until the utterance with this text or index is marked as the current
// one.
export const says = (page, wanted) => page.waitForFunction((text) => {
	const turn = document.querySelector(".turn[aria-current]");
	return typeof text === "number" ? turn?.id === `u${text}` :
	    turn?.querySelector(".turn-text").textContent === text;
}, wanted);
export const play = (page) => page.click("#play");
// Waits until the audio plays.
export const playing = (page) => page.waitForFunction(() =>
    !document.getElementById("audio").paused && document.getElementById("audio").readyState > 2);

// Returns true if the element lies between the transcript's head and the
// player or the window's bottom.
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

// The lanes of the waveform: CSS pixels above its middle.
export const caller = 8, callee = -8;

// Returns for each time (in seconds) whether the lane is painted within three
// CSS pixels of it. shown: the part of the call that the waveform shows.
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
// Calls read() each frame until its result equals the wanted one.
export const becomes = async (page, read, wanted) => {
	let last;
	for (let i = 0; i < 1500; i++) {
		last = await read();
		if (JSON.stringify(last) === JSON.stringify(wanted))
			return;
		await page.evaluate(() => new Promise((r) => { requestAnimationFrame(r); }));
	}
	assert.deepEqual(last, wanted);
};
