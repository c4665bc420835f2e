// Clients without a session: what they hold of a worker is bounded, and what
// they do not finish costs nobody else an answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { after, before, describe, test } from "node:test";
import { Client } from "../lib/client.js";
import { people, password } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { session } from "../lib/sql.js";

let database;
const servers = [], sockets = new Set();

before(async () => {
	database = await freshDatabase({ fixtures: true });
});
after(async () => {
	for (const socket of sockets)
		socket.destroy();
	for (const server of servers)
		await server.stop();
});

async function start(settings = {}) {
	const server = await startServer({ database, settings: { workers: 1, ...settings } });
	servers.push(server);
	return server;
}

// A connection that collects what it receives. It resumes the TLS session of
// the one before, which spares both sides most of the handshake.
const resumed = new Map();
function open(server, from = "127.0.0.1") {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "127.0.0.1", servername: "localhost", port: server.port,
		    ca: server.ca, localAddress: from, session: resumed.get(server) }, () => resolve(socket));
		sockets.add(socket);
		socket.got = "";
		socket.setEncoding("latin1").on("data", (chunk) => { socket.got += chunk; });
		socket.on("session", (ticket) => resumed.set(server, ticket));
		socket.on("error", reject).on("close", () => {
			socket.ended = true;
			sockets.delete(socket);
		});
	});
}

const head = (target, lines = "", method = "POST") =>
	`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`;
const form = (length, more = "") => "Origin: https://localhost\r\n" +
	`Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n${more}`;
const json = (length, more = "") => "Origin: https://localhost\r\n" +
	`Content-Type: application/json\r\nContent-Length: ${length}\r\n${more}`;
const unsent = head("/console/session", form(100));
const imports = "/api/v1/accounts/imports";

async function send(server, text, from) {
	const socket = await open(server, from);
	socket.write(text);
	return socket;
}
const statuses = (socket) => [...socket.got.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, s]) => Number(s));
const answered = (socket, n = 1) => until(`answer ${n}`, () => statuses(socket).length >= n)
    .then(() => statuses(socket));
const closed = (socket) => until("the server to close", () => socket.ended);

// Opens n connections, 50 at once, with the text of i from the address of i.
async function flood(server, n, text, from = () => "127.0.0.1") {
	const made = [];
	for (let i = 0; i < n; i += 50)
		made.push(...await Promise.all(Array.from({ length: Math.min(50, n - i) },
		    (_, k) => send(server, text, from(i + k)))));
	return made;
}
const drop = (list) => Promise.all(list.map((socket) => new Promise((resolve) => {
	if (socket.destroyed)
		resolve();
	else
		socket.on("close", resolve).destroy();
})));

