// Who is calling, with real HAProxy (TLS that ends there, and TLS that passes
// through) and real nginx in front of two servers: sign-in, lists of sessions,
// the access log, limits, request ids, HTTP/2, audio, events and uploads. Then
// what a server takes from whom without a proxy in between.
import assert from "node:assert/strict";
import http2 from "node:http2";
import { request } from "node:https";
import net from "node:net";
import tls from "node:tls";
import { after, before, describe, test } from "node:test";
import { Client, exchange } from "../lib/client.js";
import { loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
import { freePort, freshDatabase, smartrecord } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startHaproxy, startNginx } from "../lib/proxy.js";
import { startServer } from "../lib/server.js";

const trusting = async (more) => ({ trusted_proxies: "127.0.0.1, 2001:db8::/32", proxy_port: await freePort(),
	workers: 1, ...more });
let database, servers, haproxy, nginx, ids;
const ways = {};	// name: where a Client connects

before(async () => {
	database = await freshDatabase({ fixtures: true });
	servers = await Promise.all([0, 1].map(async () => startServer({ database, settings: await trusting() })));
	haproxy = await startHaproxy(servers);
	nginx = await startNginx(servers);
	Object.assign(ways, { "HAProxy": haproxy.web, "HAProxy passing TLS through": haproxy.passthrough,
		nginx: nginx.web });
	ids = await recordingIds(database);
	for (const way of Object.values(ways))
		await answering(way, haproxy);
});
after(async () => {
	await haproxy?.stop();
	await nginx?.stop();
	for (const server of servers ?? [])
		await server.stop();
	await database?.drop();
});

async function answering(way, proxy) {
	const probe = new Client(way);
	let last;
	await until("a server behind the proxy", async () => {
		last = await probe.get("/healthz").catch((error) => error);
		return last.status === 200;
	}).catch((error) => {
		throw new Error(`${error.message}: ${last.message ?? last.text}\n${proxy.output}`);
	});
	probe.close();
}

// An address of this machine in a network that no other test uses: strangers
// count by network.
let last = 20;
const address = () => `127.0.${++last}.1`;

// Headers by which a client might claim to be another.
const spoof = { "x-forwarded-for": "9.9.9.9", forwarded: "for=9.9.9.9", "x-real-ip": "9.9.9.9" };

const current = async (client) => (await client.get("/api/v1/sessions")).json().items.find((s) => s.current).address;
const audited = (kind) => database.rows(`select detail->>'address' as address from audit
	where kind = '${kind}' order by id desc limit 1`).then(([row]) => row.address);
const seen = () => servers.map((s) => s.log()).join("");

const each = (what, body) => {
	for (const name of ["HAProxy", "HAProxy passing TLS through", "nginx"])
		test(`${name}: ${what}`, () => body(ways[name], name));
};

