// Chromium on the real server: people who sign in, what their pages say to
// the console, axe-core, screenshots into build/screens/.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";
import { loadCalls, password, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const screens = path.join(top, "build", "screens");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=user-gesture-required"];

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
	deviceScaleFactor: 2 };
export const dark = { colorScheme: "dark" };
export const noScript = { javaScriptEnabled: false };
export const english = { locale: "en-GB" };

// A call long enough to follow: one sentence each three seconds.
export const followed = {
	account: "user", ago: 2, mood: "angry", seconds: 36, direction: "inbound",
	caller: { kind: "e164", value: "+33613241088", name: "Martel" },
	subject: "Problème de facturation sur le dossier 44-22",
	summary: "Le client conteste une facture supplémentaire pour trois fenêtres.",
	words: ["Bonjour, société Martel à l’appareil.", "Bonjour Monsieur Martel, je vous écoute.",
	    "Je vous appelle pour le dossier 44-22.", "Je regarde cela tout de suite.",
	    "On m’a compté une pose supplémentaire.", "Pour trois fenêtres, en effet.",
	    "Personne ne m’avait averti avant.", "Je comprends votre étonnement.",
	    "Cette quittance me pose vraiment un problème.", "Nous pouvons faire une remise.",
	    "<script>alert(\"bonjour\")</script> – par écrit, s’il vous plaît.",
	    "C’est noté, bonne journée."],
};

// Hostile texts, more than a page of rows, each mood somewhere.
const moods = ["neutral", "frustrated", "relieved", "angry", "positive", "confused", "negative",
    "impatient", "grateful", "disappointed", "anxious"];
const more = {
	followed,
	hostile: { account: "colleague", ago: 20, mood: "confused",
	    subject: "<img src=x onerror=alert(1)> \u202egnp.exe ../../etc \"guillemets\" & co",
	    caller: { kind: "e164", value: "+33320998877", name: "\u202eMartin <b>gras</b>" },
	    words: ["<b>gras</b> & \"guillemets\"", "Très bien."] },
	withheld: { account: "colleague", ago: 21, mood: "impatient", subject: "Relance sur un devis",
	    caller: { kind: "withheld", value: null, name: null }, words: ["Et ce devis ?", "Il part ce soir."] },
	short: { account: "lyonnais", ago: 22, mood: "anxious", subject: "Colis égaré au dépôt",
	    caller: { kind: "short", value: "3250", name: null }, words: ["Où est le colis ?", "Au dépôt."] },
};
for (let i = 0; i < 60; i++)
	more[`serie_${i}`] = { account: i % 3 ? "colleague" : "lyonnais", ago: 40 + 3 * i,
		mood: moods[i % moods.length], subject: `Appel de série numéro ${i + 1}`, seconds: 1,
		words: [`Ceci est l’appel ${i + 1}.`] };

// A server with these calls, or others, beside the fixtures' own.
export async function startWorld(calls = more) {
	const database = await freshDatabase({ fixtures: true });
	await loadCalls(database, calls);
	return startServer({ database });
}

export class Browser {
	static async start(server) {
		const chrome = await chromium.launch({ executablePath: "/usr/bin/chromium-headless-shell", args: flags });
		return Object.assign(new Browser(), { server, chrome, sessions: new Map() });
	}

	// A fresh browser at a path; look: phone, dark, noScript… together.
	async open(target, look = {}) {
		const context = await this.chrome.newContext({ baseURL: this.server.url, locale: "fr-FR",
			viewport: { width: 1280, height: 860 }, ignoreHTTPSErrors: true, ...look });
		context.setDefaultTimeout(30000);
		const page = await context.newPage();
		// what went wrong in the page: script errors, CSP, Trusted Types
		page.troubles = [];
		page.on("pageerror", (error) => page.troubles.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error" && !/status of [45]\d\d/.test(message.text()))
				page.troubles.push(message.text());
		});
		await page.goto(target);
		return page;
	}

	// The same, signed in as one of the fixtures' people, in the language
	// of the look: theirs is the one that they, or a test before, chose.
	// A session serves all tests of the file, until one of them ends it.
	async openAs(key, target, look = {}) {
		const page = await this.open(target, { ...look, storageState: this.sessions.get(key) });
		const lang = look.locale === english.locale ? "en" : "fr";
		let there = true;
		if (!await page.isVisible(".person")) {
			await page.goto(`/${target.split("/")[1]}/sign-in`);
			await signIn(page, key);
			await page.waitForSelector(".person");
			this.sessions.set(key, await page.context().storageState());
			there = false;
		}
		if (await page.getAttribute("html", "lang") !== lang) {
			await page.click(`[name=lang][value=${lang}]`);
			await page.waitForSelector(`html[lang=${lang}]`);
			there = false;
		}
		if (!there)
			await page.goto(target);
		return page;
	}

	stop() {
		return this.chrome.close();
	}
}

export async function signIn(page, key) {
	await page.fill("[name=email]", people[key].email);
	await page.fill("[name=password]", password);
	await page.click("form[action$='/session'] button:not([type=button])");
}

// Closes a page that had no trouble of its own.
export async function done(page) {
	assert.deepEqual(page.troubles, []);
	await page.context().close();
}

export async function screenshot(page, name, options = {}) {
	mkdirSync(screens, { recursive: true });
	await page.waitForLoadState();
	for (let left = 50; ; left--)
		try {
			await page.screenshot({ path: path.join(screens, `${name}.png`), ...options });
			return;
		} catch (error) {
			// a page that has just come may have drawn nothing yet
			if (left === 0 || !error.message.includes("Unable to capture screenshot"))
				throw error;
		}
}

// WCAG 2.2 A and AA as far as a program can tell, and nothing wider than
// the window. within: of what has just opened, the rest having been seen.
export async function accessible(page, within) {
	await page.evaluate(readFileSync(axe, "utf8"));
	const { violations } = await page.evaluate((root) => globalThis.axe.run(root ?? document, {
		preload: false, resultTypes: ["violations"], runOnly:
		["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }), within);
	assert.deepEqual(violations.map((v) =>
	    `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), []);
	assert.equal(await page.evaluate(() =>
	    document.documentElement.scrollWidth <= innerWidth), true, "no sideways scrolling");
}

// Nothing on a phone is smaller than a finger, save words inside a text.
export async function touchable(page) {
	assert.deepEqual(await page.evaluate(() => {
		const wanted = "a:not(.subject, .skip), button, summary, select, input:not([type=checkbox], [type=radio]), label.check";
		return [...document.querySelectorAll(wanted)].filter((e) => {
			const { width, height } = e.getBoundingClientRect();
			return e.checkVisibility() && (width < 44 || height < 44);
		}).map((e) => `${e.outerHTML.slice(0, 80)} ${e.offsetHeight}`);
	}), []);
}

export { people };
