// Creating an account and resetting a password with a link sent by e-mail, and
// the page of a person's sessions, in several looks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { Smtp } from "../lib/smtp.js";
import { Browser, accessible, dark, done, english, noScript, people, phone, screenshot, touchable }
    from "./browser.js";

let server, browser, smtp, jobs, database;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.command(["account", "create", "alpha", "nina", "--site", "paris", "--first-name", "Nina",
	    "--last-name", "Neuve", "--email", "nina@alpha.test"]);
	await database.command(["account", "create", "beta", "nina", "--site", "brest", "--first-name", "Nina",
	    "--last-name", "Neuve", "--email", "nina@alpha.test"]);
	smtp = await new Smtp().start();
	server = await startServer({ database, settings: smtp.settings });
	jobs = await startJobs(server);
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await jobs?.stop();
	await smtp?.stop();
	await server?.stop();
});

const link = async (to, subject) => /https:\/\/record\.test:8443(\S+\/[0-9a-f]{64})$/m.exec(
    (await smtp.mail(to, subject)).text)[1];
const newPassword = "une phrase qui n’est qu’à moi";

test("an account is created on a phone, dark, without script", async () => {
	const page = await browser.open("/board/sign-in", { ...phone, ...dark, ...noScript });
	await page.getByRole("link", { name: "Créer mon compte OnePass" }).click();
	await page.waitForURL("**/board/invitations");
	await screenshot(page, "onepass-ask-phone-dark");
	await page.fill("#email", "nina@alpha.test");
	await page.getByRole("button", { name: "Recevoir un lien" }).click();
	await page.waitForURL("**?sent=1");
	await screenshot(page, "onepass-sent-phone-dark");
	await page.goto(await link("nina@alpha.test", /Créez votre compte/));
	await screenshot(page, "onepass-choose-phone-dark");
	await page.fill("#password", "azertyuiopqsdfghj");
	await page.getByRole("button", { name: "Créer mon compte" }).click();
	assert.match(await page.locator("[role=alert]").innerText(), /trop courant/);
	assert.equal(await page.inputValue("#username"), "nina@alpha.test");
	await page.fill("#password", newPassword);
	await page.getByRole("button", { name: "Créer mon compte" }).click();
	await page.waitForURL("**/board/recordings");
	await done(page);
});

test("each page is accessible, on a desktop and on a phone in English", async () => {
	for (const [name, look] of Object.entries({ desktop: {}, "phone-english": { ...phone, ...english } })) {
		const page = await browser.open("/console/password-resets", look);
		const checkPage = async (what) => {
			await accessible(page);
			if (look.isMobile)
				await touchable(page);
			await screenshot(page, `onepass-${what}-${name}`);
		};
		await checkPage("ask");
		await page.fill("#email", people.supervisor.email);
		await page.keyboard.press("Enter");
		await page.waitForURL("**?sent=1");
		await checkPage("sent");
		await page.goto(await link(people.supervisor.email, /nouveau mot de passe|new OnePass password/));
		await checkPage("choose");
		await page.fill("#password", "too short");
		await page.evaluate(() => document.querySelector("#password").removeAttribute("minlength"));
		await page.keyboard.press("Enter");
		await page.waitForSelector("[role=alert]");
		assert.equal(await page.evaluate(() => document.activeElement.id), "password");
		await checkPage("refused");
		await page.fill("#password", newPassword);
		await page.keyboard.press("Enter");
		await page.waitForSelector(".person");
		await page.goto("/console/password");
		await checkPage("password");
		await page.click(".person summary");
		await page.getByRole("link", { name: /Mes sessions|My sessions/ }).click();
		await page.waitForURL("**/console/sessions");
		await checkPage("sessions");
		await done(page);
	}
});

test("the menu switches to another customer; the sessions page ends all other sessions", async () => {
	const openSessions = async (look) => {
		const page = await browser.open("/board/sign-in?to=/board/sessions", look);
		await page.fill("#email", "nina@alpha.test");
		await page.fill("#password", newPassword);
		await page.keyboard.press("Enter");
		await page.waitForSelector(".session");
		return page;
	};
	// she has used the link of the other customer, too
	await database.sql(`update account a set person_id = p.id, entered = true from person p
		where p.email = 'nina@alpha.test' and a.email = p.email and a.person_id is null`);
	const here = await openSessions(), there = await openSessions({ ...phone, ...dark });
	await here.reload();
	await screenshot(here, "onepass-sessions-several");
	for (const page of [here, there]) {
		await page.click(".person summary");
		await accessible(page, ".person");
		await screenshot(page, `person-customers-${page === here ? "desktop" : "phone-dark"}`);
	}
	await touchable(there);
	await there.getByRole("button", { name: "Passer à beta", exact: true }).click();
	await there.waitForURL("**/board/recordings");
	await there.click(".person summary");
	assert.equal(await there.getByRole("button", { name: "Passer à alpha" }).isVisible(), true);
	await here.click(".person summary");
	await here.getByRole("button", { name: "Fermer toutes les autres sessions" }).click();
	await here.waitForSelector(".session:only-child");
	await there.reload();
	await there.waitForURL("**/board/sign-in?to=**");
	await done(there);
	await done(here);
});
