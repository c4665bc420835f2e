// What waits for a second person, in a browser: the list, its decision, the
// notices, the account's page, the empty list, the contract holder's page; in
// several looks and without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accountIds, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, dark, done, english, noScript, phone, screenshot, touchable } from "./browser.js";

let server, browser, ids, admin, database;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.command(["account", "create", "alpha", "claire", "--site", "lyon", "--first-name", "Claire",
	    "--last-name", "de La Rochefoucauld-Montmorency", "--email", "claire.de-la-rochefoucauld@alpha.test"]);
	ids = await accountIds(database);
	server = await startServer({ database });
	browser = await Browser.start(server);
	admin = await server.client().signIn(people.administrator.email);
});
after(async () => {
	admin?.close();
	await browser?.stop();
	await server?.stop();
});

// An administrator gives a profile and imports a file.
async function ask() {
	await database.sql("delete from confirmation");
	const { version } = (await admin.get(`/api/v1/accounts/${ids.claire}`)).json().administration;
	await admin.send("PUT", `/api/v1/accounts/${ids.claire}/profiles`, { json: { supervisor: "all", administrator: true, version } });
	const csv = "key,last_name,first_name,email,site,fixed\nnew,Durand,Éva,eva.durand@alpha.test,lyon,0180250001 / 201\n" +
	    "limited,,,luc.perrin@exemple.test,,\nuser,,,,,0180250002";
	const { digest } = (await admin.post("/api/v1/accounts/imports", { json: { csv } })).json();
	await admin.post("/api/v1/accounts/imports", { json: { csv, digest } });
}

const looks = { desktop: {}, phone, "phone-dark": { ...phone, ...dark }, "dark-english": { ...dark, ...english } };
for (const [name, look] of Object.entries(looks))
	test(`confirmations are accessible: ${name}`, async () => {
		await ask();
		await database.sql(`delete from right_notice; insert into right_notice (tenant_id, reader_id, account_id, profile)
			select r.tenant_id, r.id, a.id, 'supervisor' from account r join account a on a.key = 'lyonnais'
			where r.key = 'supervisor'`);
		const check = async (page, what) => {
			await accessible(page);
			if (look.isMobile)
				await touchable(page);
			await screenshot(page, `confirm-${what}-${name}`, { fullPage: true });
		};
		const own = await browser.openAs("administrator", "/console/confirmations", look);
		assert.equal(await own.locator("button[value=confirmed]").count(), 0);
		await check(own, "own");
		await own.goto(`/console/accounts/${ids.claire}?done=waits`);
		await check(own, "account");
		const page = await browser.openAs("supervisor", "/console/accounts", look);
		await check(page, "accounts");
		await page.click(".alert.calm a");
		await page.waitForSelector(".confirm-act");
		await check(page, "list");
		await page.click(".confirm-notice button");
		await page.waitForSelector(".confirm-notices", { state: "detached" });
		for (let left = 2; left > 0; left--) {
			await page.locator("button[value=confirmed]").first().click();
			await page.waitForSelector(".done");
			assert.equal(await page.locator(".confirm-act").count(), left - 1);
		}
		await page.goto("/console/confirmations");
		await page.waitForSelector(".confirm-notices, .empty");
		await check(page, "empty");
		await done(page);
		await done(own);
		await database.command(["account", "profile", "alpha", "claire", "--no-supervisor", "--no-administrator"]);
		await database.sql(`update account set email = '${people.limited.email}', person_id = (select id from person
			where email = '${people.limited.email}') where key = 'limited'; delete from account where key = 'new';
			delete from account_number where number = '+33180250002'`);
	});

test("the contract holder decides by a link, without script and without an account", async () => {
	await ask();
	await database.command(["tenant", "set", "alpha", "--contract-email", "titulaire@exemple.test"]);
	const secret = "c".repeat(64);
	await database.sql(`insert into confirmation_link select sha256('${secret}'), tenant_id, id, now() + interval '14 days'
		from confirmation where kind = 'rights' and outcome is null`);
	const target = `/console/confirmation-links/${secret}`;
	const looked = await browser.open(target, phone);
	await accessible(looked);
	await touchable(looked);
	await screenshot(looked, "confirm-holder", { fullPage: true });
	await done(looked);
	const page = await browser.open(target, { ...phone, ...noScript });
	await page.click("button[value=refused]");
	await page.waitForSelector(".done");
	await screenshot(page, "confirm-holder-done", { fullPage: true });
	await done(page);
});
