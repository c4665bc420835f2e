// Certificates: ECDSA beside RSA, key exchange by ECDHE only, pairs that are
// refused, keys in one process only, and reloads during which no connection
// fails.
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync,
    rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { connect, getCiphers } from "node:tls";
import { freshDatabase, smartrecord } from "../lib/pg.js";
import { run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

// As certbot makes them by default, and other kinds.
const P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
const RSA = ["rsa:2048"];
let dir, database, server;
const servers = [];

const file = (name) => path.join(dir, name);

// Makes NAME.pem and NAME.key for a host.
async function make(name, kind, host = "localhost") {
	await run("openssl", ["req", "-x509", "-newkey", ...kind, "-nodes", "-days", "2",
	    "-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host},IP:127.0.0.1`,
	    "-out", file(`${name}.pem`), "-keyout", file(`${name}.key`)]);
	return new X509Certificate(readFileSync(file(`${name}.pem`)));
}

const pair = (name) => ({ tls_certificate: file(`${name}.pem`), tls_key: file(`${name}.key`) });

// Shakes hands; returns the suite, its version and the certificate. The
// certificate is verified against ca.
function shake(port, { servername = "localhost", ca, version, ...options } = {}) {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "localhost", port, servername, ca,
			minVersion: version, maxVersion: version, ...options }, () => {
			resolve({ cipher: socket.getCipher(), version: socket.getProtocol(),
				exchange: socket.getEphemeralKeyInfo().type,
				certificate: socket.getPeerX509Certificate() });
			socket.destroy();
		}).on("error", reject);
	});
}

const hosts = { localhost: P256, "p384.test": P384, "rsa.test": RSA };
const authority = {};

before(async () => {
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-certificates-"));
	mkdirSync(file("hosts"));
	for (const [host, kind] of Object.entries(hosts)) {
		authority[host] = (await make(host, kind, host)).toString();
		for (const name of host === "localhost" ? [] : [`${host}.pem`, `${host}.key`])
			copyFileSync(file(name), file(`hosts/${name}`));
	}
	database = await freshDatabase({ fixtures: true });
	const settings = { ...pair("localhost"), tls_dir: file("hosts"), run_as: "" };
	server = await startServer({ database, settings });
});
// Ends the servers of a test.
afterEach(async () => {
	for (const one of servers.splice(0))
		await one.stop();
});
after(async () => {
	await server?.stop();
	await database?.drop();
	rmSync(dir, { recursive: true, force: true });
});

test("ECDSA P-256 and P-384 and RSA are served to each host, over TLS 1.2 and 1.3", async () => {
	for (const host of Object.keys(hosts))
		for (const version of ["TLSv1.2", "TLSv1.3"]) {
			const got = await shake(server.port, { servername: host,
				ca: authority[host], version });
			assert.equal(got.version, version);
			assert.equal(got.certificate.toString(), authority[host], host);
			if (version === "TLSv1.2")
				assert.match(got.cipher.name,
				    host === "rsa.test" ? /^ECDHE-RSA-/ : /^ECDHE-ECDSA-/);
		}
	const client = server.client();
	assert.equal((await client.get("/readyz")).status, 200);
	client.close();
});

test("each algorithm of signatures: PKCS #1 and PSS, SHA-256 to SHA-512", async () => {
	for (const [host, algorithms] of Object.entries({
		localhost: ["ecdsa_secp256r1_sha256"], "p384.test": ["ecdsa_secp384r1_sha384"],
		"rsa.test": ["RSA+SHA256", "RSA+SHA512", "RSA-PSS+SHA256", "RSA-PSS+SHA384"] }))
		for (const sigalgs of algorithms) {
			const { certificate } = await shake(server.port, { servername: host,
				ca: authority[host], version: "TLSv1.2", sigalgs });
			assert.equal(certificate.toString(), authority[host], sigalgs);
		}
});

