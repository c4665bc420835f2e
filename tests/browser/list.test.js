// The list of recordings: search and filters while typing and checking
// boxes, the state in the address, playing in a row, more rows, empty and
// failed lists.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, accessible, dark, done, english, followed, forgetCuts, hold, phone, screenshot,
    startWorld, touchable } from "./browser.js";

const list = "/console/recordings";
let server, browser;
before(async () => {
	server = await startWorld();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

// Waits until the list shows this total and is not loading.
const total = (page, text) => page.waitForFunction((wanted) =>
    document.getElementById("total").textContent === wanted &&
    !document.querySelector("[aria-busy]"), text);
const subjects = (page) => page.locator("#rows .subject").allInnerTexts();
const query = (page) => new URL(page.url()).searchParams;

test("the list shows the team's calls, newest first, with people, mood, date and duration", async () => {
	const page = await browser.openAs("supervisor", list);
	await accessible(page);
	await screenshot(page, "list", { fullPage: true });
	assert.match(await page.title(), /^Enregistrements – /);
	assert.equal(await page.innerText(".notice"),
	    "Les enregistrements et les transcriptions sont supprimés après 30 jours.");
	const rows = page.locator("#rows tr");
	assert.equal(await rows.count(), 50);
	assert.match(await rows.nth(0).innerText(), /audio pas encore disponible/);
	assert.match(await rows.nth(1).innerText(), /transcription en cours/);
	const row = rows.filter({ hasText: "dossier 44-22" });
	assert.match(await row.innerText(), /Martel\s+06 13 24 10 88\s+UN\s+Ursule Nadal/);
	assert.match(await row.innerText(), /Énervé/);
	assert.match(await row.innerText(), /\d\d\/\d\d, \d\d:\d\d\s+Entrant · Paris\s+/);
	assert.match(await row.innerText(), /00:36/);
	assert.match(await row.locator(".c-until").innerText(), /^(1er|\d+) \S+$/);
	await done(page);
});

test("HTML in a call's texts is shown as text", async () => {
	const page = await browser.openAs("supervisor", list);
	const row = page.locator("#rows tr").filter({ hasText: "onerror" });
	assert.equal(await row.locator("img, b").count(), 0);
	assert.match(await row.locator(".subject").textContent(),
	    /^<img src=x onerror=alert\(1\)> .*\.\.\/\.\.\/etc "guillemets" & co$/);
	await row.locator(".subject").click();
	await page.waitForSelector("#call .turn-text");
	assert.equal(await page.locator("main img, main b, #call img, #call b").count(), 0);
	assert.match(await page.innerText("#transcript"), /<b>gras<\/b> & "guillemets"/);
	await done(page);
});

test("a pasted sentence is searched by its first twelve words, and the page says so", async () => {
	const twelve = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima";
	for (const [name, look, said] of [["capped", {}, "La recherche porte sur les douze premiers mots différents. Les suivants sont ignorés."],
	    ["capped-phone-dark-english", { ...phone, ...dark, ...english }, "The search uses the first twelve different words. The rest are ignored."]]) {
		const page = await browser.openAs("supervisor", list, look);
		const note = page.locator("#capped");
		assert.equal(await note.isVisible(), false);
		await page.fill("#q", `${twelve} ${twelve} mike november`);
		await note.waitFor();
		assert.equal(await note.innerText(), said);
		await accessible(page);
		await screenshot(page, `list-${name}`);
		await page.fill("#q", `${twelve} lima`);
		await note.waitFor({ state: "hidden" });
		await done(page);
	}
});

test("a search filters while the person types, marks the words, and opens a call at them", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.locator("#q").pressSequentially("quittanc", { delay: 20 });
	await total(page, "1 enregistrement trouvé");
	assert.equal(query(page).get("q"), "quittanc");
	assert.equal(query(page).has("typing"), false);
	await page.locator("#q").pressSequentially("es");
	await page.keyboard.press("Enter");
	await total(page, "1 enregistrement trouvé");
	assert.equal(await page.innerText("#rows mark"), "quittance");
	assert.equal(await page.evaluate(() => document.activeElement.id), "q");
	await accessible(page);
	await screenshot(page, "search");
	await page.click("#rows .subject");
	await page.waitForURL(/\?q=quittances#t=24$/);
	assert.equal(await page.innerText("[aria-current] .turn-text"),
	    "Cette quittance me pose vraiment un problème.");
	assert.deepEqual(await page.evaluate(() => [...CSS.highlights.get("found")].map(String)), ["quittance"]);
	await page.keyboard.press("Escape");
	await page.waitForURL(/\/console\/recordings\?q=quittances$/);
	assert.deepEqual(await subjects(page), ["Problème de facturation sur le dossier 44-22"]);
	await done(page);
});

test("each active filter is shown as a link that removes only it", async () => {
	const page = await browser.openAs("supervisor", `${list}?q=appel&mood=angry&mood=anxious&min_ms=60000` +
	    "&from=2026-01-01&to=2026-12-31&direction=inbound&number=0613241088");
	const chips = () => page.locator("#chips .chip bdi").allInnerTexts();
	assert.deepEqual(await chips(), ["«\u00a0appel\u00a0»", "Énervé", "Anxieux", "Au moins 1 min",
	    "1er janvier – 31 décembre", "Entrant", "Appelant ou appelé\u00a0: 0613241088"]);
	await accessible(page);
	await screenshot(page, "chips");
	await page.getByRole("link", { name: "Retirer le filtre : Énervé" }).click();
	await page.waitForFunction(() => document.querySelectorAll(".chip").length === 6);
	assert.deepEqual(query(page).getAll("mood"), ["anxious"]);
	assert.equal(await page.isChecked("[name=mood][value=angry]"), false);
	assert.equal(await page.evaluate(() => document.activeElement.id), "total");
	await page.getByRole("link", { name: "Retirer le filtre : 1er janvier" }).click();
	await page.waitForFunction(() => document.querySelectorAll(".chip").length === 5);
	assert.equal(query(page).has("from") || query(page).has("to"), false);
	assert.equal(await page.inputValue("#from"), "");
	await page.goBack();
	await page.waitForFunction(() => document.querySelectorAll(".chip").length === 6);
	assert.equal(await page.inputValue("#from"), "2026-01-01");
	await done(page);
});

test("a return to the list restores its rows, scroll position and focused call", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.getByRole("link", { name: "Afficher plus" }).click();
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length > 50);
	const link = page.locator("#rows .subject").nth(60);
	await link.scrollIntoViewIfNeeded();
	const y = await page.evaluate(() => scrollY), subject = await link.textContent();
	const back = async () => {
		await page.waitForFunction((wanted) => document.querySelectorAll("#rows tr").length > 60 &&
		    Math.abs(scrollY - wanted) < 2, y);
	};
	/* back from the call's own page, opened in the same tab */
	await link.focus();
	await page.goto(server.url + await link.getAttribute("href"));
	await page.goBack();
	await back();
	assert.equal(await page.evaluate(() => document.activeElement.textContent), subject);
	/* by the link of the call's page to the list, then a reload */
	await page.locator("#rows .subject").nth(60).evaluate((a) => location.assign(a.href));
	await page.getByRole("link", { name: "Retour aux enregistrements" }).click();
	await back();
	await page.reload();
	await back();
	/* back from another filter */
	await page.click("#mood-summary");
	await page.getByRole("checkbox", { name: "Énervé" }).check();
	await page.waitForURL(/mood=angry/);
	await page.goBack();
	await page.waitForURL(server.url + list);
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length > 60);
	/* a new visit shows the first page from the top */
	await page.goto(`${server.url}${list}?mood=anxious`);
	await page.goto(server.url + list);
	assert.equal(await page.evaluate(() => scrollY), 0);
	assert.equal(await page.locator("#rows tr").count(), 50);
	await done(page);
});

