// Floors and doors of the house: src/ keeps them, and the check sees a breach.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { run, top } from "../lib/process.js";

const doors = path.join(top, "conf", "doors");

test("every include of src/ goes through a door", async () => {
	const { status, stdout, stderr } = await run(doors, [top], { check: false });
	assert.equal(stdout + stderr, "");
	assert.equal(status, 0);
});

const breaches = [
	["base/x.c", '"db/db.h"', "upward"],
	["db/x.c", '"recordings/recordings.h"', "upward"],
	["media/x.c", '"db/db.h"', "no door"],
	["store/x.c", '"server/reply.h"', "no door"],
	["server/x.c", '"db/connection.h"', "no door"],
	["recordings/x.c", '"onepass/password.h"', "features meet"],
	["recordings/x.c", "<kore/kore.h>", "only server/"],
	["base/x.c", "<libpq-fe.h>", "only db/"],
	["recordings/x.c", "<lame/lame.h>", "only media/"],
	["server/x.c", "<sndfile.h>", "only media/"],
	["cellar/x.c", '"base/buf.h"', "no floor"],
	["recordings/x.c", '"filter.h"', "no room"],
];
for (const [file, include, why] of breaches)
	test(`${file} may not include ${include}`, async (t) => {
		const house = mkdtempSync(path.join(tmpdir(), "smartrecord-doors-"));
		t.after(() => rmSync(house, { recursive: true }));
		cpSync(path.join(top, "src", "main.c"), path.join(house, "src", "main.c"));
		mkdirSync(path.join(house, "src", path.dirname(file)), { recursive: true });
		writeFileSync(path.join(house, "src", file), `#include ${include}\n`);
		const { status, stdout } = await run(doors, [house], { check: false });
		assert.equal(status, 1);
		assert.match(stdout, new RegExp(`src/${file}:.*${why}`));
	});