test("only ECDHE is offered", async () => {
	const suites = getCiphers().filter((name) => !/^tls_/.test(name));
	assert.ok(suites.some((name) => /^dhe-/.test(name)), "the client knows DHE");
	for (const host of ["localhost", "rsa.test"]) {
		const accepted = [];
		for (const suite of suites) {
			const ciphers = `${suite.toUpperCase()}:@SECLEVEL=0`;
			const got = await shake(server.port, { servername: host,
				ca: authority[host], version: "TLSv1.2", ciphers }).catch(() => null);
			if (got) {
				assert.equal(got.exchange, "ECDH", suite);
				accepted.push(got.cipher.name);
			}
		}
		assert.ok(accepted.length >= 3, `${accepted}`);
		for (const name of accepted)
			assert.match(name, /^ECDHE-(RSA|ECDSA)-(AES\d+-GCM|CHACHA20)/);
	}
	// TLS 1.3 names the groups apart from the suites
	const group = (name) => run("openssl", ["s_client", "-connect", `localhost:${server.port}`,
	    "-tls1_3", "-groups", name], { check: false });
	assert.equal((await group("P-256")).status, 0);
	assert.notEqual((await group("ffdhe2048")).status, 0);
});

// Shakes hands with the ticket of the time before, if any. Returns whether it was
// taken, and the next ticket. Tickets of TLS 1.3 come after the handshake.
function resume(port, version, session) {
	return new Promise((resolve, reject) => {
		let next;
		const socket = connect({ host: "localhost", port, ca: authority.localhost, session,
			servername: "localhost", minVersion: version, maxVersion: version },
			() => socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		socket.on("session", (ticket) => { next = ticket; }).on("error", reject);
		socket.once("data", () => {
			resolve({ taken: socket.isSessionReused(), ticket: next ?? session });
			socket.destroy();
		});
	});
}

test("a ticket is taken by every worker, after a worker was replaced, and after a reload", async () => {
	const own = await startServer({ database, settings: pair("localhost") });
	servers.push(own);
	const started = () => own.log().split("event=worker_started").length;
	const threads = (pid) => Number(/^Threads:\s+(\d+)/m.exec(
	    readFileSync(`/proc/${pid}/status`, "latin1"))[1]);
	let ticket;
	const several = async (version, why) => {
		for (let i = 0; i < 8; i++) {
			const shaken = await resume(own.port, version, ticket);
			assert.ok(shaken.taken, `${version}, ${why}, ${i}`);
			ticket = shaken.ticket;
		}
	};
	for (const version of ["TLSv1.2", "TLSv1.3"]) {
		const first = await resume(own.port, version);
		assert.equal(first.taken, false);
		ticket = first.ticket;
		await several(version, "every worker");
	}
	const reloads = () => own.log().split("event=certificates_new").length;
	const loaded = reloads();
	process.kill(own.pid, "SIGUSR1");
	await until("the reload", () => reloads() > loaded);
	await several("TLSv1.3", "after a reload");
	const before = started();
	own.family().filter((pid) => threads(pid) > 1).forEach((pid) => process.kill(pid, "SIGKILL"));
	await until("new workers", () => started() === before + 2);
	await until("them to serve", () => resume(own.port, "TLSv1.3", ticket).then(() => true, () => false));
	await several("TLSv1.3", "after the workers were replaced");
});

test("only the key manager has the keys", async () => {
	const bytes = (part) => Buffer.from(part, "base64url");
	const key = (host) => createPrivateKey(readFileSync(file(`${host}.key`))).export({ format: "jwk" });
	const secrets = [key("localhost").d, key("p384.test").d, key("rsa.test").p].map(bytes)
	    .flatMap((secret) => [secret, Buffer.from(secret).reverse()])
	    // the second line of each file
	    .concat(Object.keys(hosts).map((host) =>
		Buffer.from(readFileSync(file(`${host}.key`), "latin1").split("\n")[1])));
	// Returns how many of the secrets are in the memory of a process.
	const found = (pid) => {
		const seen = new Set();
		const mem = openSync(`/proc/${pid}/mem`, "r");
		for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
			const [, from, to] = /^([\da-f]+)-([\da-f]+) rw/.exec(line) ?? [];
			if (!from || /\[v/.test(line))
				continue;
			const size = Number(BigInt(`0x${to}`) - BigInt(`0x${from}`));
			if (size > 2 ** 30)
				continue;	// a sanitizer's shadow memory
			const part = Buffer.alloc(size);
			try {
				readSync(mem, part, 0, part.length, BigInt(`0x${from}`));
			} catch {
				continue;	// a page without content
			}
			for (const [i, secret] of secrets.entries())
				if (part.includes(secret))
					seen.add(i);
		}
		closeSync(mem);
		return seen.size;
	};
	const keepers = server.processes().filter((pid) => found(pid) > 0);
	assert.equal(keepers.length, 1);
	assert.ok(found(keepers[0]) >= 3, "each key is found there");
	// the workers have a pool of threads
	assert.match(readFileSync(`/proc/${keepers[0]}/status`, "latin1"), /^Threads:\t1$/m);
});

// --- what is refused -----------------------------------------------------------

// A pair that is accepted gets a sentence too: this address can't be listened on.
async function sentence(settings) {
	const { status, stderr } = await smartrecord(["serve"], { ...server.settings,
		tls_dir: "", ...settings, listen: "192.0.2.1" }, { check: false });
	assert.equal(status, 1);
	assert.doesNotMatch(stderr, /\n./, "one sentence");
	return stderr;
}

test("pairs that can't be served are refused with a sentence", async () => {
	await make("other", P256);
	await make("ed", ["ed25519"]);
	await make("koblitz", ["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]);
	await make("short", ["rsa:1024"]);
	const kinds = /tls_certificate .*\.pem: .*RSA \(2048 bits or more\) nor ECDSA \(P-256 or P-384\)/;
	for (const name of ["ed", "koblitz", "short"])
		assert.match(await sentence(pair(name)), kinds, name);
	for (const name of ["rsa.test", "other", "p384.test"])
		assert.match(await sentence({ ...pair("localhost"), tls_key: file(`${name}.key`) }),
		    /tls_key .*\.key: not the key of tls_certificate .*localhost\.pem/);
	await run("openssl", ["pkey", "-in", file("other.key"), "-aes128", "-passout", "pass:secret",
	    "-out", file("locked.key")]);
	assert.match(await sentence({ ...pair("other"), tls_key: file("locked.key") }),
	    /tls_key .*locked\.key: no PEM key without passphrase/);
	writeFileSync(file("cut.pem"), `${authority.localhost}${authority["rsa.test"].slice(0, 300)}`);
	assert.match(await sentence({ ...pair("localhost"), tls_certificate: file("cut.pem") }),
	    /tls_certificate .*cut\.pem: the certificates after the first one are damaged/);
	assert.match(await sentence({ ...pair("other"), tls_dir: file("none") }), /tls_dir .*none: No such/);
});

test("keys in the older format of OpenSSL, and chains, are accepted", async () => {
	await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-out", file("older.key")]);
	assert.match(readFileSync(file("older.key"), "latin1"), /BEGIN EC PARAMETERS/);
	await run("openssl", ["req", "-x509", "-new", "-key", file("older.key"), "-subj", "/CN=localhost",
	    "-out", file("older.pem")]);
	writeFileSync(file("older.pem"), readFileSync(file("older.pem"), "latin1") + authority["rsa.test"]);
	assert.match(await sentence(pair("older")), /Set listen to an address of this machine/);
});

// --- reloads ---------------------------------------------------------------------

// Starts a server whose pair is that of NAME.
async function startWith(name, settings = {}) {
	const files = ["served.pem", "served.key"].map(file);
	const put = (next) => ["pem", "key"].forEach((end, i) =>
		copyFileSync(file(`${next}.${end}`), files[i]));
	put(name);
	const one = await startServer({ database,
		settings: { ...pair("served"), ...settings } });
	servers.push(one);
	return { one, put, reload: () => process.kill(one.pid, "SIGUSR1") };
}

// Sends a request on a connection of its own. Returns the serial number of the
// certificate.
function ask(port, ca) {
	return new Promise((resolve, reject) => {
		request({ host: "localhost", port, path: "/healthz", ca, agent: false }, (answer) => {
			const { serialNumber } = answer.socket.getPeerCertificate();
			answer.resume().on("end", () => answer.statusCode === 200 ?
				resolve(serialNumber) : reject(new Error(`status ${answer.statusCode}`)));
		}).on("error", reject).end();
	});
}

test("no connection of 2,000 fails while twelve reloads happen, from RSA to ECDSA and back", async () => {
	const made = [];
	for (let i = 0; i <= 12; i++)
		made.push(await make(`reload${i}`, i % 2 ? P256 : RSA));
	const ca = made.map((certificate) => certificate.toString());
	const serials = made.map((certificate) => certificate.serialNumber);
	const { one, put, reload } = await startWith("reload0");
	const seen = [], failed = [];
	let current = 0;
	const client = async () => {
		while (seen.length < 2000 || !seen.includes(12)) {
			await ask(one.port, ca).then((serial) => seen.push(serials.indexOf(serial)),
			    (error) => { failed.push(error.code ?? error.message); seen.push(-1); });
			// the next reload waits for the effect of the former one
			if (current < 12 && seen.length > (current + 1) * 150 &&
			    seen.at(-1) === current) {
				put(`reload${++current}`);
				reload();
			}
		}
	};
	await Promise.all(Array.from({ length: 8 }, client));
	assert.deepEqual(failed, []);
	assert.ok(seen.length >= 2000);
	for (let i = 0; i <= 12; i++)
		assert.ok(seen.includes(i), `certificate ${i} is seen`);
	// soon each worker has the last one
	let row = 0;
	await until("the last certificate only", async () =>
		(row = await ask(one.port, ca) === serials[12] ? row + 1 : 0) >= 50);
});

// A relay that passes the first bytes of a connection one by one, until go().
async function slowRelay(port) {
	let step, go;
	const relay = createServer((down) => {
		const up = connectTcp(port, "127.0.0.1");
		let held = Buffer.alloc(0), free = false;
		step = () => {
			up.write(held.subarray(0, 1));
			held = held.subarray(1);
		};
		go = () => {
			free = true;
			up.write(held);
		};
		down.on("data", (data) => {
			if (free)
				up.write(data);
			else
				held = Buffer.concat([held, data]);
		}).on("close", () => up.destroy()).on("error", () => {});
		up.on("data", (data) => down.write(data)).on("error", () => {})
		    .on("close", () => down.destroy());
	});
	relay.unref();
	await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
	return { port: relay.address().port, ready: () => Boolean(step), step: () => step(),
		go: () => go(), close: () => relay.close() };
}

test("a handshake that began before a reload ends with the old certificate and its key", async () => {
	const [old, next] = [await make("before", P256), await make("after", RSA)];
	const ca = [old, next].map((certificate) => certificate.toString());
	const { one, put, reload } = await startWith("before", { workers: 1 });
	const relay = await slowRelay(one.port);
	// without a name, the certificate is chosen by the first byte
	const slow = shake(relay.port, { host: "127.0.0.1", servername: "", ca });
	await until("a connection", relay.ready);
	relay.step();
	assert.equal(await ask(one.port, ca), old.serialNumber);
	put("after");
	reload();
	await until("the new certificate", async () => {
		relay.step();	// Kore closes a connection without a byte for five seconds
		return await ask(one.port, ca) === next.serialNumber;
	});
	relay.go();
	assert.equal((await slow).certificate.serialNumber, old.serialNumber);
	relay.close();
});

test("a reload with one wrong pair of several changes nothing, and says why", async () => {
	const { one, put, reload } = await startWith("localhost", { tls_dir: file("hosts") });
	const ca = [authority.localhost, ...await Promise.all(["again", "mixed"].map(async (name) =>
		(await make(name, P384)).toString()))];
	const first = await ask(one.port, ca);
	put("again");
	copyFileSync(file("mixed.key"), file("served.key"));
	reload();
	await until("the reason", () =>
		/event=reload_refused why="tls_key .*served\.key: not the key of /.test(one.log()));
	assert.equal(await ask(one.port, ca), first);
	put("again");
	writeFileSync(file("hosts/rsa.test.key"), "");
	reload();
	await until("the reason", () => /event=reload_refused why="tls_dir .*rsa\.test\.key: no PEM key/.test(one.log()));
	assert.equal(await ask(one.port, ca), first);
	copyFileSync(file("rsa.test.key"), file("hosts/rsa.test.key"));
	reload();
	await until("the new certificate", async () => await ask(one.port, ca) !== first);
});