test("a late response to an older search is ignored", async () => {
	const page = await browser.openAs("supervisor", list);
	const late = await hold(page, /[?&]q=facture/);
	await page.fill("#q", "facture");
	await late.requested;
	await page.fill("#q", "quittance");
	await total(page, "1 enregistrement trouvé");
	await late.release();
	assert.deepEqual(await subjects(page), [followed.subject]);
	assert.equal(await page.innerText("#total"), "1 enregistrement trouvé");
	assert.equal(query(page).get("q"), "quittance");
	await done(page);
});

test("more rows requested during a search do not replace its result", async () => {
	const page = await browser.openAs("supervisor", list);
	const search = await hold(page, /[?&]q=quittance/);
	await page.fill("#q", "quittance");
	await search.requested;
	await page.getByRole("link", { name: "Afficher plus" }).click();
	await search.release();
	await total(page, "1 enregistrement trouvé");
	assert.deepEqual(await subjects(page), [followed.subject]);
	await done(page);
});

test("a search typed in parts adds no history entry; its requests carry typing=1, the one after Enter does not", async () => {
	const page = await browser.openAs("supervisor", `${list}?mood=angry`);
	const historyLength = () => page.evaluate(() => history.length);
	const before = await historyLength(), typing = [];
	page.on("request", (request) => request.resourceType() === "xhr" &&
	    typing.push(new URL(request.url()).searchParams.get("typing")));
	for (const [part, whole] of [["quit", "quit"], ["tan", "quittan"], ["ces", "quittances"]]) {
		await page.locator("#q").pressSequentially(part);
		await page.waitForURL(new RegExp(`q=${whole}&mood=angry$`));
	}
	assert.equal(await historyLength(), before);
	assert.deepEqual(typing, ["1", "1", "1"], "what the access log counts as one");
	/* Enter for the same list adds no history entry either */
	const confirmed = page.waitForResponse(/q=quittances&mood=angry$/);
	await page.keyboard.press("Enter");
	await (await confirmed).finished();
	await total(page, "1 enregistrement trouvé");
	assert.equal(await historyLength(), before);
	assert.equal(typing.at(-1), null);
	/* a filter adds a history entry, and Back removes the filter */
	await page.click("#more-summary");
	await page.selectOption("#direction", { label: "Entrant" });
	await page.waitForURL(/direction=inbound/);
	assert.equal(await historyLength(), before + 1);
	await page.goBack();
	await page.waitForURL(/q=quittances&mood=angry$/);
	await done(page);
});

