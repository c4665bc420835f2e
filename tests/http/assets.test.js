// Scripts, styles and icons: compression, immutable caching under the
// release's version, and the size of all scripts.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { top } from "../lib/process.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const scripts = readdirSync(path.join(top, "assets", "js")).map((name) => `js/${name}`);
const files = ["app.css", "icons.svg", "favicon.svg", ...scripts];

let server, client, base;
before(async () => {
	server = await startServer({ database: await freshDatabase() });
	client = server.client();
	base = /\/assets\/[^/"]+/.exec((await client.get("/console/sign-in")).text)[0];
});
after(async () => {
	client?.close();
	await server?.stop();
});

const get = (file, accepted) => client.send("GET", `${base}/${file}`,
    { headers: accepted === undefined ? {} : { "accept-encoding": accepted } });

test("files have the same content with and without gzip, and are cached as immutable", async () => {
	for (const file of files) {
		const plain = await get(file);
		const packed = await get(file, "br, gzip;q=0.8");
		assert.equal(plain.status, 200, file);
		assert.equal(plain.headers["content-encoding"], undefined, file);
		assert.equal(packed.headers["content-encoding"], "gzip", file);
		assert.deepEqual(gunzipSync(packed.body), plain.body, file);
		assert.ok(packed.body.length < plain.body.length, file);
		for (const { headers } of [plain, packed]) {
			assert.equal(headers.vary, "accept-encoding", file);
			assert.equal(headers["content-type"], plain.headers["content-type"], file);
			assert.equal(headers["cache-control"], "public, max-age=31536000, immutable");
		}
	}
});

test("only clients that accept gzip get it", async () => {
	for (const accepted of ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "gzipped", "gzip;x"])
		assert.equal((await get("app.css", accepted)).headers["content-encoding"], undefined, accepted);
	for (const accepted of ["gzip", "GZIP", "deflate, gzip, br", "gzip;q=1", "gzip ; q=0.5"])
		assert.equal((await get("app.css", accepted)).headers["content-encoding"], "gzip", accepted);
});

test("scripts are served without comments, indentation and blank lines", async () => {
	for (const file of scripts) {
		const source = readFileSync(path.join(top, "assets", file), "utf8");
		const lean = source.replace(/^[ \t]*\/\*[^]*?\*\/[ \t]*$/gm, "")
		    .replace(/^[ \t]+|[ \t]+\/\* [^*\n]* \*\/$/gm, "")
		    .replace(/\n+/g, "\n").replace(/^\n/, "");
		assert.equal((await get(file)).text, lean, file);
	}
});

test("all scripts compressed together stay under 25 KB", async () => {
	const bodies = [];
	for (const file of scripts)
		bodies.push((await get(file)).body);
	const bytes = gzipSync(Buffer.concat(bodies), { level: 9 }).length;
	assert.ok(bytes < 25 * 1024, `${bytes} bytes`);
});
