// Operators' hosts: the console and the board on different hosts, each
// with its certificate; the board's host serves no page or API of the
// console; former hosts redirect; people of other operators can't sign in.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { Client } from "../lib/client.js";
import { people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { isRoot } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const names = ["console.smart.test", "board.smart.test", "old.smart.test", "autre.test"];
// A PNG of one pixel.
const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=", "base64");
let server, database, ids, dir;
const clients = [];

function certificate(name) {
	const file = (end) => path.join(dir, `${name}.${end}`);
	execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
	    "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`,
	    "-out", file("pem"), "-keyout", file("key")], { stdio: "ignore" });
	if (isRoot)
		execFileSync("chmod", ["644", file("key")]);
}

function on(host) {
	const client = new Client(server, { host,
		ca: [server.ca, ...names.map((n) => readFileSync(path.join(dir, `${n}.pem`)))] });
	clients.push(client);
	return client;
}

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-hosts-"));
	execFileSync("chmod", ["755", dir]);
	names.forEach(certificate);
	database = await freshDatabase({ fixtures: true });
	ids = await recordingIds(database);
	writeFileSync(path.join(dir, "logo.png"), png);
	await database.command(["operator", "set", "smart", "--host", "Console.smart.test",
	    "--board-host", "board.smart.test", "--old-host", "old.smart.test",
	    "--logo", path.join(dir, "logo.png")]);
	await database.command(["operator", "set", "autre", "--host", "autre.test"]);
	server = await startServer({ database, settings: { tls_dir: dir } });
});
after(async () => {
	clients.forEach((client) => client.close());
	await server?.stop();
	rmSync(dir, { recursive: true, force: true });
});

const url = (host, rest) => `https://${host}:${server.port}${rest}`;

test("each host gets the certificate of its name, other names get the first one", async () => {
	const subject = (servername) => new Promise((resolve, reject) => {
		const socket = connect({ host: "localhost", port: server.port, servername,
			rejectUnauthorized: false }, () => {
			resolve(socket.getPeerCertificate().subject.CN);
			socket.destroy();
		}).on("error", reject);
	});
	for (const name of names)
		assert.equal(await subject(name), name);
	assert.equal(await subject("nobody.test"), "localhost");
});

test("the console's host serves the console and redirects to the board's host", async () => {
	const client = await on(names[0]).signIn(people.supervisor.email);
	const page = await client.get("/console/recordings");
	assert.equal(page.status, 200);
	assert.ok(page.text.includes(`href="${url(names[1], "/board/recordings")}"`), "a link to the board");
	assert.equal((await client.get("/api/v1/recordings?scope=team")).status, 200);
	const moved = await client.get("/board/recordings?mood=angry");
	assert.equal(moved.status, 308);
	assert.equal(moved.headers.location, url(names[1], "/board/recordings?mood=angry"));
	assert.equal((await client.post("/board/language", { fields: { lang: "en" } })).status, 404);
	assert.equal((await on(names[0]).get("/board/sign-in")).headers.location,
	    url(names[1], "/board/sign-in"));
	// a form may redirect to the board's host: the home of a customer where they have no profile
	assert.ok(page.headers["content-security-policy"].endsWith(`form-action 'self' ${url(names[1], "")}`));
	await database.command(["account", "create", "beta", "sophie", "--site", "brest", "--first-name", "Sophie",
	    "--last-name", "Martin", "--email", people.supervisor.email]);
	const [, beta] = /name="tenant" value="([\da-f-]{36})"/.exec((await (await client.signIn(people.supervisor.email))
	    .get("/console/accounts")).text);
	assert.equal((await client.post("/console/session/tenant", { fields: { tenant: beta } })).headers.location,
	    url(names[1], "/board/recordings"));
});

test("the board's host serves nothing of the console, nor its API", async () => {
	const client = await on(names[1]).signIn(people.supervisor.email);
	const page = await client.get("/board/recordings");
	assert.equal(page.status, 200);
	assert.ok(page.text.includes(`href="${url(names[0], "/console")}"`), "a link to the console");
	for (const target of ["/console", "/console/recordings", "/console/sign-in", "/console/audit",
		`/console/recordings/${ids.user_own}`, "/console/exports"])
		assert.equal((await client.get(target)).status, 404, target);
	for (const target of ["/api/v1/exports", "/api/v1/audit"])
		assert.equal((await client.get(target)).status, 404, target);
	assert.equal((await client.post("/api/v1/deletions/count",
	    { json: { select: { ids: [ids.user_own] } } })).status, 404);
	assert.equal((await client.get("/api/v1/recordings?scope=team")).status, 403);
	assert.equal((await client.get(`/api/v1/recordings/${ids.user_own}`)).status, 404);
	const own = (await client.get("/api/v1/recordings")).json().items.map((item) => item.id);
	assert.deepEqual(own, [ids.supervisor_own]);
	for (const target of ["/console/recordings", "/console/sign-in"])
		assert.equal((await on(names[1]).get(target)).status, 404, "without a session");
	const home = async (from) => (await from.get("/")).headers.location;
	assert.equal(await home(client), "/board/recordings");
	assert.equal(await home(on(names[1])), "/board/sign-in");
	const form = await on(names[1]).post("/board/session", { fields: {
		email: people.supervisor.email, password: "correct-horse-battery-staple",
		to: "/console/recordings" } });
	assert.equal(form.headers.location, "/board/recordings");
});