describe("behind proxies", () => {
	each("sessions and the access log have the address of the client, whatever it claims", async (way, name) => {
		const from = address();
		const client = new Client(way, { from });
		const wrong = { json: { email: people.user.email, password: "wrong-password-x" } };
		// of two fields that disagree, nginx and HAProxy pass on none
		assert.equal((await client.post("/api/v1/session", { ...wrong, headers: spoof })).status, 401);
		assert.equal(await audited("sign_in_failed"), from, name);
		await client.signIn(people.user.email);
		assert.equal(await audited("sign_in"), from);
		assert.equal(await current(client), from);
		assert.equal((await client.get("/board/recordings", spoof)).status, 200);
		assert.ok((await client.get("/board/sessions", spoof)).text.includes(from));
		client.close();
	});

	each("51 wrong passwords lock out their network alone", async (way) => {
		const from = address();
		const client = new Client(way, { from });
		const attempt = (i) => client.post("/api/v1/session", { json: { email: `p${i}@nowhere.test`, password },
			headers: { "x-forwarded-for": `9.9.${i}.9` } });
		for (let i = 0; i < 51; i++)
			assert.equal((await attempt(i)).status, 401);
		// those of the last ten seconds may still be checked
		await database.sql("update sign_in_failure set at = at - interval '10 seconds'");
		assert.equal((await attempt(51)).status, 429);
		client.close();
		assert.deepEqual(await database.rows(`select count(*)::int as n from sign_in_failure where address = '${from}'`),
		    [{ n: 51 }]);
		const neighbour = new Client(way, { from: address() });
		await neighbour.signIn(people.user.email);
		neighbour.close();
	});

	each("ranges of audio, an event and an upload pass", async (way) => {
		const client = await new Client(way, { from: address() }).signIn(people.user.email);
		const audio = `/api/v1/recordings/${ids.user_own}/audio.mp3`;
		const whole = await client.get(audio);
		assert.equal(whole.status, 200);
		const part = await client.get(audio, { range: "bytes=1000-1999" });
		assert.equal(part.status, 206);
		assert.deepEqual(part.body, whole.body.subarray(1000, 2000));
		await event(client, way);
		client.close();
		await upload(way);
	});

	each("requests have the id of the proxy", async (way, name) => {
		const client = new Client(way, { from: address() });
		const own = "chosen-by-the-client";
		const id = (await client.get("/console/sign-in", { "x-request-id": own })).headers["x-request-id"];
		client.close();
		assert.match(id, { HAProxy: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, nginx: /^[0-9a-f]{32}$/ }[name] ??
		    /^[0-9a-f]{16}$/);
		await until("the line of the request", () => seen().includes(`request=${id} `));
		if (name !== "HAProxy passing TLS through")
			await until("the line of the proxy", () => (name === "nginx" ? nginx : haproxy).log().includes(id));
		assert.ok(!seen().includes(own));
	});

	for (const name of ["HAProxy", "nginx"])
		test(`${name}: HTTP/2, also a body without a length`, async () => {
			const from = address();
			const http = await connect2(ways[name], from);
			const signed = await send2(http, "POST", "/api/v1/session", ways[name],
			    [JSON.stringify({ email: people.user.email, password })]);
			assert.equal(signed.status, 201);
			assert.equal(await audited("sign_in"), from);
			const cookie = signed.headers["set-cookie"].map((s) => s.split(";")[0]).join("; ");
			const session = await send2(http, "GET", "/api/v1/session", ways[name], [], { cookie });
			assert.equal(session.status, 200);
			const pieces = Array.from({ length: 40 }, () => Buffer.alloc(1000, "x"));
			const refused = await send2(http, "POST", "/api/v1/session", ways[name], ["{", ...pieces, "}"]);
			assert.equal(refused.status, 400, refused.text);
			const long = await send2(http, "POST", "/api/v1/session", ways[name], Array(2).fill(pieces).flat());
			assert.equal(long.status, 413);
			http.destroy();
		});

	test("no proxy logs a path or a query", async () => {
		for (const way of [ways.HAProxy, ways.nginx]) {
			const client = new Client(way);
			assert.equal((await client.get("/board/recordings?q=secretword")).status, 303);
			client.close();
		}
		await until("a line of each", () => [haproxy, nginx].every((p) => /GET/.test(p.log())));
		assert.doesNotMatch(haproxy.log() + nginx.log(), /secretword|\/board/);
	});
});

// Opens an event stream, and delivers a call that it must announce.
async function event(client, way) {
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	let text = "";
	const asked = request({ host: "localhost", port: way.port, ca: way.ca, agent: false,
	    path: "/api/v1/events", headers: { cookie } });
	asked.on("error", () => {});
	const status = await new Promise((resolve) => {
		asked.on("response", (answer) => {
			answer.setEncoding("utf8").on("data", (s) => { text += s; });
			answer.on("error", () => {});
			resolve(answer.statusCode);
		}).end();
	});
	assert.equal(status, 200);
	const call = { account: "user", ago: 0.1, mood: "neutral", subject: "Nouveau", words: ["Bonjour."], silent: true };
	await loadCalls(database, { [`event_${way.port}`]: call });
	await until("the event", () => /^event: /m.test(text));
	asked.destroy();
}

// Uploads a file of nearly a megabyte, which is refused for its first line only
// after it was read.
async function upload(way) {
	const client = await new Client(way, { from: address() }).signIn(people.administrator.email);
	const csv = `key,email\n${"x".repeat(80)},y\n`.padEnd(1000000, "z");
	const answer = await client.post("/console/accounts/imports", { fields: { csv } });
	client.close();
	assert.ok([200, 400, 422].includes(answer.status), `${answer.status}`);
	assert.match(answer.text, /<html/);
}

