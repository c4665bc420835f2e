// A call in the dialog over the list: its address, the browser's Back, its
// audio, the next and previous calls, and a reload, which shows its own page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, accessible, dark, done, english, followed, hold, phone, screenshot, startWorld,
    touchable } from "./browser.js";

const list = "/console/recordings";
const second = "Appel de série numéro 1";
let server, browser, ids;
before(async () => {
	server = await startWorld();
	ids = await recordingIds(server.database);
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const subject = (page, text) => page.locator("#rows .subject").filter({ hasText: text }).first();
const opened = (page, text) => page.waitForFunction((wanted) =>
    document.querySelector("#sheet[open] h1")?.textContent === wanted, text);
const closed = (page) => page.waitForFunction(() => !document.getElementById("sheet").open &&
    document.getElementById("sheet-body").childElementCount === 0);
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());
const pathOf = (href) => new URL(href, server.url).pathname;
const path = (page) => pathOf(page.url());
const open = async (look = {}, query = "") => {
	const page = await browser.openAs("supervisor", list + query, look);
	await subject(page, "dossier 44-22").click();
	await opened(page, followed.subject);
	return page;
};

test("a click opens the call over the list, at the call's address; Back closes it", async () => {
	const page = await browser.openAs("supervisor", list);
	const title = await page.title();
	await subject(page, second).scrollIntoViewIfNeeded();
	const y = await page.evaluate(() => scrollY);
	assert.ok(y > 0);
	await subject(page, second).click();
	await opened(page, second);
	assert.equal(path(page), `${list}/${ids.serie_0}`);
	assert.equal(await page.title(), `${second} – Smart Record AI`);
	assert.equal(await focused(page), second);
	assert.deepEqual(await page.evaluate(() => {
		const all = [...document.querySelectorAll("[id]")].map((e) => e.id);
		return all.filter((id, i) => all.indexOf(id) !== i);
	}), [], "each id once");
	await accessible(page);
	await screenshot(page, "dialog");
	await page.goBack();
	await closed(page);
	assert.equal(page.url(), server.url + list);
	assert.equal(await page.title(), title);
	assert.equal(await focused(page), second);
	assert.equal(await page.evaluate(() => scrollY), y);
	await page.goForward();
	await opened(page, second);
	assert.equal(path(page), `${list}/${ids.serie_0}`);
	await done(page);
});

test("Escape, the button Fermer and a click beside the dialog close it; the list keeps its filter and focus", async () => {
	const page = await open({}, "?mood=angry");
	const ways = [() => page.keyboard.press("Escape"),
		() => page.getByRole("button", { name: "Fermer" }).click(),
		() => page.mouse.click(5, 400)];
	for (const close of ways) {
		await close();
		await closed(page);
		await page.waitForURL(`**${list}?mood=angry`);
		assert.equal(await focused(page), followed.subject);
		assert.equal(await page.inputValue("[name=mood][value=angry]"), "angry");
		await subject(page, "dossier 44-22").click();
		await opened(page, followed.subject);
	}
	/* Escape closes an open menu in the dialog first */
	await page.click("#sheet .mood-line summary");
	await page.keyboard.press("Escape");
	assert.equal(await page.isVisible("#sheet .mood-note"), false);
	assert.equal(await page.isVisible("#sheet h1"), true);
	await done(page);
});

test("a call opened while the dialog closes stays open, and Back leads to the list", async () => {
	const page = await open();
	await page.evaluate((text) => {
		const sheet = document.getElementById("sheet");
		const other = [...document.querySelectorAll("#rows .subject")].find((a) => a.textContent === text);
		/* runs after the page's listener, before the address changes */
		sheet.addEventListener("close", () => other.click(), { once: true });
		sheet.close();
	}, second);
	await opened(page, second);
	await page.waitForURL(`**/${ids.serie_0}`);
	await page.goBack();
	await closed(page);
	await page.waitForURL(server.url + list);
	await done(page);
});

test("a reload shows the call's own page, and Back leads from it to the list", async () => {
	const page = await open();
	await page.reload();
	await page.waitForSelector("main h1");
	assert.equal(await page.innerText("main h1"), followed.subject);
	assert.equal(await page.locator("#sheet").count(), 0);
	await page.goBack();
	await page.waitForSelector("#rows .subject");
	assert.equal(page.url(), server.url + list);
	await done(page);
});

test("a click with Control opens the call's page in a new tab", async () => {
	const page = await browser.openAs("supervisor", list);
	const [tab] = await Promise.all([page.context().waitForEvent("page"),
		subject(page, "dossier 44-22").click({ modifiers: ["ControlOrMeta"] })]);
	await tab.waitForSelector("main h1");
	assert.equal(path(tab), `${list}/${ids.followed}`);
	assert.equal(page.url(), server.url + list);
	assert.equal(await page.evaluate(() => document.getElementById("sheet").open), false);
	await done(page);
});

test("the buttons step to the next and previous calls; the first has none before it, the last loads more rows", async () => {
	const page = await browser.openAs("supervisor", list);
	const subjects = await page.locator("#rows .subject").allTextContents();
	await page.locator("#rows .subject").nth(1).click();
	await opened(page, subjects[1]);
	const next = page.getByRole("button", { name: "Appel suivant" });
	const previous = page.getByRole("button", { name: "Appel précédent" });
	await next.click();
	await opened(page, subjects[2]);
	assert.equal(await page.textContent("#sheet-heard"), subjects[2]);
	assert.equal(await page.evaluate(() => document.activeElement.dataset.step), "1");
	await previous.click();
	await opened(page, subjects[1]);
	await previous.click();
	// the first two calls have one title; only the first disables Previous
	await page.locator("[data-step='-1'][aria-disabled='true']").waitFor();
	assert.equal(await page.textContent("#sheet[open] h1"), subjects[0]);
	await page.keyboard.press("Escape");
	await closed(page);
	await page.waitForURL(server.url + list);	// the steps have added no history entries
	assert.equal(await focused(page), subjects[0]);
	/* a step from the last row loads more rows */
	await page.locator("#rows .subject").nth(49).click();
	await opened(page, subjects[49]);
	await next.click();
	await page.waitForFunction((before) => {
		const text = document.querySelector("#sheet[open] h1")?.textContent;
		return text && text !== before;
	}, subjects[49]);
	assert.ok(await page.locator("#rows tr").count() > 50);
	await done(page);
});

test("two quick steps show the second call, although the first response comes later", async () => {
	const page = await browser.openAs("supervisor", list);
	const rows = page.locator("#rows .subject");
	const subjects = await rows.allTextContents();
	await rows.nth(5).click();
	await opened(page, subjects[5]);
	const late = await hold(page, new RegExp(pathOf(await rows.nth(6).getAttribute("href"))));
	const next = page.getByRole("button", { name: "Appel suivant" });
	await next.click();
	await late.requested;
	await next.click();
	await opened(page, subjects[7]);
	await late.release();
	assert.equal(await page.textContent("#sheet h1"), subjects[7]);
	assert.equal(path(page), pathOf(await rows.nth(7).getAttribute("href")));
	await done(page);
});

test("the next call is shown from its top, the audio stops, and no loading placeholder appears", async () => {
	const page = await browser.openAs("supervisor", list, { viewport: { width: 1280, height: 500 } });
	await subject(page, "dossier 44-22").click();
	await opened(page, followed.subject);
	await page.click("#play");
	const audio = await page.evaluateHandle(() => document.getElementById("audio"));
	await page.waitForFunction((a) => !a.paused && a.currentTime > 0, audio);
	const top = () => page.evaluate(() => document.getElementById("sheet-body").scrollTop);
	await page.evaluate(() => document.getElementById("sheet-body").scrollTo({ top: 9999, behavior: "instant" }));
	assert.ok(await top() > 0);
	await page.getByRole("button", { name: "Appel suivant" }).click();
	await page.waitForFunction((before) => {
		const title = document.querySelector("#sheet[open] h1");
		return title && title.textContent !== before;
	}, followed.subject);
	assert.equal(await top(), 0);
	assert.deepEqual(await audio.evaluate((a) => [a.paused, a.hasAttribute("src")]), [true, false]);
	/* this takes longer than the delay before a placeholder appears */
	await page.click("#play");
	await page.waitForFunction(() => document.getElementById("audio")?.currentTime > .5);
	assert.equal(await page.locator("#sheet .skeleton").count(), 0);
	await done(page);
});

test("when the dialog closes, the row of the last shown call is focused and in view", async () => {
	const page = await browser.openAs("supervisor", list, { viewport: { width: 1280, height: 500 } });
	const subjects = await page.locator("#rows .subject").allTextContents();
	await page.locator("#rows .subject").nth(2).click();
	await opened(page, subjects[2]);
	for (let i = 3; i < 10; i++) {
		await page.getByRole("button", { name: "Appel suivant" }).click();
		await opened(page, subjects[i]);
	}
	await page.keyboard.press("Escape");
	await closed(page);
	assert.equal(await focused(page), subjects[9]);
	assert.equal(await page.evaluate(() => {
		const { top, bottom } = document.activeElement.getBoundingClientRect();
		return top >= 0 && bottom <= innerHeight;
	}), true);
	await done(page);
});

test("a selection that ends beside the dialog does not close it, nor does Escape in its search field", async () => {
	const page = await open();
	const { x, y, height } = await page.locator("#sheet .summary").boundingBox();
	await page.mouse.move(x + 30, y + height / 2);
	await page.mouse.down();
	await page.mouse.move(5, y + height / 2, { steps: 4 });
	await page.mouse.up();
	assert.equal(await page.isVisible("#sheet h1"), true);
	await page.fill("#find-words", "dossier");
	await page.waitForFunction(() => document.getElementById("find-shown").textContent === "1/1");
	await page.keyboard.press("Escape");
	assert.equal(await page.inputValue("#find-words"), "");
	assert.equal(await page.isVisible("#sheet h1"), true);
	await page.keyboard.press("Escape");
	await closed(page);
	await done(page);
});

test("audio paused in a row is at the same position in the dialog, and paused", async () => {
	const page = await browser.openAs("supervisor", list);
	const row = page.locator("#rows tr").filter({ hasText: "dossier 44-22" });
	await row.locator(".listen").click();
	await page.waitForFunction(() =>
	    /^00:0[2-9] — 00:36$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	await row.locator(".listen").click();
	await page.waitForSelector(".listen:not(.is-playing)");
	await row.locator(".subject").click();
	await opened(page, followed.subject);
	await page.waitForFunction(() => document.getElementById("audio").readyState > 1);
	const [paused, seconds] = await page.evaluate(() => {
		const audio = document.getElementById("audio");
		return [audio.paused, audio.currentTime];
	});
	assert.equal(paused, true);
	assert.ok(seconds >= 2, String(seconds));
	await done(page);
});

test("audio playing in a row continues in the dialog, and stops when the dialog closes", async () => {
	const page = await browser.openAs("supervisor", list);
	const row = page.locator("#rows tr").filter({ hasText: "dossier 44-22" });
	await row.locator(".listen").click();
	await page.waitForFunction(() =>
	    /^00:0[2-9] — 00:36$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	await row.locator(".subject").click();
	await opened(page, followed.subject);
	await page.waitForFunction(() => {
		const audio = document.getElementById("audio");
		return !audio.paused && audio.currentTime > 2;
	});
	assert.equal(await page.locator(".is-playing").count(), 0);
	assert.equal(await row.locator(".listen-time").textContent(), "00:00 — 00:36");
	await page.keyboard.press("Escape");
	await closed(page);
	assert.deepEqual(await page.evaluate(() =>
	    [...document.querySelectorAll("audio")].filter((a) => !a.paused).length), 0);
	await done(page);
});

test("a call found by a search opens at the utterance with its words", async () => {
	const page = await browser.openAs("supervisor", `${list}?q=quittance`);
	await subject(page, "dossier 44-22").click();
	await opened(page, followed.subject);
	assert.match(page.url(), /\?q=quittance#t=24$/);
	await page.waitForFunction((text) =>
	    document.querySelector(".turn[aria-current] .turn-text")?.textContent === text, followed.words[8]);
	assert.ok(await page.locator(".turn[aria-current]").evaluate((turn) => {
		const { top, bottom } = turn.getBoundingClientRect();
		return top > 0 && bottom < innerHeight;
	}), "the utterance is in view");
	await screenshot(page, "dialog-found");
	await page.keyboard.press("Escape");
	await closed(page);
	await page.waitForURL(`${server.url}${list}?q=quittance`);
	await done(page);
});

test("printing the dialog prints the whole call without the list", async () => {
	const page = await open();
	const printed = execFileSync("pdftotext", ["-raw", "-", "-"], { input: await page.pdf() }).toString();
	assert.match(printed, /Problème de facturation\s+sur le dossier 44-22/);
	assert.match(printed, /C’est noté, bonne journée\./);
	for (const other of [second, "Rechercher", "Fermer", "Télécharger"])
		assert.equal(printed.includes(other), false, other);
	await page.emulateMedia({ media: "print" });
	await screenshot(page, "dialog-print", { fullPage: true });
	await done(page);
});

test("a slow response shows a placeholder, and Escape cancels", async () => {
	const page = await browser.openAs("supervisor", list);
	/* without timeout: the checks below may take longer than it */
	await page.evaluate(() => Object.defineProperty(XMLHttpRequest.prototype, "timeout", { set() {} }));
	let release;
	const held = new Promise((resolve) => { release = resolve; });
	await page.route(`**/${ids.followed}`, async (route) => {
		await held;
		await route.continue().catch(() => {});
	});
	await subject(page, "dossier 44-22").click();
	await page.waitForSelector("#sheet[open] .skeleton");
	await accessible(page);
	await screenshot(page, "dialog-waiting");
	await page.keyboard.press("Escape");
	await closed(page);
	await page.waitForURL(server.url + list);
	await subject(page, "dossier 44-22").click();
	await page.waitForSelector("#sheet[open] .skeleton");
	release();
	await opened(page, followed.subject);
	await done(page);
});

test("a call deleted meanwhile shows the server's error page, and Back leads to the list", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.route(`**/${ids.serie_3}`, (route) =>
	    route.continue({ url: `${server.url}${list}/01985f3a-7c00-7000-8000-000000000000` }));
	await subject(page, "série numéro 4").click();
	await page.waitForSelector(".problem");
	assert.match(await page.innerText("main"), /Introuvable/);
	await page.waitForLoadState("load");	// Back needs the page's script
	await page.goBack();
	await page.waitForSelector("#rows .subject");
	await done(page);
});

test("after the session has ended, a click leads to sign-in with the call as its target", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.context().clearCookies();
	await subject(page, "dossier 44-22").click();
	await page.waitForURL(/\/console\/sign-in\?to=.*recordings/);
	assert.match(decodeURIComponent(page.url()), new RegExp(ids.followed));
	await done(page);
});

for (const [name, look] of Object.entries({ "dialog-dark": dark, "dialog-english": english,
	"dialog-phone": phone, "dialog-phone-dark": { ...phone, ...dark } }))
	test(`${name.replaceAll("-", ", ")}: accessible`, async () => {
		const page = await open(look);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, name);
		await done(page);
	});
