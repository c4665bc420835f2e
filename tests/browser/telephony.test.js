// Who is recorded, and the help: ticked, chosen and looked for with script and
// without, readable and reachable on every screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, touchable } from "./browser.js";

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

test("a tick and a mode take effect at once, a search as one types", async () => {
	const page = await browser.openAs("supervisor", "/console/telephony");
	await page.click(".tile");
	await page.waitForURL(tab);
	assert.equal(await page.isVisible("#save"), false);
	const box = row(page, "Ursule").getByRole("checkbox");
	await box.focus();
	await page.keyboard.press("Space");
	await said(page, "1 compte activé.");
	assert.equal(await state("user"), "always");
	// the focus has stayed, on a row that was made anew
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

	// what cannot be saved is not shown as if it were
	await page.route("**/accounts/recording", (route) => route.abort());
	await row(page, "Chloé").getByRole("combobox").selectOption("always");
	await page.locator("#failed", { hasText: "n’a pas pu être enregistré" }).waitFor();
	await page.waitForFunction(() => document.querySelector(".c-mode select").value === "on_demand");
	await screenshot(page, "activation-failed");
	page.troubles = page.troubles.filter((t) => !/ERR_FAILED/.test(t));
	await done(page);
});

test("without script: a form with one button", async () => {
	const page = await browser.openAs("administrator", tab, noScript);
	await row(page, "Yvan").getByRole("checkbox").check();
	await row(page, "Ursule").getByRole("checkbox").check();
	await page.selectOption("#site", { label: "Paris" });
	await page.click("#save");
	await page.waitForURL(/saved=1/);
	assert.equal((await page.innerText("#said")).trim(), "2 comptes activés.");
	// the mode that it had
	assert.deepEqual([await state("lyonnais"), await state("user")], ["always", "on_demand"]);
	await screenshot(page, "activation-no-script");
	await page.selectOption("#site", { label: "Paris" });
	await page.click("#find button");
	await page.waitForURL(/site=\d/);
	assert.equal(await row(page, "Yvan").count(), 0);
	await done(page);
});

for (const [name, look] of Object.entries({ "": {}, "-phone-dark-english": { ...phone, ...dark, ...english } }))
	test(`each page${name}`, async () => {
		const page = await browser.openAs("supervisor", tab, look);
		for (const [place, title] of [[tab, "activation"], ["/console/telephony", "services"], ["/console/help", "help"]]) {
			await page.goto(place);
			await accessible(page);
			if (look.isMobile)
				await touchable(page);
			await screenshot(page, `${title}${name}`, { fullPage: title === "help" });
		}
		await done(page);
	});