const connect2 = (way, from) => new Promise((resolve, reject) => {
	const http = http2.connect(way.url, { ca: way.ca, localAddress: from, family: 4 });
	http.on("error", reject);
	http.on("connect", () => resolve(http));
});

// Sends a request without Content-Length, its body in pieces.
const send2 = (http, method, target, way, pieces, headers = {}) => new Promise((resolve, reject) => {
	const stream = http.request({ ":method": method, ":path": target, ...headers,
		...method === "POST" && { "content-type": "application/json", origin: way.url } },
	    { endStream: pieces.length === 0 });
	let head, text = "";
	stream.on("response", (h) => { head = h; });
	stream.setEncoding("utf8").on("data", (s) => { text += s; });
	stream.on("end", () => resolve({ status: head[":status"], headers: head, text }));
	stream.on("error", reject);
	for (const piece of pieces)
		stream.write(piece);
	if (pieces.length > 0)
		stream.end();
});

describe("what HAProxy refuses", () => {
	const host = () => `Host: localhost:${ways.HAProxy.port}\r\n`;
	const status = (text) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
	const ask = async (bytes) => status(await exchange(ways.HAProxy, bytes, { done: /\r\n\r\n/ }));

	for (const [what, line, rest, wanted] of [
		["a body of GET", "GET /healthz", () => "Content-Length: 3\r\n\r\nabc", 400],
		["a body of DELETE", "DELETE /api/v1/session", () => "Content-Length: 3\r\n\r\nabc", 400],
		["a chunked body of GET", "GET /healthz", () => "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
		["NUL in a header", "GET /healthz", () => "X-A: b\0c\r\n\r\n", 400],
		["an unknown method", "PROPFIND /healthz", () => "\r\n", 405],
		["a body that no route accepts", "POST /api/v1/session", () => `Content-Length: 3145729\r\n\r\n${"x".repeat(20000)}`, 413],
		["readiness, for others", "GET /readyz", () => "\r\n", 404],
		["nothing of this", "GET /healthz", () => "\r\n", 200],
	])
		test(what, async () => {
			const logged = haproxy.log().length;
			assert.equal(await ask(`${line} HTTP/1.1\r\n${host()}${rest()}`), wanted);
			// HAProxy itself has answered, unless all is well
			const [, server] = await until("its line", () =>
			    new RegExp(` web~ (\\S+) \\S+ ${wanted} `).exec(haproxy.log().slice(logged)));
			assert[wanted === 200 ? "doesNotMatch" : "match"](server, /<NOSRV>/);
		});

	test("more requests than one address may send, but not those of another", async () => {
		const from = address();
		const http = await connect2(ways.HAProxy, from);
		await until("429", async () => {
			const answers = await Promise.all(Array.from({ length: 90 }, () =>
			    send2(http, "GET", "/healthz", ways.HAProxy, [])));
			return answers.some((a) => a.status === 429);
		});
		http.destroy();
		const neighbour = new Client(ways.HAProxy, { from: address() });
		assert.equal((await neighbour.get("/healthz")).status, 200);
		neighbour.close();
	});
});

test("a server that ends is taken out without a failed request", async (t) => {
	const third = await startServer({ database, settings: await trusting() });
	const front = await startHaproxy([servers[0], third]);
	t.after(() => front.stop());
	const from = address();
	let going = true, answered = 0;
	const failed = [];
	const both = [front.web, front.passthrough].flatMap((way) => [1, 2].map(async () => {
		while (going) {
			const client = new Client(way, { from });
			for (let i = 0; i < 5; i++) {
				const { status } = await client.get("/healthz").catch((error) => ({ status: error.code }));
				if (status !== 200 && status !== 429)
					failed.push(status);
				answered++;
			}
			client.close();
		}
	}));
	await until("some answers", () => answered > 50);
	await third.stop();
	const before = answered;
	await until("more answers", () => answered > before + 50);
	going = false;
	await Promise.all(both);
	assert.deepEqual(failed, []);
});

describe("without a proxy in between", () => {
	const direct = () => servers[0];
	// An answer of 127.0.0.1, which is trusted, or of another address.
	const failing = async (from, headers) => {
		const client = new Client(direct(), { from });
		const answer = await client.post("/api/v1/session",
		    { json: { email: people.user.email, password: "wrong-password-x" }, headers });
		client.close();
		await database.sql("delete from sign_in_failure");
		return answer.status === 401 ? audited("sign_in_failed") : answer.status;
	};

	for (const [what, headers, wanted] of [
		["no field", {}, "127.0.0.1"],
		["X-Forwarded-For", { "x-forwarded-for": "9.9.9.9, 192.0.2.7" }, "192.0.2.7"],
		["X-Forwarded-For, several lines", { "x-forwarded-for": ["192.0.2.7", "127.0.0.1", "2001:db8::1"] }, "192.0.2.7"],
		["Forwarded", { forwarded: "for=9.9.9.9, for=\"[2001:db9::7]:443\";proto=https, for=127.0.0.1" }, "2001:db9::7"],
		["both alike", { "x-forwarded-for": "192.0.2.7", forwarded: "for=192.0.2.7" }, "192.0.2.7"],
		["both, and they differ", { "x-forwarded-for": "192.0.2.7", forwarded: "for=9.9.9.9" }, 400],
		["Forwarded with an open quote", { forwarded: "for=\"9.9.9.9, for=192.0.2.7" }, 400],
		["too many lines", { "x-forwarded-for": Array(9).fill("192.0.2.7") }, 431],
		["no address", { "x-forwarded-for": "9.9.9.9, unknown" }, "127.0.0.1"],
	])
		test(`of a trusted proxy: ${what}`, async () => assert.equal(await failing("127.0.0.1", headers), wanted));

	test("of others all these fields are ignored", async () => {
		for (const headers of [spoof, { forwarded: "for=\"" }, { "x-forwarded-for": Array(9).fill("9.9.9.9") }])
			assert.equal(await failing("127.0.0.9", headers), "127.0.0.9");
	});

	test("a request id is that of a trusted proxy, if it is valid", async () => {
		const ask = async (from, id) => {
			const client = new Client(direct(), { from });
			const answer = await client.get("/healthz", { "x-request-id": id });
			client.close();
			return answer.headers["x-request-id"];
		};
		assert.equal(await ask("127.0.0.1", "Proxy-0001"), "Proxy-0001");
		assert.equal(await ask("127.0.0.1", "a".repeat(64)), "a".repeat(64));
		for (const [from, id] of [["127.0.0.1", "short"], ["127.0.0.1", "a".repeat(65)], ["127.0.0.1", "with blank"],
			["127.0.0.9", "Proxy-0001"]])
			assert.match(await ask(from, id), /^[0-9a-f]{16}$/);
	});

	describe("chunked bodies", () => {
		const post = (target, chunks, way = direct()) => `POST ${target} HTTP/1.1\r\nHost: localhost:${way.port}\r\n` +
		    `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
		const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
		const json = JSON.stringify({ email: "nobody@nowhere.test", password });
		const statuses = async (bytes, from = "127.0.0.1", way = direct()) => {
			const socket = tls.connect({ host: "127.0.0.1", port: way.port, ca: way.ca,
				servername: "localhost", localAddress: from });
			let text = "";
			socket.setEncoding("latin1").on("data", (s) => { text += s; });
			socket.write(bytes);
			await new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
			return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => Number(m[1]));
		};
		const last = () => `GET /healthz HTTP/1.1\r\nHost: localhost:${direct().port}\r\nConnection: close\r\n\r\n`;
		const end = "0\r\n\r\n";

		for (const [what, target, chunks, wanted] of [
			["one", "/api/v1/session", () => chunk(json) + end, [401, 200]],
			["a chunk for each byte", "/api/v1/session", () => [...json].map(chunk).join("") + end, [401, 200]],
			["an empty body", "/api/v1/session", () => end, [400, 200]],
			["no such route", "/api/v1/none", () => chunk(json) + end, [404, 200]],
			["the bound of the route", "/api/v1/session", () =>
				[...Array(16)].map(() => chunk(" ".repeat(4096))).join("") + end, [400, 200]],
			["beyond the bound", "/api/v1/session", () => "10001\r\n", [413]],
			["beyond the bound, in parts", "/api/v1/session", () =>
				[...Array(17)].map(() => chunk(" ".repeat(4096))).join("") + end, [413]],
			["an extension", "/api/v1/session", () => "1;a=b\r\nx\r\n0\r\n\r\n", [400]],
			["a trailer", "/api/v1/session", () => "1\r\nx\r\n0\r\nX: y\r\n\r\n", [400]],
			["no size", "/api/v1/session", () => "x\r\n", [400]],
		])
			test(`of a trusted proxy: ${what}`, async () => {
				assert.deepEqual(await statuses(post(target, chunks()) + last()), wanted);
			});

		test("an empty chunked body leaves nothing to the next request", async () => {
			const plain = `POST /api/v1/session HTTP/1.1\r\nHost: localhost:${direct().port}\r\n` +
			    `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
			assert.deepEqual(await statuses(post("/api/v1/session", end) + plain + last()), [400, 401, 200]);
			assert.deepEqual(await statuses(post("/api/v1/session", end) + post("/api/v1/session", end) + last()),
			    [400, 400, 200]);
		});

		test("of others: 501, also through HAProxy that passes TLS through", async () => {
			assert.deepEqual(await statuses(post("/api/v1/session", chunk(json) + end), "127.0.0.9"), [501]);
			const { passthrough } = haproxy;
			assert.deepEqual(await statuses(post("/api/v1/session", chunk(json) + end, passthrough),
			    address(), passthrough), [501]);
		});
	});
});

