// The check that migrations of a release never change (tests/lint/history).
import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { run, top } from "../lib/process.js";

const check = (folder) => run(path.join(top, "tests", "lint", "history"), [folder], { check: false });

test("the migrations match the lock file", async () => {
	const { status, stdout } = await check(top);
	assert.deepEqual([status, stdout], [0, ""]);
});

for (const [what, change, why] of [
	["changed", (file) => appendFileSync(file("0003_tenancy.sql"), "-- more\n"), /0003_tenancy\.sql: FAILED/],
	["removed", (file) => unlinkSync(file("0003_tenancy.sql")), /0003_tenancy\.sql: FAILED open/],
	["inserted between others", (file) => writeFileSync(file("0003_a.sql"), ""), /0003_a\.sql: comes before migrations\/0013/],
	["an invalid commit of the previous release", (file) => writeFileSync(file("lock"),
		readFileSync(file("lock"), "utf8").replace(/^previous .*/, "previous 0.9")), /lock:1/],
])
	test(`refused: ${what}`, async (t) => {
		const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-history-"));
		t.after(() => rmSync(folder, { recursive: true }));
		cpSync(path.join(top, "migrations"), path.join(folder, "migrations"), { recursive: true });
		change((name) => path.join(folder, "migrations", name));
		const { status, stdout } = await check(folder);
		assert.equal(status, 1);
		assert.match(stdout, why);
	});

test("accepted: a new migration after all others", async (t) => {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-history-"));
	t.after(() => rmSync(folder, { recursive: true }));
	cpSync(path.join(top, "migrations"), path.join(folder, "migrations"), { recursive: true });
	writeFileSync(path.join(folder, "migrations", "9999_z.sql"), "");
	assert.equal((await check(folder)).status, 0);
});