test("fast typing sends one request, and an unchanged total is not announced again", async () => {
	const page = await browser.openAs("supervisor", `${list}?q=quittance`);
	const requests = [];
	page.on("request", (request) => request.resourceType() === "xhr" && requests.push(request.url()));
	await page.evaluate(() => {
		globalThis.announced = 0;
		new MutationObserver(() => { globalThis.announced++; }).observe(document.getElementById("total"),
		    { childList: true, characterData: true, subtree: true });
		for (const text of ["quittances", "quittanc", "quittan", "quittance", "quittances"]) {
			document.getElementById("q").value = text;
			document.getElementById("q").dispatchEvent(new Event("input", { bubbles: true }));
		}
	});
	await page.waitForURL(/q=quittances$/);
	assert.deepEqual(requests.map((url) => new URL(url).searchParams.get("q")), ["quittances"]);
	assert.equal(await page.evaluate(() => globalThis.announced), 0);
	await page.fill("#q", "");
	await page.waitForURL(server.url + list);
	assert.ok(await page.evaluate(() => globalThis.announced) > 0);
	await done(page);
});

test("several moods filter together, with counts, and stay in the address", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.click("#mood-summary");
	const count = async (mood) => Number(await page.innerText(`#count-${mood}`));
	const angry = await count("angry"), anxious = await count("anxious");
	await page.getByRole("checkbox", { name: "Énervé" }).check();
	await total(page, `${angry} enregistrements trouvés`);
	assert.equal(await count("anxious"), anxious, "other moods stay choosable");
	await page.getByRole("checkbox", { name: "Anxieux" }).check();
	await total(page, `${angry + anxious} enregistrements trouvés`);
	await screenshot(page, "menu-moods");
	assert.equal(await page.innerText("#mood-summary"), "2 émotions");
	assert.deepEqual(query(page).getAll("mood"), ["angry", "anxious"]);
	await page.keyboard.press("Escape");
	assert.equal(await page.isVisible(".mood-grid"), false);
	await page.reload();
	await total(page, `${angry + anxious} enregistrements trouvés`);
	assert.equal(await page.locator("[name=mood]:checked").count(), 2);
	await page.goBack();
	await total(page, `${angry} enregistrements trouvés`);
	assert.equal(await page.locator("[name=mood]:checked").count(), 1);
	await done(page);
});