describe("the listener of the PROXY protocol", () => {
	const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
	const header = (command, transport, length, ...rest) =>
	    Buffer.concat([signature, Buffer.from([command, transport, length >> 8, length & 255]), ...rest.map((r) => Buffer.from(r))]);
	const addresses = [192, 0, 2, 77, 127, 0, 0, 1, 0x12, 0x34, 0x20, 0xfb];
	const whole = header(0x21, 0x11, 12, addresses);
	let server;

	before(async () => {
		server = await startServer({ database, settings: await trusting() });
	});
	after(() => server?.processes().length > 1 && server.stop());

	const dial = (from) => net.connect({ host: "127.0.0.1", port: server.settings.proxy_port, localAddress: from });
	// Sends the parts one by one, then signs in with a wrong password over TLS.
	// Returns the status, or "closed".
	async function through(parts, from = "127.0.0.1") {
		const socket = dial(from);
		socket.setNoDelay(true);
		socket.on("error", () => {});
		for (const part of parts)
			await new Promise((resolve) => socket.write(part, resolve));
		const json = JSON.stringify({ email: people.user.email, password: "wrong-password-x" });
		return new Promise((resolve) => {
			const secure = tls.connect({ socket, servername: "localhost", ca: server.ca }, () => secure.write(
			    `POST /api/v1/session HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n` +
			    `Content-Type: application/json\r\nX-Forwarded-For: 9.9.9.9\r\nX-Request-Id: Proxy-0002\r\n` +
			    `Content-Length: ${json.length}\r\n\r\n${json}`));
			let text = "";
			secure.setEncoding("utf8").on("data", (s) => { text += s; });
			secure.on("error", () => resolve("closed"));
			secure.on("close", () => resolve(text === "" ? "closed" :
			    { status: Number(text.slice(9, 12)), id: /x-request-id: (.*)\r/.exec(text)[1] }));
		});
	}
	const client = async (parts) => {
		const answer = await through(parts);
		assert.equal(answer.status, 401);
		await database.sql("delete from sign_in_failure");
		return [await audited("sign_in_failed"), answer.id === "Proxy-0002"];
	};

	// [the client's address, whether its request id counts]
	for (const [what, parts, wanted] of [
		["IPv4", () => [whole], ["192.0.2.77", false]],
		["byte by byte", () => [...whole].map((b) => Buffer.from([b])), ["192.0.2.77", false]],
		["IPv6", () => [header(0x21, 0x21, 36, Buffer.from("20010db9000000000000000000000077", "hex"), Buffer.alloc(20))],
			["2001:db9::77", false]],
		["TLVs", () => [header(0x21, 0x11, 19, addresses, [4, 0, 4, 1, 2, 3, 4])], ["192.0.2.77", false]],
		["TLS that ends at the proxy", () => [header(0x21, 0x11, 20, addresses, [0x20, 0, 5, 1, 0, 0, 0, 0])], ["192.0.2.77", true]],
		["LOCAL, the proxy's own: its fields count", () => [header(0x20, 0, 0)], ["9.9.9.9", true]],
		["another trusted proxy: its fields count", () => [header(0x21, 0x21, 36, Buffer.from("20010db8000000000000000000000077", "hex"), Buffer.alloc(20))],
			["9.9.9.9", true]],
	])
		test(`accepts ${what}`, async () => assert.deepEqual(await client(parts()), wanted));

	for (const [what, parts] of [
		["no header", () => []],
		["version 1", () => ["PROXY TCP4 192.0.2.77 127.0.0.1 1 2\r\n"]],
		["another version", () => [header(0x31, 0x11, 12, addresses)]],
		["an unknown command", () => [header(0x22, 0x11, 12, addresses)]],
		["the UNIX family", () => [header(0x21, 0x31, 216, Buffer.alloc(216))]],
		["too few bytes", () => [header(0x21, 0x11, 11, addresses.slice(1))]],
		["a header that is too long", () => [header(0x21, 0x11, 65535, addresses)]],
	])
		test(`closes after ${what}`, async () => assert.equal(await through(parts()), "closed"));

	test("closes after half a header and silence", async () => {
		const socket = dial("127.0.0.1");
		socket.write(whole.subarray(0, 10));
		await new Promise((resolve) => socket.on("close", resolve).on("error", () => {}).resume());
	});

	test("closes connections of others at once, without a byte from them", async () => {
		const socket = dial("127.0.0.9");
		await new Promise((resolve) => socket.on("close", resolve).on("error", () => {}).resume());
		assert.equal(await through([whole], "127.0.0.9"), "closed");
	});

	test("what was refused and ignored is counted in a line", async () => {
		const other = new Client(server, { from: "127.0.0.9" });
		assert.equal((await other.get("/healthz", spoof)).status, 200);
		other.close();
		const trusted = new Client(server, { from: "127.0.0.1" });
		assert.equal((await trusted.get("/healthz", { ...spoof, forwarded: "for=8.8.8.8" })).status, 400);
		trusted.close();
		await server.stop();
		const [, counts] = /event=proxy (connections_refused=.*)/.exec(server.log());
		// ignored: of the four clients of the PROXY header and of 127.0.0.9
		assert.equal(counts, "connections_refused=2 headers_refused=7 forwarding_ignored=6 forwarding_refused=1");
	});
});

