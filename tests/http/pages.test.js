// The rules of page templates (tests/lint/pages), and that the check
// detects violations.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { run, top } from "../lib/process.js";

const pages = path.join(top, "tests", "lint", "pages");

test("the templates keep to it", async () => {
	const { status, stdout, stderr } = await run(pages, [top], { check: false });
	assert.equal(stdout + stderr, "");
	assert.equal(status, 0);
});

const symbol = '<symbol id="search" viewBox="0 0 24 24"></symbol>\n';
const breaches = [
	["of 161 characters", "é".repeat(161), symbol, "longer than 160"],
	["of 160 characters", "é".repeat(160), symbol, null],
	["with tags of icons", "{{icon search}}{{ icon search }}{{icon *icon}}{{icon mood-*key}}{{icon}}", symbol, null],
	["with an icon that is nowhere", "{{icon search}}{{icon sear}}", symbol, 'no symbol "sear"'],
	["with an icon written out", '<svg aria-hidden="true" class="icon">', symbol, "{{icon name}}"],
	["over a picture that is there twice", "", symbol + symbol, 'a second symbol "search"'],
];
for (const [what, line, sprite, why] of breaches)
	test(`a line ${what}`, async (t) => {
		const house = mkdtempSync(path.join(tmpdir(), "smartrecord-pages-"));
		t.after(() => rmSync(house, { recursive: true }));
		for (const folder of ["templates/people", "assets"])
			mkdirSync(path.join(house, folder), { recursive: true });
		writeFileSync(path.join(house, "assets", "icons.svg"), sprite);
		writeFileSync(path.join(house, "templates", "people", "x.html"), `<p>\n${line}\n</p>\n`);
		const { status, stdout } = await run(pages, [house], { check: false });
		assert.equal(status !== 0, why !== null);
		assert.equal(stdout.includes(why ?? ":"), why !== null);
	});