test("a date preset and other filters apply, and one link removes them all", async () => {
	const page = await browser.openAs("supervisor", list);
	const all = await page.innerText("#total");
	await page.click("#date-summary");
	await page.getByRole("link", { name: "7 jours" }).click();
	await page.waitForURL(/from=.*to=/);
	assert.equal(await page.innerText("#date-summary"), "7 jours");
	assert.equal(await page.isVisible("#presets"), false, "its menu has closed");
	assert.equal((Date.parse(query(page).get("to")) - Date.parse(query(page).get("from"))) / 864e5, 6);
	await page.click("#more-summary");
	await page.fill("#number", "06 13 24 10 88");
	await page.waitForURL(/number=06/);
	await page.selectOption("#min_ms", { label: "30 s" });
	await total(page, "1 enregistrement trouvé");
	await page.selectOption("#direction", { label: "Sortant" });
	await total(page, "0 enregistrement trouvé");
	assert.equal(await page.innerText("#more-summary"), "3 autres filtres");
	await accessible(page);
	await screenshot(page, "empty");
	await page.click("#reset a");
	await total(page, all);
	assert.equal(page.url(), server.url + list);
	assert.equal(await page.inputValue("#number"), "");
	await page.click("#date-summary");
	await screenshot(page, "menu-date");
	await done(page);
});

test("a typed date is requested only once its year is complete", async () => {
	const page = await browser.openAs("supervisor", list);
	const requests = [];
	page.on("request", (request) => request.resourceType() === "xhr" &&
	    requests.push(new URL(request.url()).searchParams.get("from")));
	await page.click("#date-summary");
	await page.locator("#from").pressSequentially("01012026");
	await page.waitForURL(/from=2026-01-01$/);
	assert.deepEqual(requests, ["2026-01-01"]);
	await done(page);
});

test("a contradictory filter shows the server's explanation; a later network failure replaces it", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.click("#more-summary");
	await page.selectOption("#min_ms", { label: "1 h" });
	await page.selectOption("#max_ms", { label: "30 s" });
	await page.waitForSelector("#failed:not([hidden])");
	assert.match(await page.innerText("#failed"), /La durée maximale est plus petite/);
	await page.context().setOffline(true);
	await page.selectOption("#max_ms", { label: "1 h" });
	await page.locator("#failed", { hasText: "Vérifiez votre connexion" }).waitFor();
	await page.context().setOffline(false);
	forgetCuts(page);
	await done(page);
});

test("more rows are appended, and the first of them gets the focus", async () => {
	const page = await browser.openAs("supervisor", list);
	const before = await subjects(page);
	await page.getByRole("link", { name: "Afficher plus" }).click();
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length > 50);
	const now = await subjects(page);
	assert.deepEqual(now.slice(0, 50), before);
	assert.equal(await page.innerText("#total"), `${now.length} enregistrements`);
	assert.equal(await page.evaluate(() => document.activeElement.textContent), now[50]);
	await done(page);
});