test("a Host that has lost its port is said to have lost it", async (t) => {
	const front = await startNginx(servers, [["$http_host;", "$host;"]]);
	t.after(() => front.stop());
	const ask = async (language, surface) => {
		const client = new Client(front.web);
		const body = { email: people.user.email, password };
		const answer = await client.post(`${surface}/session`, { headers: { "accept-language": language },
			...surface === "/api/v1" ? { json: body } : { fields: body } });
		client.close();
		assert.equal(answer.status, 403);
		return answer;
	};
	const problem = (await ask("en", "/api/v1")).json();
	assert.equal(problem.type, "urn:smartrecord:problem:host-without-port");
	assert.match(problem.detail, /proxy .* must forward the Host header with its port/);
	assert.match((await ask("fr", "/board")).text, /serveur mandataire .* l’en-tête Host avec son port/);
	await until("a warning", () => /event=host_without_port/.test(seen()));
	// another host, or another port, is another site
	for (const origin of [`https://localhost.example:1`, `https://other:${servers[0].port}`, "https://localhost:1"]) {
		const client = new Client(servers[0]);
		const answer = await client.post("/api/v1/session", { json: {}, headers: { origin } });
		client.close();
		assert.equal(answer.json().type, "urn:smartrecord:problem:cross-site");
	}
});

test("wrong settings are refused in a sentence", async () => {
	const { settings } = servers[0];
	for (const [wrong, words] of [
		[{ trusted_proxies: "127.0.0.1 proxy.example.net" }, /trusted_proxies: "proxy\.example\.net" is neither an IP address/],
		[{ trusted_proxies: "10.0.0.1/8" }, /trusted_proxies: "10\.0\.0\.1\/8" is no network/],
		[{ trusted_proxies: "" }, /proxy_port without trusted_proxies/],
		[{ proxy_port: settings.port }, /proxy_port must be another port/],
		[{ proxy_port: 0, proxy_listen: "127.0.0.1" }, /proxy_listen without proxy_port/],
		[{ proxy_listen: "192.0.2.1" }, /Set .*listen to an address of this machine/],
	]) {
		const { status, stderr } = await smartrecord(["serve"], { ...settings, ...wrong }, { check: false });
		assert.equal(status, 1);
		assert.match(stderr, words);
		assert.doesNotMatch(stderr, /\n./, "one sentence");
	}
});