const cookies = (client) => [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
async function signedIn(server, who) {
	const client = await server.client().signIn(people[who].email);
	return Object.assign(client, { lines: `Cookie: ${cookies(client)}\r\nX-CSRF-Token: ${client.csrf}\r\n` });
}
// Resident memory of all processes, in MB.
const memory = (server) => server.processes().reduce((sum, pid) => sum +
	Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024, 0);

// A body that is never complete, since the start of this file: it takes as long
// as a body may (30 s).
let patient, never;
const guess = JSON.stringify({ email: people.user.email, password: "wrong" });
before(async () => {
	patient = await start();
	never = await send(patient, head("/api/v1/session", json(guess.length)) + guess.slice(1));
});

describe("unfinished bodies", () => {
	let server, neighbour;
	before(async () => {
		server = await start();
		neighbour = await server.client().signIn(people.neighbour.email);
	});
	after(() => neighbour.close());

	test("1,100 heads without bodies, from one address and from eleven, stop no one", async () => {
		let done = false;
		const attack = (async () => {
			const one = await flood(server, 550, unsent);
			await drop(await flood(server, 550, unsent, (i) => `127.0.${1 + i % 11}.${1 + i % 250}`));
			await drop(one);
		})().finally(() => { done = true; });
		let n = 0;
		while (!done) {
			for (const target of ["/api/v1/recordings", "/healthz", "/readyz"])
				assert.equal((await neighbour.get(target)).status, 200, target);
			const probe = server.client();	// health checks have connections of their own
			assert.equal((await probe.get("/readyz")).status, 200);
			probe.close();
			n++;
		}
		await attack;
		assert.ok(n > 3, `${n} rounds`);
	});

	test("beyond its share a network gets 429 with Retry-After, in a page and in the API", async () => {
		const held = await flood(server, 250, unsent);
		for (const [target, type] of [["/console/session", "text/html"], ["/api/v1/session", "application/problem"]]) {
			const socket = await send(server, head(target, form(100)));
			assert.deepEqual(await answered(socket), [429]);
			assert.match(socket.got, /\r\nretry-after: 5\r\n/);
			assert.match(socket.got, /\r\nconnection: close\r\n/);
			assert.ok(socket.got.includes(`content-type: ${type}`));
			await closed(socket);
		}
		// half a head counts likewise
		const half = await send(server, "GET /console/sign-in HTTP/1.1\r\nHost: loc");
		assert.deepEqual(await answered(half), [429]);
		// another network, and whoever has a session, are not concerned
		const far = new Client(server, { from: "127.0.1.1" });
		assert.equal((await far.post("/api/v1/session", { json: { email: people.user.email,
			password: "wrong" } })).status, 401);
		far.close();
		const late = server.client();
		late.cookies = neighbour.cookies;
		late.csrf = neighbour.csrf;
		assert.equal((await late.post("/console/language", { fields: { lang: "fr", to: "/console/recordings" } })).status, 303);
		late.close();
		// a cookie that is none gets no further
		const fake = await send(server, head("/api/v1/session", json(100, `Cookie: __Host-session=${"A".repeat(43)}\r\n`)));
		assert.deepEqual(await answered(fake), [503]);
		// who finishes makes room
		await drop(held);
		await until("room", async () => {
			const client = server.client();
			const { status } = await client.post("/api/v1/session", { json: { email: people.user.email,
				password: "wrong" } });
			client.close();
			return status === 401;
		});
	});

	test("100 half-sent uploads without a session: refused on the head, at no cost of memory", async () => {
		const before = memory(server);
		const upload = head("/console/accounts/imports", form(3000000));
		const made = await flood(server, 100, upload + "x".repeat(100000));
		for (const socket of made)
			assert.deepEqual(await answered(socket), [303]);
		assert.match(made[0].got, /\r\nlocation: \/console\/sign-in\r\n/);
		assert.match(made[0].got, /\r\nconnection: close\r\n/);
		const grown = memory(server) - before;
		assert.ok(grown < 20 || process.env.SMARTRECORD_VARIANT, `${grown} MB more`);
		await drop(made);
	});

	test("half-sent uploads of a person are few, and others have room, colleagues too", async () => {
		await database.sql(`insert into profile (tenant_id, account_id, kind)
			select tenant_id, id, 'administrator' from account where key = 'colleague'`);
		const administrator = await signedIn(server, "administrator"), { lines } = administrator;
		const colleague = await signedIn(server, "colleague");
		const before = memory(server);
		const made = await flood(server, 30, head(imports, json(2900000, lines)) + "x".repeat(1100000));
		// a person has 8 MiB; each upload has 2 MiB of memory by now
		const refused = () => made.filter((socket) => statuses(socket)[0] === 429);
		await until("most to be refused", () => refused().length >= 26);
		assert.match(refused()[0].got, /\r\nretry-after: 5\r\n/);
		const grown = memory(server) - before;
		assert.ok(grown < 40 || process.env.SMARTRECORD_VARIANT, `${grown} MB more`);
		assert.equal((await neighbour.get("/api/v1/recordings")).status, 200);
		const other = await send(server, head(imports, json(2900000, colleague.lines)) + "x".repeat(1100000));
		const client = await server.client().signIn(people.user.email);
		client.close();
		assert.deepEqual(statuses(other), []);
		await drop([...made, other]);
		colleague.close();
		// afterwards there is room again
		await until("room", async () => {
			const socket = await send(server, head(imports, json(70000, `Expect: 100-continue\r\n${lines}`)));
			const [status] = await answered(socket);
			await drop([socket]);
			return status === 100;
		});
		administrator.close();
	});
});

describe("a large body is read for a session that has the right", () => {
	let server, clients;
	const csv = `identifiant;nom;site\n${Array.from({ length: 4000 }, (_, i) => `big-${i};Grand ${i};Lyon`).join("\n")}`;
	const body = JSON.stringify({ csv });
	before(async () => {
		server = await start({ trusted_proxies: "127.0.0.1" });
		clients = {};
		for (const who of ["administrator", "user"])
			clients[who] = await signedIn(server, who);
	});
	after(() => Object.values(clients).forEach((client) => client.close()));

	for (const [what, who, target, expected, pattern] of [
		["no session, API", null, imports, 401, /application\/problem\+json/],
		["no session, page", null, "/console/accounts/imports", 303, /location: \/console\/sign-in\r/],
		["no right, API", "user", imports, 403, /application\/problem\+json/],
		["no right, page", "user", "/console/accounts/imports", 403, /text\/html/],
	])
		for (const [form, lines] of [
			["with a length", "Content-Length: 100000\r\n"],
			["with Expect", "Content-Length: 100000\r\nExpect: 100-continue\r\n"],
			["chunked", "Transfer-Encoding: chunked\r\n"],
		])
			test(`${what}, ${form}: ${expected} before the body`, async () => {
				const socket = await send(server, head(target, "Origin: https://localhost\r\n" +
				    `Content-Type: application/json\r\n${lines}${clients[who]?.lines ?? ""}`));
				assert.deepEqual(await answered(socket), [expected]);
				assert.match(socket.got, pattern);
				assert.match(socket.got, /\r\nconnection: close\r\n/);
				// a client that sends all the same reads the response
				socket.write("x".repeat(100000));
				await closed(socket);
				assert.deepEqual(statuses(socket), [expected]);
			});

	test("a refusal for want of a right is in the access log", async () => {
		const socket = await send(server, head(imports, json(100000, clients.user.lines)));
		assert.deepEqual(await answered(socket), [403]);
		// one row a minute: one of those above may be it
		await until("the entry", async () => await database.sql(`select detail->>'route' from audit
			where kind = 'refused' and person_id = (select id from person where email = '${people.user.email}')
			limit 1`) === imports);
	});

	test("the right is there: 100 only after the check, then the answer, then the next request", async () => {
		const lines = json(Buffer.byteLength(body), `Expect: 100-continue\r\n${clients.administrator.lines}`);
		const socket = await send(server, head(imports, lines));
		assert.deepEqual(await answered(socket), [100]);
		socket.write(body + head("/healthz", "", "GET"));
		assert.deepEqual(await answered(socket, 3), [100, 200, 200]);
		assert.match(socket.got, /ok\n$/);
		await drop([socket]);
	});

	test("all at once, with a request behind it", async () => {
		const socket = await send(server, head(imports, json(Buffer.byteLength(body),
		    clients.administrator.lines)) + body + head("/healthz", "Connection: close\r\n", "GET"));
		await closed(socket);
		assert.deepEqual(statuses(socket), [200, 200]);
	});

	test("chunked", async () => {
		const chunks = body.match(/[^]{1,30000}/g).map((s) => `${Buffer.byteLength(s).toString(16)}\r\n${s}\r\n`);
		const socket = await send(server, head(imports, "Origin: https://localhost\r\n" +
		    `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n${clients.administrator.lines}`) +
		    chunks.join("") + "0\r\n\r\n" + head("/healthz", "Connection: close\r\n", "GET"));
		await closed(socket);
		assert.deepEqual(statuses(socket), [200, 200]);
	});

	test("a wrong CSRF token is still refused", async () => {
		const socket = await send(server, head(imports, json(Buffer.byteLength(body),
		    `Cookie: ${cookies(clients.administrator)}\r\nX-CSRF-Token: wrong\r\n`)) + body);
		assert.deepEqual(await answered(socket), [403]);
		await drop([socket]);
	});

	test("clients that leave during the check leave nothing behind", async () => {
		for (let i = 0; i < 20; i++)
			await drop([await send(server, head(imports, json(100000, clients.administrator.lines)))]);
		assert.equal((await clients.administrator.get("/api/v1/session")).status, 200);
	});

	test("behind a proxy the client's network counts, not that of the proxy", async () => {
		const proxied = (from) => head("/api/v1/session", json(100, `X-Forwarded-For: ${from}\r\n`));
		const held = await flood(server, 250, proxied("198.51.100.7"));
		const [same, other] = [await send(server, proxied("198.51.100.8")), await send(server, proxied("203.0.113.8"))];
		assert.deepEqual(await answered(same), [429]);
		other.write("x".repeat(100));
		assert.deepEqual(await answered(other), [400]);
		await drop([...held, other]);
	});
});

describe("a worker that is full", () => {
	test("health checks answer when all requests are taken, a body that ends then does not", async () => {
		const server = await start({ worker_requests: 1 });
		const begun = await send(server, head("/api/v1/session", json(guess.length)) + guess.slice(1));
		const holder = session(database, "postgres");
		await holder.ask("begin; lock table person");
		const slow = server.client(), other = server.client();
		const late = slow.post("/api/v1/session", { json: { email: people.user.email, password: "wrong" } });
		await until("a full worker", async () => await database.sql("select exists (select from pg_stat_activity " +
		    "where datname = current_database() and wait_event_type = 'Lock')") === "t");
		assert.equal((await other.get("/console")).status, 503);
		begun.write(guess.slice(0, 1));
		assert.deepEqual(await answered(begun), [503]);
		for (const target of ["/healthz", "/readyz"])
			for (const method of ["GET", "HEAD"])
				assert.equal((await other.send(method, target)).status, 200, target);
		await holder.ask("rollback");
		holder.child.stdin.end();
		assert.equal((await late).status, 401);
		slow.close();
		other.close();
	});

	test("a network's oldest idle connection closes for its newest; those of people stay", async () => {
		const server = await start({ worker_connections: 128 });
		const person = await server.client().signIn(people.user.email);
		const token = `Cookie: ${cookies(person)}\r\n`;
		const mine = await send(server, head("/api/v1/session", token, "GET"));
		assert.deepEqual(await answered(mine), [200]);
		const held = await flood(server, 70, head("/healthz", "", "GET"));
		await closed(held[0]);
		assert.equal(held.at(-1).ended, undefined);
		mine.write(head("/api/v1/session", token, "GET"));
		assert.deepEqual(await answered(mine, 2), [200, 200]);
		assert.equal((await person.get("/api/v1/session")).status, 200);
		// the other networks find room too
		const far = await flood(server, 100, head("/healthz", "", "GET"), (i) => `127.0.${2 + i}.1`);
		assert.deepEqual(await answered(far.at(-1)), [200]);
		await drop([...held, ...far, mine]);
		person.close();
	});
});

test("the oldest idle connections of who has the most close for those of others", async () => {
	const server = await start({ worker_connections: 128 });
	const [many, few] = [await signedIn(server, "user"), await signedIn(server, "colleague")];
	const ask = (client) => head("/api/v1/session", `Cookie: ${cookies(client)}\r\n`, "GET");
	const mine = await send(server, ask(few));
	assert.deepEqual(await answered(mine), [200]);
	const held = [];
	for (let i = 0; i < 140; i += 20) {
		held.push(...await flood(server, 20, ask(many)));
		await answered(held.at(-1));
	}
	await closed(held[0]);
	const stranger = await send(server, head("/healthz", "", "GET"));
	assert.deepEqual(await answered(stranger), [200]);
	mine.write(ask(few));
	assert.deepEqual(await answered(mine, 2), [200, 200]);
	await drop([...held, mine, stranger]);
	many.close();
	few.close();
});

test("200 people behind one address sign in, 16 at once: no one is refused", async () => {
	const server = await start({ workers: 2 });
	const emails = await office(200), found = [];
	const signIns = async () => {
		for (let email; (email = emails.pop()) !== undefined;) {
			const client = server.client();
			assert.equal((await client.get("/console/sign-in")).status, 200);
			found.push((await client.post("/console/session", { fields: { email, password } })).status);
			client.close();
		}
	};
	await Promise.all(Array.from({ length: 16 }, signIns));
	assert.deepEqual(found.filter((status) => status !== 303), []);
	assert.equal(found.length, 200);
});

// Makes n people with the password of the fixtures. Returns their e-mails.
async function office(n) {
	await database.sql(`with made as (
			insert into person (operator_id, home_id, email, name, password_hash)
			select operator_id, home_id, 'office-' || i || '@alpha.test', 'Person ' || i, password_hash
			from person, generate_series(1, ${n}) i where email = '${people.user.email}'
			returning id, email)
		insert into account (tenant_id, site_id, key, person_id, first_name, email)
		select a.tenant_id, a.site_id, m.email, m.id, 'Person', m.email
		from account a, made m where a.key = 'user' and a.email = '${people.user.email}'`);
	return Array.from({ length: n }, (_, i) => `office-${i + 1}@alpha.test`);
}

test("a body of single bytes is read, and the request behind it; one that is never complete gets 408", async () => {
	const slow = await send(patient, head("/api/v1/session", json(guess.length)));
	for (const byte of guess) {
		slow.write(byte);
		await new Promise(setImmediate);
	}
	assert.deepEqual(await answered(slow), [401]);
	slow.write(head("/healthz", "Connection: close\r\n", "GET"));
	await closed(slow);
	assert.deepEqual(statuses(slow), [401, 200]);
	if (!never.ended)
		await new Promise((resolve) => never.on("close", resolve));
	assert.deepEqual(statuses(never), [408]);
});
