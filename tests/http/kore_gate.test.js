// Requests that Kore's own parser handles wrongly (22 headers, bodies that
// it runs as requests, pipelined requests that it drops …), sent as bytes
// to the real server: the gate before the parser responds, or refuses and
// closes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { exchange, open } from "../lib/client.js";
import { startServer } from "../lib/server.js";

let server;

before(async () => {
	server = await startServer({ database: await freshDatabase({ fixtures: true }),
		settings: { workers: 1 } });
});

after(() => server?.stop());

const host = "Host: localhost\r\n";
const close = "Connection: close\r\n";
const end = "\r\n";
const get = (target, ...lines) => `GET ${target} HTTP/1.1\r\n${host}${lines.join("")}\r\n`;
const post = (lines, body = "") =>
	`POST /api/v1/session HTTP/1.1\r\n${host}${lines}\r\n${body}`;
const length = (n) => `Content-Length: ${n}\r\n`;
const many = (n) => Array.from({ length: n }, (_, i) => `X-${i}: v\r\n`).join("");

const statuses = (answer) => [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)]
    .map(([, status]) => Number(status));

// Sends each part as a TLS record of its own; returns all bytes until the
// server closes.
async function talk(parts) {
	const socket = await open(server, { servername: "localhost" });
	return new Promise((resolve, reject) => {
		let got = "";
		socket.setNoDelay(true).setEncoding("latin1").setTimeout(10000, () => {
			socket.destroy();
			reject(new Error(`not closed after: ${got}`));
		});
		socket.on("data", (chunk) => { got += chunk; });
		socket.on("error", () => {});
		socket.on("close", () => resolve(got));
		for (const part of parts)
			socket.write(Buffer.from(part, "latin1"));
	});
}

