// Chromium on the real server: signs people in, collects console messages,
// runs axe-core, takes screenshots into build/screens/.
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

// A call long enough to test that the transcript follows the audio: one
// sentence every three seconds.
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

// More calls than a page of the list shows, with each mood. One call has HTML
// and control characters in its texts.
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

// Starts a server whose database has these calls and those of the fixtures.
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

	// Opens a page at the path in a new browser context, without cookies.
	// look: the options phone, dark, noScript, english, alone or merged.
	async open(target, look = {}) {
		const context = await this.chrome.newContext({ baseURL: this.server.url, locale: "fr-FR",
			viewport: { width: 1280, height: 860 }, ignoreHTTPSErrors: true, ...look });
		context.setDefaultTimeout(30000);
		const page = await context.newPage();
		// the page's errors: of scripts, CSP and Trusted Types; not the
		// console's messages about 4xx and 5xx responses
		page.troubles = [];
		page.on("pageerror", (error) => page.troubles.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error" && !/status of [45]\d\d/.test(message.text()))
				page.troubles.push(message.text());
		});
		await page.goto(target);
		return page;
	}

	// Opens a page like open(), signed in as one of the fixtures' people.
	// Sets the language of the look, because an earlier test may have changed
	// the language of the account. Keeps the session for the other tests of
	// the file, and signs in again if a test has ended it.
	async openAs(key, target, look = {}) {
		const page = await this.open(target, { ...look, storageState: this.sessions.get(key) });
		const lang = look.locale === english.locale ? "en" : "fr";
		let atTarget = true;
		if (!await page.isVisible(".person")) {
			await page.goto(`/${target.split("/")[1]}/sign-in`);
			await signIn(page, key);
			await page.waitForSelector(".person");
			this.sessions.set(key, await page.context().storageState());
			atTarget = false;
		}
		if (await page.getAttribute("html", "lang") !== lang) {
			await page.click(`[name=lang][value=${lang}]`);
			await page.waitForSelector(`html[lang=${lang}]`);
			atTarget = false;
		}
		if (!atTarget)
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

// Delays the first request whose address matches. Returns { requested,
// release() }: requested resolves to the request when the page sends it;
// release() lets it continue, and returns once the page has handled its
// response or failure.
export async function hold(page, pattern) {
	let proceed;
	const released = new Promise((resolve) => { proceed = resolve; });
	await page.route(pattern, async (route) => {
		await released;
		await route.continue().catch(() => {});	// the page may have cancelled it
	}, { times: 1 });
	const requested = page.waitForEvent("request", (request) => pattern.test(request.url()));
	return {
		requested,
		async release() {
			proceed();
			await (await (await requested).response())?.finished();
			await page.evaluate(() => new Promise((resolve) => {
				requestAnimationFrame(() => requestAnimationFrame(resolve));
			}));
		},
	};
}

// Makes the scripts' requests to matching addresses fail. Returns a function
// that lets them pass again.
export async function cutScripts(page, pattern) {
	const cut = (route) => ["xhr", "fetch"].includes(route.request().resourceType()) ? route.abort() :
	    route.continue();
	await page.route(pattern, cut);
	return () => page.unroute(pattern, cut);
}

// Removes the network errors that cutScripts() or an offline page caused from
// page.troubles.
export function forgetCuts(page) {
	page.troubles = page.troubles.filter((trouble) => !/net::ERR_/.test(trouble));
}

// Checks that the page had no errors, and closes its context.
export async function done(page) {
	assert.deepEqual(page.troubles, []);
	await page.context().close();
}

// Saves a screenshot in build/screens/NAME.png.
export async function screenshot(page, name, options = {}) {
	mkdirSync(screens, { recursive: true });
	await page.waitForLoadState();
	for (let left = 50; ; left--)
		try {
			await page.screenshot({ path: path.join(screens, `${name}.png`), ...options });
			return;
		} catch (error) {
			// Chromium can't capture a page before its first paint
			if (left === 0 || !error.message.includes("Unable to capture screenshot"))
				throw error;
		}
}

// Checks the page, or only the part that the selector within names, with
// axe-core: WCAG 2.2 levels A and AA, and best practices. Checks too that the
// page is not wider than the window.
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

// Checks that each visible link, button and field is at least 44 by 44 CSS
// pixels, except a call's subject, the skip link, checkboxes and radio buttons:
// the label of a checkbox is measured instead.
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
