// Strangers of IPv6 count by /64. Runs itself in a network namespace of its
// own, whose loopback interface has addresses of three /64 networks; without the
// rights for a namespace it fails.
import assert from "node:assert/strict";
import { connect } from "node:tls";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../lib/client.js";
import { people, password } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { isRoot, run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const address = (network, i) => `2001:db8:0:${network}::${(i + 1).toString(16)}`;
const networks = [1, 2, 3], each = 60;

// Without an IPv4 address beside the loopback, getaddrinfo(3) finds none of
// localhost for PostgreSQL.
const setUp = ["ip link set lo up", "ip address add 192.0.2.1/32 dev lo", ...networks.flatMap((network) => Array.from({ length: each },
    (_, i) => `ip -6 address add ${address(network, i)}/128 dev lo nodad`))].join("\n");

if (!process.env.TEST_IN_NAMESPACE)
	test("in a network namespace", async () => {
		// PostgreSQL of the other tests is out of reach in there
		const { NODE_TEST_CONTEXT: _, SMARTRECORD_TEST_CLUSTER: __, ...env } = process.env;
		const { status, stdout, stderr } = await run("unshare", [isRoot ? "-n" : "-rn", "sh", "-ec",
		    `${setUp}\nexec "$0" "$1"`, process.execPath, fileURLToPath(import.meta.url)],
		    { env: { ...env, TEST_IN_NAMESPACE: "yes" }, check: false });
		assert.equal(status, 0, stdout + stderr);
		assert.match(stdout, /# pass 3\n/);
	});
else
	describe("over IPv6", inside);

function inside() {
	let server, database;
	before(async () => {
		database = await freshDatabase({ fixtures: true });
		server = await startServer({ database, settings: { workers: 1, listen: "::", worker_connections: 256 } });
	});
	after(() => server?.stop());

	const tries = async (from, email, secret = "wrong") => {
		const client = new Client(server, { from });
		const { status, headers } = await client.post("/api/v1/session", { json: { email, password: secret } });
		client.close();
		return [status, headers["retry-after"] !== undefined];
	};
	// Attempts count less in their first ten seconds, as they may not be checked yet.
	const age = () => database.sql("update sign_in_failure set at = at - interval '10 seconds'");

	test("51 wrong passwords from addresses of a /64: its next address has to wait", async () => {
		for (let i = 0; i < 3; i++)
			assert.deepEqual(await tries(address(1, i), `nobody-${i}@nowhere.test`), [401, false]);
		assert.deepEqual(await database.rows("select network, count(distinct address)::int as n from sign_in_failure group by 1"),
		    [{ network: "2001:db8:0:1::/64", n: 3 }]);
		// as if each had tried 17 times
		await database.sql("insert into sign_in_failure select s.* from sign_in_failure s, generate_series(1, 16)");
		await age();
		assert.deepEqual(await tries(address(1, 55), people.user.email, password), [429, true]);
		assert.deepEqual(await tries(address(2, 55), people.user.email, password), [201, false]);
		await database.sql("delete from sign_in_failure");
	});

	test("11 for one e-mail from as many addresses of a /64: only a browser known for its person enters", async () => {
		const browser = new Client(server, { from: address(3, 0) });
		await browser.signIn(people.user.email);
		browser.cookies.delete("__Host-session");
		for (let i = 0; i < 11; i++)
			assert.deepEqual(await tries(address(3, i), people.user.email), [401, false]);
		assert.deepEqual(await tries(address(3, 55), people.user.email, password), [429, true]);
		assert.deepEqual(await tries(address(2, 55), people.user.email, password), [201, false]);
		await browser.signIn(people.user.email);
		browser.close();
		await database.sql("delete from sign_in_failure");
	});

	test("unfinished requests count by /64", async () => {
		const open = (from) => new Promise((resolve, reject) => {
			const socket = connect({ host: "::1", port: server.port, servername: "localhost", ca: server.ca,
			    localAddress: from }, () => {
				socket.write("POST /console/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
				resolve(socket);
			});
			socket.got = "";
			socket.on("error", reject).setEncoding("latin1").on("data", (chunk) => { socket.got += chunk; });
		});
		// of 256 connections a network may have 64, and half of them unfinished
		const held = [];
		for (let i = 0; i < 32; i++)
			held.push(await open(address(1, i)));
		const more = await open(address(1, 50)), other = await open(address(2, 50));
		await until("a refusal", () => /^HTTP\/1\.1 429 /.test(more.got));
		other.write(`${"x".repeat(100)}`);
		await until("an answer", () => /^HTTP\/1\.1 415 /.test(other.got));
		assert.deepEqual(held.map((socket) => socket.got).filter((got) => got !== ""), []);
		[...held, more, other].forEach((socket) => socket.destroy());
	});
}
