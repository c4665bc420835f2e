// The system call filter of a worker allows what libraries need: libcurl, with
// host names and TLS.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { run, top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

test("libcurl works in a worker", async (t) => {
	const database = await freshDatabase({ fixtures: true });
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	const library = path.join(folder, "curl.so");
	await run("cc", ["-shared", "-fPIC", "-D_GNU_SOURCE", "-Wall", "-Werror", "-o", library,
	    path.join(top, "tests", "lib", "curl_in_worker.c"), "-lcurl"]);
	const read = (name) => readFileSync(path.join(database.cluster.dir, name));
	const peer = createServer({ cert: read("cert.pem"), key: read("key.pem") },
	    (request, response) => response.end("hello")).listen(0, "localhost");
	await new Promise((resolve) => peer.on("listening", resolve));
	const server = await startServer({ database, env: { LD_PRELOAD: library,
		CURL_IN_WORKER: `https://localhost:${peer.address().port}/` } });
	t.after(async () => {
		await server.stop();
		peer.close();
		await database.drop();
		rmSync(folder, { recursive: true });
	});
	await until("an answer in both workers", () => server.log().match(/curl in worker: /g)?.length === 2);
	assert.deepEqual(server.log().match(/curl in worker: .*/g), Array(2).fill("curl in worker: 0 200"));
});
