// The tab Activation and the help in a browser: changes of accounts and search,
// with and without script, on a desktop and a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, cutScripts, dark, done, english, forgetCuts, hold, noScript, phone, screenshot,
    touchable } from "./browser.js";

const tab = "/console/telephony/activation";
let server, browser, database;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.sql(`insert into account_number (tenant_id, account_id, number, kind)
		select tenant_id, id, '+3318025' || to_char(id, 'FM0000'), 'fixed' from account;
		insert into account_number (tenant_id, account_id, number, kind)
		select tenant_id, id, '+33639980111', 'mobile' from account where key = 'colleague';
		update account set recording_active = true where key in ('supervisor', 'limited', 'colleague');
		update account set recording_mode = 'on_demand' where key = 'limited';
		update operator set contact = 'aide@smart.test'`);
	server = await startServer({ database });
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

const state = (key) => database.sql(`select case when recording_active then recording_mode else 'off' end
	from account where key = '${key}'`);
const row = (page, name) => page.locator(".hosted tbody tr", { hasText: name });
const said = (page, text) => page.locator("#said", { hasText: text }).waitFor();

test("a tick and a mode are saved at once, and a search filters while the person types", async () => {
	const page = await browser.openAs("supervisor", "/console/telephony");
	await page.click(".tile");
	await page.waitForURL(tab);
	assert.equal(await page.isVisible("#save"), false);
	const box = row(page, "Ursule").getByRole("checkbox");
	await box.focus();
	await page.keyboard.press("Space");
	await said(page, "1 compte activé.");
	assert.equal(await state("user"), "always");
	// the row was replaced, and its checkbox still has the focus
	assert.equal(await page.evaluate(() => document.activeElement.name), "active");
	await row(page, "Ursule").getByRole("combobox").selectOption("on_demand");
	await said(page, "1 compte passé en mode A la demande.");
	assert.equal(await state("user"), "on_demand");
	await box.uncheck();
	await said(page, "1 compte désactivé.");
	await row(page, "Ursule").locator("select").waitFor({ state: "detached" });
	assert.equal(await state("user"), "off");

	await page.fill("#q", "chloe");
	await page.locator("#summary", { hasText: "1 compte trouvé" }).waitFor();
	assert.equal(await row(page, "").count(), 1);
	await page.waitForURL(/q=chloe/);
	await page.selectOption("#all", "on_demand");
	await page.click("button[name=apply]");
	await said(page, "1 compte passé en mode A la demande.");
	assert.equal(await page.evaluate(() => document.activeElement.id), "apply");
	assert.equal(await state("colleague"), "on_demand");
	assert.equal(await state("supervisor"), "always");

	// a change that fails to be saved is undone on the page
	await page.route("**/accounts/recording", (route) => route.abort());
	await row(page, "Chloé").getByRole("combobox").selectOption("always");
	await page.locator("#failed", { hasText: "n’a pas pu être enregistré" }).waitFor();
	await page.waitForFunction(() => document.querySelector(".c-mode select").value === "on_demand");
	await screenshot(page, "activation-failed");
	forgetCuts(page);
	await done(page);
});

test("a change made while another is being saved is sent after it", async () => {
	const page = await browser.openAs("administrator", tab);
	const sent = [];
	page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
	const first = await hold(page, /\/accounts\/recording$/);
	await row(page, "Adèle").getByRole("checkbox").check();
	await first.requested;
	await row(page, "Luc").getByRole("checkbox").uncheck();
	await page.evaluate(() => 0);
	assert.equal(sent.length, 1, "one at a time");
	await first.release();
	await said(page, "1 compte désactivé.");
	assert.deepEqual([await state("administrator"), await state("limited")], ["always", "off"]);
	await done(page);
});

test("the last search wins, adds no history entry, and shows a failure", async () => {
	const page = await browser.openAs("supervisor", tab);
	const entries = await page.evaluate(() => history.length);
	const late = await hold(page, /[?&]q=chloe/);
	await page.fill("#q", "chloe");
	await late.requested;
	await page.fill("#q", "yvan");
	await page.locator("#summary", { hasText: "1 compte trouvé" }).waitFor();
	await late.release();
	assert.equal(await row(page, "Yvan").count(), 1);
	assert.match(page.url(), /q=yvan/);
	assert.equal(await page.evaluate(() => history.length), entries);
	const restore = await cutScripts(page, /[?&]q=/);
	await page.fill("#q", "ursule");
	await page.locator("#failed", { hasText: "La liste n’a pas pu être mise à jour" }).waitFor();
	await restore();
	await page.fill("#q", "chloe");
	await row(page, "Chloé").waitFor();
	assert.equal(await page.isVisible("#failed"), false);
	forgetCuts(page);
	await done(page);
});

test("a tick after the session has ended leads to sign-in", async () => {
	const page = await browser.openAs("supervisor", tab);
	await page.context().clearCookies();
	await row(page, "Chloé").getByRole("checkbox").click();
	await page.waitForURL(/\/console\/sign-in/);
	await done(page);
});

test("without script: one button saves all changes of the form", async () => {
	const page = await browser.openAs("administrator", tab, noScript);
	await row(page, "Yvan").getByRole("checkbox").check();
	await row(page, "Ursule").getByRole("checkbox").check();
	await page.selectOption("#site", { label: "Paris" });
	await page.click("#save");
	await page.waitForURL(/saved=1/);
	assert.equal((await page.innerText("#said")).trim(), "2 comptes activés.");
	// an account that is activated again keeps its mode
	assert.deepEqual([await state("lyonnais"), await state("user")], ["always", "on_demand"]);
	await screenshot(page, "activation-no-script");
	await page.selectOption("#site", { label: "Paris" });
	await page.click("#find button");
	await page.waitForURL(/site=[0-9a-f]/);
	assert.equal(await row(page, "Yvan").count(), 0);
	await done(page);
});

for (const [name, look] of Object.entries({ "": {}, "-phone-dark-english": { ...phone, ...dark, ...english } }))
	test(`activation, services and help are accessible${name}`, async () => {
		const page = await browser.openAs("supervisor", tab, look);
		for (const [address, title] of [[tab, "activation"], ["/console/telephony", "services"], ["/console/help", "help"]]) {
			await page.goto(address);
			await accessible(page);
			if (look.isMobile)
				await touchable(page);
			await screenshot(page, `${title}${name}`, { fullPage: title === "help" });
		}
		await done(page);
	});