// Bytes, or parts, and the expected statuses. The last request asks to close,
// or is refused.
const cases = [
	["plain GET", get("/healthz", close), 200],
	["POST with a body", post(length(5) + close, "hello"), 415],
	["POST with a body in two parts", [post(length(5) + close, "he"), "llo"], 415],
	["POST without content", post(length(0) + close), 400],
	["head in four parts", ["GET /heal", `thz HTTP/1.1\r\nHo`,
	    `st: localhost\r\n${close}\r`, "\n"], 200],
	["Expect: 100-continue", [post(`Expect: 100-continue\r\n${length(5)}${close}`), "hello"],
	    [100, 415]],
	["an empty value", get("/healthz", "X-E: \r\nOrigin: \r\n", close), 200],
	["UTF-8 in a value", get("/healthz", "User-Agent: M\xc3\xbcller\r\n", close), 200],
	["length 0 on DELETE", `DELETE /api/v1/session HTTP/1.1\r\n${host}${length(0)}${close}\r\n`,
	    401],
	["three at once", get("/healthz") + get("/healthz") + get("/healthz", close),
	    [200, 200, 200]],
	["POST and GET at once", post(length(5), "hello") + get("/healthz", close), [415, 200]],
	["more bytes than its length", post(length(1), `Abb ${end}`), [415, 400]],
	["chunked", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501],
	["chunked and a length", post(`Transfer-Encoding: chunked\r\n${length(4)}`, "5\r\nh"), 501],
	["another transfer encoding", post(`Transfer-encoding:\txchunked\r\n${length(0)}`), 501],
	["blank in front of the colon", post("Transfer-Encoding : chunked\r\n"), 400],
	["two lengths", post(length(5) + length(3), "hello"), 400],
	["the same length twice", post(length(5) + length(5), "hello"), 400],
	["lengths in a list", post(length("5, 5"), "hello"), 400],
	["length +3", post(length("+3"), "abc"), 400],
	["length -1", post(length("-1"), "abc"), 400],
	["length 0x3", post(length("0x3"), "abc"), 400],
	["length 1e1", post(length("1e1"), "abc"), 400],
	["length past 64 bits", post(length("18446744073709551617"), "abc"), 400],
	["length empty", post(length("")), 400],
	["length over the route's bound", post(length(65537), "abc"), 413],
	["… and its body", post(length(5000000), "x".repeat(400000)), 413],
	["a body where the route takes none",
	    `POST /api/v1/recordings HTTP/1.1\r\n${host}${length(4097)}\r\n`, 413],
	["POST without length", post(""), 411],
	["body of GET", get("/healthz", length(5)) + "hello", 400],
	["body of HEAD", `HEAD /healthz HTTP/1.1\r\n${host}${length(5)}\r\nhello`, 400],
	["body of DELETE", `DELETE /api/v1/session HTTP/1.1\r\n${host}${length(5)}\r\nhello`, 400],
	["no Host", `GET /healthz HTTP/1.1\r\n\r\n`, 400],
	["Hostx", `GET /healthz HTTP/1.1\r\nHostx: localhost\r\n\r\n`, 400],
	["two Hosts", get("/healthz", host), 400],
	["Host a/b", `GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n`, 400],
	["Host with a user", `GET /healthz HTTP/1.1\r\nHost: x@localhost\r\n\r\n`, 400],
	["Host with a long port", `GET /healthz HTTP/1.1\r\nHost: localhost:99999999\r\n\r\n`, 400],
	["Host other than the TLS name", `GET /healthz HTTP/1.1\r\nHost: other\r\n\r\n`, 421],
	["NUL in a value", get("/healthz", "X: a\0b\r\n"), 400],
	["NUL in the target", get("/heal\0thz"), 400],
	["%00 in the target", get("/healthz%00"), 400],
	["control in a value", get("/healthz", "X: a\x01b\r\n"), 400],
	["folded line", get("/healthz", "X: a\r\n b\r\n"), 400],
	["folded line, tab", get("/healthz", "X: a\r\n\tb\r\n"), 400],
	["bare LF", "GET /healthz HTTP/1.1\nHost: localhost\n\n", 400],
	["bare LF in a line", "GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400],
	["bare CR", get("/healthz", "X: a\rb\r\n"), 400],
	["70 lines", get("/healthz", many(70)), 431],
	["20 KB of a line", get("/healthz", `X: ${"y".repeat(20000)}\r\n`), 431],
	["20 KB without an end", `GET /healthz HTTP/1.1\r\n${host}X: ${"y".repeat(20000)}`, 431],
	["a long target", get(`/healthz?${"x".repeat(2100)}`), 414],
	["blank in a name", get("/healthz", "X Y: z\r\n"), 400],
	["bracket in a name", get("/healthz", "X(: z\r\n"), 400],
	["empty name", get("/healthz", ": z\r\n"), 400],
	["no colon", get("/healthz", "foo\r\n"), 400],
	["method in small letters", `get /healthz HTTP/1.1\r\n${host}\r\n`, 400],
	["TRACE", `TRACE /healthz HTTP/1.1\r\n${host}\r\n`, 501],
	["CONNECT", `CONNECT a:1 HTTP/1.1\r\n${host}\r\n`, 501],
	["absolute target", get("https://localhost/healthz"), 400],
	["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 400],
	["two blanks", `GET  /healthz HTTP/1.1\r\n${host}\r\n`, 400],
	["HTTP/2.0", `GET /healthz HTTP/2.0\r\n${host}\r\n`, 400],
	["HTTP/1.2", `GET /healthz HTTP/1.2\r\n${host}\r\n`, 505],
	["HTTP/0.9", "GET /healthz\r\n\r\n", 400],
	["empty line first", `\r\n${get("/healthz")}`, 400],
	["HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501],
	["TLS inside TLS", "\x16\x03\x01\x02", 400],
	["two content types", post(`Content-Type: a\r\nContent-Type: b\r\n${length(0)}`), 400],
	["another Expect", post(`Expect: foo\r\n${length(0)}`), 417],
	["a request as a body", [get("/healthz", length(44)), get("/readyz")], 400],
	["HTTP/1.0", `GET /healthz HTTP/1.0\r\n${host}\r\n`, 200],
];

describe("bytes", () => {
	for (const [name, bytes, expected] of cases)
		test(name, async () => assert.deepEqual(statuses(await talk([bytes].flat())),
		    [expected].flat()));
});

test("a refusal of the gate has the headers of any response, and a problem as body", async () => {
	const answer = await talk([get("/healthz", "X(: z\r\n")]);
	const [head, body] = answer.split("\r\n\r\n");
	for (const line of ["connection: close", "x-content-type-options: nosniff",
	    "cache-control: no-store", "content-type: application/problem+json",
	    "server: smartrecord"])
		assert.ok(head.includes(line), `${line} in ${head}`);
	assert.match(head, /^content-security-policy: default-src 'none'/m);
	assert.match(head, /^strict-transport-security: max-age=/m);
	assert.deepEqual(JSON.parse(body), { type: "about:blank", title: "Bad Request", status: 400 });
	assert.doesNotMatch(answer, /kore/i);
});

test("40 header lines: the cookie behind them is kept", async () => {
	const client = await server.client().signIn(people.user.email);
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	client.close();
	const answer = await talk([get("/api/v1/session", many(40), `Cookie: ${cookie}\r\n`, close)]);
	assert.deepEqual(statuses(answer), [200]);
	assert.ok(answer.includes(people.user.email));
	// two Cookie lines, as HTTP/2 proxies send them
	const split = await talk([get("/api/v1/session", "Cookie: a=b==\r\n",
	    `Cookie: ${cookie}\r\n`, close)]);
	assert.deepEqual(statuses(split), [200]);
});

test("a request sent while another is served waits for its turn", async () => {
	const body = JSON.stringify({ email: people.user.email, password: "wrong" });
	const answer = await talk([
		post(`Content-Type: application/json\r\n${length(body.length)}`, body),
		get("/healthz", close),
	]);
	assert.deepEqual(statuses(answer), [401, 200]);
	// it is not lost when it arrives while the first one is processed
	const socket = await open(server);
	let got = "";
	socket.setEncoding("latin1").on("data", (chunk) => { got += chunk; });
	const closed = new Promise((resolve) => socket.on("close", resolve));
	socket.write(post(`Content-Type: application/json\r\n${length(body.length)}`, body));
	await new Promise(setImmediate);
	socket.write(get("/healthz", close));
	await closed;
	assert.deepEqual(statuses(got), [401, 200]);
});

test("a form and a redirect can't add a header", async () => {
	const to = "/console/recordings%0d%0aX-Injected: yes".replaceAll(" ", "%20");
	const body = `lang=fr&to=${to}`;
	const answer = await talk([`POST /console/language HTTP/1.1\r\n${host}${close}` +
		`Origin: https://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
		`${length(body.length)}\r\n${body}`]);
	assert.equal(statuses(answer).length, 1);
	assert.doesNotMatch(answer, /^x-injected/im);
});

test("the connection closes after an HTTP/1.0 response", async () => {
	const answer = await exchange(server, `GET /healthz HTTP/1.0\r\n${host}\r\n`);
	assert.match(answer, /^HTTP\/1\.0 200 /);
	assert.match(answer, /^connection: close/m);
});

// An idle connection does not time out as a request; an unfinished request
// gets 408.
test("an idle connection does not time out between requests; an unfinished head does", async () => {
	const idle = await open(server), half = await open(server), more = await open(server);
	let got = "", late = "", behind = "";
	idle.setEncoding("latin1").on("data", (chunk) => { got += chunk; });
	half.setEncoding("latin1").on("data", (chunk) => { late += chunk; });
	idle.write(get("/healthz"));
	half.write("GET /healthz HT");
	// a body one byte longer than its length begins another request
	more.setEncoding("latin1").on("data", (chunk) => { behind += chunk; });
	more.write(post(length(1), "AB"));
	await Promise.all([half, more].map((socket) =>
		new Promise((resolve) => socket.on("close", resolve))));
	assert.deepEqual(statuses(late), [408]);
	assert.deepEqual(statuses(behind), [415, 408]);
	// by now the connection has been idle for longer than a head may take
	assert.deepEqual(statuses(got), [200]);
	const closed = new Promise((resolve) => idle.on("close", resolve));
	idle.write(get("/healthz", close));
	await closed;
	assert.deepEqual(statuses(got), [200, 200]);
});
