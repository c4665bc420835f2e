// Checks that src/ respects its layers, and that tests/lint/doors finds violations.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { run, top } from "../lib/process.js";

const doors = path.join(top, "tests", "lint", "doors");

test("all includes and queries of src/ respect the layers", async () => {
	const { status, stdout, stderr } = await run(doors, [top], { check: false });
	assert.equal(stdout + stderr, "");
	assert.equal(status, 0);
});

const violations = [
	["base/x.c", '"db/db.h"', "includes a higher layer"],
	["db/x.c", '"recordings/recordings.h"', "includes a higher layer"],
	["media/x.c", '"db/db.h"', "media/ may not include"],
	["store/x.c", '"server/reply.h"', "store/ may not include"],
	["server/x.c", '"db/connection.h"', "server/ may not include"],
	["recordings/x.c", '"onepass/password.h"', "features may only include"],
	["recordings/x.c", "<kore/kore.h>", "only server/"],
	["base/x.c", "<libpq-fe.h>", "only db/"],
	["recordings/x.c", "<lame/lame.h>", "only media/"],
	["server/x.c", "<sndfile.h>", "only media/"],
	["cellar/x.c", '"base/buf.h"', "no layer"],
	["recordings/x.c", '"filter.h"', "no directory"],
];
// Runs the check on a source tree with these files.
function checkTree(t, files) {
	const tree = mkdtempSync(path.join(tmpdir(), "smartrecord-doors-"));
	t.after(() => rmSync(tree, { recursive: true }));
	mkdirSync(path.join(tree, "migrations"));
	mkdirSync(path.join(tree, "src"));
	cpSync(path.join(top, "src", "main.c"), path.join(tree, "src", "main.c"));
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(path.join(tree, path.dirname(file)), { recursive: true });
		writeFileSync(path.join(tree, file), text);
	}
	return run(doors, [tree], { check: false });
}

for (const [file, include, why] of violations)
	test(`${file} may not include ${include}`, async (t) => {
		const { status, stdout } = await checkTree(t, { [`src/${file}`]: `#include ${include}\n` });
		assert.equal(status, 1);
		assert.match(stdout, new RegExp(`src/${file}:.*${why}`));
	});

const table = { "migrations/0001_x.sql": "-- room: exports\ncreate table parcel (id int);\n" };
const sqlViolations = [
	["a query uses a table of a higher directory", { "src/recordings/x.sql": "select 1 from parcel p\n", ...table },
		"src/recordings/x.sql:1: parcel is of exports/, above recordings/"],
	["a function uses a table of a higher directory, in dynamic SQL", { "src/db/functions/x.sql":
		"create function f() returns void as $$\nexecute 'delete from parcel where' $$;\n", ...table },
		"src/db/functions/x.sql:2: parcel is of exports/, above db/"],
	["a query calls a function of a higher directory", { "src/jobs/functions/x.sql": "create function work() returns int;\n",
		"src/exports/y.sql": "select work()\n" }, "src/exports/y.sql:1: work is of jobs/, above exports/"],
	["C code runs a query of another directory", { "src/recordings/x.c": "ask(c, SQL_EXPORTS_SHOW);\n" },
		"src/recordings/x.c:1: only src/exports/ may run SQL_EXPORTS_SHOW"],
	["tables without a directory", { "migrations/0002_y.sql": "create table z (id int);\n" }, "has no directory"],
];
for (const [what, files, why] of sqlViolations)
	test(`SQL: ${what}`, async (t) => {
		const { status, stdout } = await checkTree(t, files);
		assert.equal(status, 1);
		assert.ok(stdout.includes(why), stdout);
	});

test("SQL: allowed uses pass", async (t) => {
	const { status, stdout } = await checkTree(t, { ...table,
		"src/jobs/x.sql": "-- not from nothing\nselect count(*) from parcel\n",
		"src/db/x.sql": "select parcel from basket -- from parcel\n" });
	assert.deepEqual([status, stdout], [0, ""]);
});

test("functions are installed in the order of the check", () => {
	const dirs = (file, begin, end) => readFileSync(path.join(top, file), "utf8")
	    .split(begin)[1].split(end)[0].match(/[a-z]+/g);
	assert.deepEqual(dirs("src/db/release.c", "dirs[] = {", "};"),
	    dirs("tests/lint/doors", "sql_dirs='", "'"));
});