test("a former board host redirects to the current one and accepts no writes", async () => {
	const client = on(names[2]);
	const moved = await client.get("/board/sign-in?to=%2Fboard%2Frecordings");
	assert.equal(moved.status, 308);
	assert.equal(moved.headers.location, url(names[1], "/board/sign-in?to=%2Fboard%2Frecordings"));
	assert.equal((await client.get("/")).headers.location, url(names[1], "/"));
	assert.equal((await client.post("/board/session", { fields: { email: people.user.email,
		password: "correct-horse-battery-staple" } })).status, 404);
});

test("an operator's people can't sign in or use their session on another operator's host", async () => {
	await assert.rejects(on(names[3]).signIn(people.supervisor.email), /401/);
	const stranger = await on(names[3]).signIn(people.stranger.email);
	assert.equal((await stranger.get("/console/recordings")).status, 200);
	assert.equal((await stranger.get("/board/recordings")).status, 200);	// this operator's host serves both
	const taken = on(names[0]);
	taken.cookies = stranger.cookies;
	assert.equal((await taken.get("/api/v1/session")).status, 401);
	assert.equal((await stranger.get("/api/v1/session")).status, 200);
});

test("a host that belongs to no operator serves everything to everybody", async () => {
	const client = await server.client().signIn(people.supervisor.email);
	clients.push(client);
	const page = await client.get("/console/recordings");
	assert.equal(page.status, 200);
	assert.match(page.text, /href="\/board\/recordings"/);
	assert.equal((await client.get("/board/recordings")).status, 200);
});

test("pages show the operator's logo, which must be a PNG", async () => {
	const page = (await on(names[0]).get("/console/sign-in")).text;
	const [, address] = /<img class="brand-logo" src="(\/brand\/[0-9a-f]{64}\.png)" alt="">/.exec(page);
	const logo = await on(names[1]).get(address);
	assert.equal(logo.headers["content-type"], "image/png");
	assert.deepEqual(logo.body, png);
	assert.match(logo.headers["cache-control"], /immutable/);
	assert.equal((await on(names[0]).get(`/brand/${"0".repeat(64)}.png`)).status, 404);
	assert.doesNotMatch((await on(names[3]).get("/console/sign-in")).text, /brand-logo/);
	const svg = path.join(dir, "logo.svg");
	writeFileSync(svg, "<svg onload='alert(1)'/>");
	const done = await database.command(["operator", "set", "autre", "--logo", svg], { check: false });
	assert.equal(done.status, 1);
	assert.match(done.stderr, /a logo is a PNG of at most 64 KiB/);
});

test("invalid hosts are refused with a sentence", async () => {
	const set = (...args) => database.command(["operator", "set", "autre", ...args], { check: false });
	for (const [sentence, ...args] of [
		[/the host board\.smart\.test is operator smart's/, "--host", "board.smart.test"],
		[/the host old\.smart\.test is operator smart's/, "--host", "old.smart.test"],
		[/needs a console on its own/, "--host", "", "--board-host", "b.autre.test"],
		[/leave --board-host out/, "--board-host", "autre.test"],
		[/none of the past/, "--old-host", "autre.test"],
		[/is no host name/, "--host", "https://autre.test"],
		[/is no host name/, "--old-host", "a b"],
		[/nothing to change/]]) {
		const done = await set(...args);
		assert.notEqual(done.status, 0, args.join(" "));
		assert.match(done.stderr, sentence);
	}
	assert.match((await database.command(["operator", "set", "nobody", "--name", "x"],
	    { check: false })).stderr, /there is no operator nobody/);
	assert.equal((await set("--color", "#0b6e63", "--json")).status, 0);
	const list = JSON.parse((await database.command(["operator", "list", "--json"])).stdout);
	assert.deepEqual(list.map((o) => [o.key, o.host, o.board_host, o.color]), [
		["autre", "autre.test", null, "#0b6e63"],
		["smart", "console.smart.test", "board.smart.test", null]]);
});
