// Sign-in and sign-out in a browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { password } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";
import { Browser, accessible, dark, done, english, noScript, people, phone, screenshot, signIn }
    from "./browser.js";

let server, browser;
before(async () => {
	server = await startServer();
	browser = await Browser.start(server);
});
after(async () => {
	await browser?.stop();
	await server?.stop();
});

test("a wrong password shows an error and keeps the e-mail address; the right one signs in", async () => {
	const page = await browser.open("/console/recordings");
	await accessible(page);
	await screenshot(page, "sign-in");
	await page.fill("[name=email]", people.supervisor.email);
	await page.fill("[name=password]", "not the password");
	await page.keyboard.press("Enter");
	const alert = page.locator("[role=alert]");
	assert.equal((await alert.innerText()).trim(),
	    "L’adresse e-mail ou le mot de passe ne convient pas.");
	assert.equal(await page.inputValue("[name=email]"), people.supervisor.email);
	assert.equal(await page.inputValue("[name=password]"), "");
	assert.equal(await page.evaluate(() => document.activeElement.id), "password");
	await accessible(page);
	await screenshot(page, "sign-in-refused");
	await page.fill("[name=password]", password);
	await page.keyboard.press("Enter");
	await page.waitForURL("**/console/recordings");
	await done(page);
});

test("the password can be pasted, shown and hidden", async () => {
	const page = await browser.open("/board/sign-in", { permissions: ["clipboard-read", "clipboard-write"] });
	await page.evaluate((text) => navigator.clipboard.writeText(text), password);
	await page.focus("#password");
	await page.keyboard.press("Control+V");
	assert.equal(await page.inputValue("#password"), password);
	await page.click("text=Mot de passe OnePass");
	await page.getByRole("button", { name: "Afficher le mot de passe" }).click();
	assert.equal(await page.getAttribute("#password", "type"), "text");
	await page.getByRole("button", { name: "Masquer le mot de passe" }).click();
	assert.equal(await page.getAttribute("#password", "type"), "password");
	/* a shown password is sent from a field of type password, because
	 * browsers store the values of text fields as suggestions */
	await page.getByRole("button", { name: "Afficher le mot de passe" }).click();
	await page.evaluate(() => document.querySelector("#password").form.addEventListener("submit",
	    () => sessionStorage.setItem("sent", document.querySelector("#password").type)));
	await page.fill("[name=email]", "nobody@alpha.test");
	await page.keyboard.press("Enter");
	await page.waitForSelector("[role=alert]");
	assert.equal(await page.evaluate(() => sessionStorage.getItem("sent")), "password");
	await done(page);
});

test("sign-out removes the stored positions of lists, and Back leads to sign-in", async () => {
	const page = await browser.openAs("user", "/board/recordings?q=facture");
	const positions = () => page.evaluate(() => sessionStorage.getItem("smartrecord.places"));
	await page.goto("/board/help");
	assert.match(await positions(), /q=facture/, "where one was, for the way back");
	await page.click(".person summary");
	await screenshot(page, "person-menu");
	await page.getByRole("button", { name: "Se déconnecter" }).click();
	await page.waitForURL("**/board/sign-in?bye=1");
	assert.match(await page.innerText("main"), /Vous êtes déconnecté/);
	assert.equal(await positions(), null);
	await page.goBack();
	await page.waitForURL(/sign-in/);
	await done(page);
});

test("an administrator starts at the accounts, and reaches their own recordings from the menu and the error page", async () => {
	const page = await browser.openAs("administrator", "/console");
	await page.waitForURL("**/console/accounts");
	assert.equal(await page.getByRole("link", { name: "Enregistrements", exact: true }).count(), 0);
	await page.click(".person summary");
	await page.getByRole("link", { name: "Mes enregistrements" }).click();
	await page.waitForURL("**/board/recordings");
	assert.match(await page.innerText("#rows"), /Accès au portail/);
	await page.goto("/console/recordings");
	assert.match(await page.innerText("main"), /Accès refusé/);
	await accessible(page);
	await screenshot(page, "refused");
	await page.getByRole("link", { name: "Voir mes enregistrements" }).click();
	await page.waitForURL("**/board/recordings");
	await done(page);
});

test("the language is the browser's, or the one that the person chose", async () => {
	const page = await browser.open("/console/sign-in?to=/console/recordings", english);
	assert.equal(await page.getAttribute("html", "lang"), "en");
	await page.getByRole("button", { name: "FR" }).click();
	await page.waitForSelector("html[lang=fr]");
	await signIn(page, "supervisor");
	await page.waitForURL("**/console/recordings");
	await done(page);
});

test("sign-in without script, on a phone, dark", async () => {
	const page = await browser.open("/console/sign-in", { ...noScript, ...phone, ...dark });
	await screenshot(page, "sign-in-phone-dark");
	assert.equal(await page.isVisible("[data-reveal]"), false);
	await signIn(page, "user");
	await page.waitForURL("**/board/recordings");
	await done(page);
});
