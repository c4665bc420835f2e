// An operator's brand: name and colour of its pages after sign-in and, on
// its own host, before; the style sheet made from the colour; the contact.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

let server;
before(async () => {
	const database = await freshDatabase({ fixtures: true });
	await database.sql(`update operator set color = '#0b6e63', host = '127.0.0.1',
		contact = 'aide@autre.test' where key = 'autre'`);
	server = await startServer({ database });
});
after(() => server?.stop());

test("the style sheet has the colour's tones for light and dark, and may be cached", async () => {
	const client = server.client();
	const answer = await client.get("/brand/0b6e63.css");
	assert.equal(answer.status, 200);
	assert.equal(answer.headers["content-type"], "text/css; charset=utf-8");
	assert.equal(answer.headers["cache-control"], "public, max-age=86400");
	assert.match(answer.text, /^:root\{--brand:#0b6e63;--brand-strong:#[0-9a-f]{6};--brand-ink:#ffffff;/);
	assert.match(answer.text, /prefers-color-scheme:dark\)\{:root\{--brand:#[0-9a-f]{6};/);
	client.close();
});

test("a path without a valid colour: 404", async () => {
	const client = server.client();
	for (const file of ["red.css", "0B6E63.css", "0b6e63", "0b6e63.js", "0b6e633.css",
		"%7D*%7Bx%3A.css", "../app.css"])
		assert.equal((await client.get(`/brand/${file}`)).status, 404, file);
	client.close();
});

test("pages show the brand of the customer's operator", async () => {
	const stranger = await server.client().signIn(people.stranger.email);
	const page = (await stranger.get("/console/recordings")).text;
	assert.match(page, /<link rel="stylesheet" href="\/brand\/0b6e63\.css">/);
	assert.match(page, /brand-operator">Autre Télécom</);
	const statement = (await stranger.get("/board/accessibility")).text;
	assert.match(statement, /Autre Télécom, <a href="mailto:aide@autre\.test">/);
	stranger.close();
	const supervisor = await server.client().signIn(people.supervisor.email);
	const other = (await supervisor.get("/console/recordings")).text;
	assert.doesNotMatch(other, /\/brand\//);
	assert.match(other, /brand-operator">Smart Telecom</);
	supervisor.close();
});

test("before sign-in pages show the brand of the host's operator, on other hosts the product's own", async () => {
	const client = server.client();
	const on = async (host, path) => (await client.get(path, { host })).text;
	assert.match(await on("127.0.0.1", "/console/sign-in"),
	    /\/brand\/0b6e63\.css[^]*brand-operator">Autre Télécom</);
	assert.match(await on("127.0.0.1", "/console/accessibility"), /aide@autre\.test/);
	const own = await on(`localhost:${server.port}`, "/console/sign-in");
	assert.doesNotMatch(own, /\/brand\//);
	assert.match(own, /brand-operator">Smart Record AI</);
	client.close();
});

test("the accessibility statement is in both languages, and every page links to it", async () => {
	const client = server.client();
	assert.match((await client.get("/console/accessibility")).text, /Aucun tiers ne l’a audité/);
	assert.match((await client.get("/board/accessibility", { "accept-language": "en" })).text,
	    /No third party has audited it/);
	for (const path of ["/console/sign-in", "/board/sign-in", "/console/nowhere"])
		assert.match((await client.get(path)).text, /href="\/(console|board)\/accessibility"/, path);
	client.close();
});