test("a row found by a word says where it was said and how often, and plays from there", async () => {
	const page = await browser.openAs("supervisor", `${list}?q=pose+fenêtres`);
	const row = page.locator("#rows tr").filter({ hasText: "dossier 44-22" });
	assert.equal((await row.locator(".snippet").innerText()).replace(/\s+/g, " "), "00:12 On m’a compté une pose supplémentaire. · 3 passages");
	await accessible(page);
	await screenshot(page, "list-passages");
	const link = row.locator(".listen");
	assert.match(await link.innerText(), /00:12 — 00:36$/);
	assert.match(await link.getAttribute("href"), /audio\.mp3#t=12$/);
	await link.click();
	await page.waitForFunction(() =>
	    /^00:1[3-9] — 00:36$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	await done(page);
	for (const [name, options] of [["dark", dark], ["phone", phone], ["phone-dark", { ...phone, ...dark }]]) {
		const other = await browser.openAs("supervisor", `${list}?q=pose+fenêtres`, options);
		await screenshot(other, `list-passages-${name}`);
		await done(other);
	}
	const inEnglish = await browser.openAs("supervisor", `${list}?q=pose+fenêtres`, english);
	assert.match(await inEnglish.locator(".snippet").first().innerText(), /^00:12 .* · 3 matches$/s);
	await done(inEnglish);
});

test("a row plays its audio in the list, one row at a time", async () => {
	const page = await browser.openAs("supervisor", list);
	const link = page.locator("#rows tr").filter({ hasText: "dossier 44-22" }).locator(".listen");
	await link.click();
	await page.waitForFunction(() =>
	    /^00:0[1-9] — 00:36$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	await screenshot(page, "list-playing");
	await page.locator("#rows tr").filter({ hasText: "Facture contestée" }).locator(".listen").click();
	await page.waitForFunction(() =>
	    /— 00:04$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	assert.equal(await page.locator(".is-playing").count(), 1);
	assert.equal(await link.locator(".listen-time").innerText(), "00:00 — 00:36");
	assert.equal(await page.locator(".listen-seek:visible").count(), 1);
	// scrolled up, so that the sticky filters cover no row halfway
	await page.evaluate(() => scrollTo(0, 0));
	await accessible(page);
	/* by keyboard: Space plays and pauses, the slider seeks */
	await link.focus();
	await page.keyboard.press(" ");
	await page.waitForFunction(() =>
	    /— 00:36$/.test(document.querySelector(".is-playing .listen-time")?.textContent));
	const bar = page.locator(".listen-seek:visible");
	await bar.focus();
	for (const key of ["Home", "ArrowRight", "ArrowUp"])
		await page.keyboard.press(key);
	assert.match(await bar.getAttribute("aria-valuetext"), /^1\d.secondes sur 36 secondes$/);
	await link.focus();
	await page.keyboard.press(" ");
	await page.waitForFunction(() => !document.querySelector(".is-playing"));
	assert.match(await link.innerText(), /^Écouter\s: Problème/);
	assert.equal(page.url(), server.url + list);
	await done(page);
});

test("a click anywhere on a row opens its call", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.locator("#rows tr").filter({ hasText: "dossier 44-22" }).locator(".c-date").click();
	await page.waitForSelector("h1 >> text=Problème de facturation");
	await done(page);
});

test("dragging over a row's text selects it and opens no call", async () => {
	const page = await browser.openAs("supervisor", list);
	const { x, y, width, height } = await page.locator("#rows tr").filter({ hasText: "dossier 44-22" })
	    .locator(".c-date time").boundingBox();
	await page.mouse.move(x + 1, y + height / 2);
	await page.mouse.down();
	await page.mouse.move(x + width - 1, y + height / 2, { steps: 4 });
	await page.mouse.up();
	assert.notEqual(await page.evaluate(() => getSelection().toString()), "");
	assert.equal(page.url(), server.url + list);
	/* a click elsewhere on the row ends the selection and opens the call */
	await page.locator("#rows tr").filter({ hasText: "dossier 44-22" }).locator(".c-until").click();
	await page.waitForSelector("#sheet[open] h1");
	await done(page);
});

test("audio stops when its row leaves the list", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.locator("#rows tr").filter({ hasText: "dossier 44-22" }).locator(".listen").click();
	await page.waitForSelector(".is-playing");
	const paused = () => page.evaluate(() => [...document.querySelectorAll("audio")].map((a) => a.paused));
	assert.deepEqual(await paused(), [false]);
	await page.fill("#q", "colis");
	await page.waitForURL(/q=colis$/);
	assert.deepEqual(await paused(), [true]);
	await done(page);
});

test("offline, the list shows an error and keeps its rows", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.context().setOffline(true);
	await page.fill("#q", "facture");
	await page.waitForSelector("#failed:not([hidden])");
	assert.equal(await page.locator("#rows tr").count(), 50);
	await page.context().setOffline(false);
	await page.fill("#q", "quittance");
	await total(page, "1 enregistrement trouvé");
	assert.equal(await page.isVisible("#failed"), false);
	forgetCuts(page);
	await done(page);
});

test("an ended session leads to sign-in", async () => {
	const page = await browser.openAs("supervisor", list);
	await page.context().clearCookies();
	await page.fill("#q", "facture");
	await page.waitForURL(/\/console\/sign-in/);
	await done(page);
});

test("the board lists a person's own calls, without links to the console", async () => {
	const page = await browser.openAs("user", "/board/recordings");
	assert.equal(await page.innerText("h1"), "Mes enregistrements");
	assert.deepEqual((await subjects(page)).sort(), ["Appel de 06 13 24 10 88", "Appel de 06 13 24 10 88",
	    "Facture contestée", "Livraison réussie", "Problème de facturation sur le dossier 44-22"]);
	assert.equal(await page.locator("a[href^='/console']").count(), 0);
	assert.equal(await page.locator("#site-summary").count(), 0);
	await accessible(page);
	await screenshot(page, "board");
	await done(page);
});

for (const [name, look] of Object.entries({ "list-english": english, "list-dark": dark,
	"list-phone": phone, "list-phone-dark-english": { ...phone, ...dark, ...english } }))
	test(`${name.replaceAll("-", ", ")}: accessible`, async () => {
		const page = await browser.openAs("supervisor", `${list}?limit=20`, look);
		assert.equal(await page.innerText("h1"), look.locale ? "Recordings" : "Enregistrements");
		await accessible(page);
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, name);
		await page.click("#mood-summary");
		await accessible(page, "#filters");
		if (look.isMobile)
			await touchable(page);
		await screenshot(page, `${name}-moods`);
		await done(page);
	});

test("an empty result has a link that resets the filters", async () => {
	const page = await browser.openAs("stranger", "/console/recordings?mood=grateful");
	assert.match(await page.innerText("#results"), /Aucun enregistrement ne correspond/);
	await page.getByRole("link", { name: "Réinitialiser les filtres" }).first().click();
	await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1);
	await done(page);
});

test("on a narrow phone the navigation fits the window, and each filter link is on one line", async () => {
	for (const width of [320, 390]) {
		const page = await browser.openAs("supervisor", `${list}?mood=angry&q=facture&direction=inbound`,
		    { ...phone, viewport: { width, height: 700 } });
		assert.deepEqual(await page.locator(".mainnav a").evaluateAll((links) => links.filter((link) => {
			const { left, right } = link.getBoundingClientRect();
			return left < 0 || right > innerWidth || link.scrollWidth > link.clientWidth;
		}).map((link) => link.textContent)), [], `${width}`);
		assert.deepEqual(await page.locator(".chip").evaluateAll((chips) =>
		    chips.map((chip) => chip.querySelector("bdi").getClientRects().length)), [1, 1, 1]);
		await done(page);
	}
});
