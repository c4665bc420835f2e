// The private key that `make run` makes: only the key manager reads it, which
// has the user of the script, not the user of the workers.
import assert from "node:assert/strict";
import { chownSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { isRoot, run, top, userIds } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const script = readFileSync(path.join(top, "conf", "run"), "utf8");
const part = (name) => new RegExp(`^${name}\\(\\)\\n\\{\\n[^]*?\\n\\}\\n`, "m").exec(script)[0];

test("it is the script's user's; a key of an earlier run is taken back", { skip: !isRoot && "only root has two users" }, async () => {
	const home = mkdtempSync(path.join(tmpdir(), "smartrecord-key-"));
	const { uid, gid } = userIds("nobody");
	const key = path.join(home, "key.pem");
	const make = () => run("sh", ["-euc", `umask 022; base=$1; say() { :; }\n${part("own")}${part("certificate_make")}certificate_make`,
	    "sh", home]);
	const reads = async () => (await run("setpriv", ["--reuid", String(uid), "--regid", String(gid), "--clear-groups",
	    "cat", key], { check: false })).status === 0;
	const owned = () => [statSync(key).uid, statSync(key).mode & 0o777];
	let server, database;
	try {
		chmodSync(home, 0o755);
		await make();
		assert.deepEqual([owned(), await reads()], [[0, 0o400], false]);
		const first = readFileSync(key, "utf8");
		chownSync(key, uid, gid);
		assert.ok(await reads());
		await make();
		assert.deepEqual([owned(), await reads()], [[0, 0o400], false]);
		assert.equal(readFileSync(key, "utf8"), first);
		// the server works with it, with workers of another user
		database = await freshDatabase();
		server = await startServer({ database, settings: { tls_certificate: path.join(home, "cert.pem"), tls_key: key } });
		const answer = await run("curl", ["-s", "--cacert", path.join(home, "cert.pem"), "-o", "/dev/null",
		    "-w", "%{http_code}", `https://localhost:${server.port}/healthz`]);
		assert.equal(answer.stdout, "200");
	} finally {
		await server?.stop();
		await database?.drop();
		rmSync(home, { recursive: true });
	}
});
