// A call over the list: opens in place, keeps the address, the way back and
// the sound; goes on to its neighbours; gives way to the page itself.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { recordingIds } from "../lib/fixtures.js";
import { Browser, accessible, dark, done, english, followed, phone, screenshot, startWorld, touchable }
    from "./browser.js";

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
const path = (page) => new URL(page.url()).pathname;
const open = async (look = {}, query = "") => {
	const page = await browser.openAs("supervisor", list + query, look);
	await subject(page, "dossier 44-22").click();
	await opened(page, followed.subject);
	return page;
};

test("a click opens the call over the list, at its own address; back closes it", async () => {
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

test("Escape, Fermer and a click beside it close it; the list is as it was", async () => {
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
	/* a menu inside closes first */
	await page.click("#sheet .mood-line summary");
	await page.keyboard.press("Escape");
	assert.equal(await page.isVisible("#sheet .mood-note"), false);
	assert.equal(await page.isVisible("#sheet h1"), true);
	await done(page);
});

test("closed and another opened at once: that one stays, the list a step behind", async () => {
	const page = await open();
	await page.evaluate((text) => {
		const sheet = document.getElementById("sheet");
		const other = [...document.querySelectorAll("#rows .subject")].find((a) => a.textContent === text);
		/* after the page's own listener, before the address has gone back */
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

test("reload shows the call's own page, and back from it the list", async () => {
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

test("modified clicks follow the link", async () => {
	const page = await browser.openAs("supervisor", list);
	const [tab] = await Promise.all([page.context().waitForEvent("page"),
		subject(page, "dossier 44-22").click({ modifiers: ["ControlOrMeta"] })]);
	await tab.waitForSelector("main h1");
	assert.equal(path(tab), `${list}/${ids.followed}`);
	assert.equal(page.url(), server.url + list);
	assert.equal(await page.evaluate(() => document.getElementById("sheet").open), false);
	await done(page);
});

test("on to the next call and back to the one before, to the ends of the list", async () => {
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
	// the two first have one title: the end of the steps tells which is there
	await page.locator("[data-step='-1'][aria-disabled='true']").waitFor();
	assert.equal(await page.textContent("#sheet[open] h1"), subjects[0]);
	await page.keyboard.press("Escape");
	await closed(page);
	await page.waitForURL(server.url + list);	// one step back, however many calls
	assert.equal(await focused(page), subjects[0]);
	/* the last row brings more */
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

test("the sound goes on in the dialog from where the row was, and ends with it", async () => {
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

test("a search opens at the second of its words", async () => {
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

test("printed, it is the call to its last word, and the list is not there", async () => {
	const page = await open();
	const paper = execFileSync("pdftotext", ["-raw", "-", "-"], { input: await page.pdf() }).toString();
	assert.match(paper, /Problème de facturation\s+sur le dossier 44-22/);
	assert.match(paper, /C’est noté, bonne journée\./);
	for (const other of [second, "Rechercher", "Fermer", "Télécharger"])
		assert.equal(paper.includes(other), false, other);
	await page.emulateMedia({ media: "print" });
	await screenshot(page, "dialog-print", { fullPage: true });
	await done(page);
});

test("waiting is shown when it lasts, and can be given up", async () => {
	const page = await browser.openAs("supervisor", list);
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

test("a call that has gone meanwhile is the server's to explain, and back is the list", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.route(`**/${ids.serie_3}`, (route) =>
	    route.continue({ url: `${server.url}${list}/01985f3a-7c00-7000-8000-000000000000` }));
	await subject(page, "série numéro 4").click();
	await page.waitForSelector(".problem");
	assert.match(await page.innerText("main"), /Introuvable/);
	await page.waitForLoadState("load");	// its script is what knows the way back
	await page.goBack();
	await page.waitForSelector("#rows .subject");
	await done(page);
});

test("an ended session leads to sign-in, and then to the call", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.context().clearCookies();
	await subject(page, "dossier 44-22").click();
	await page.waitForURL(/\/console\/sign-in\?to=.*recordings/);
	assert.match(decodeURIComponent(page.url()), new RegExp(ids.followed));
	await done(page);
});

for (const [name, look] of Object.entries({ "dialog-dark": dark, "dialog-english": english,
	"dialog-phone": phone, "dialog-phone-dark": { ...phone, ...dark } }))
	test(`${name.replaceAll("-", ", ")}: readable, reachable`, async () => {
		const page = await open(look);
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, name);
		await done(page);
	});
