// Rolling upgrades: the previous release works on a database that this release
// has migrated. Its own tests run, from its commit in migrations/lock.
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { binary, cleanEnvironment, run, top } from "../lib/process.js";

const files = ["recordings", "deletion"];
const [, version, commit] = /^previous (\S+) ?(\S*)$/m.exec(
    readFileSync(path.join(top, "migrations", "lock"), "utf8"));

async function known() {
	const { status } = await run("git", ["-C", top, "cat-file", "-e", `${commit}^{commit}`],
	    { check: false });
	return status === 0;
}

const why = version === "none" ? "this is the first release" :
    !await known() && `without history: commit ${commit} of ${version} is not here`;

test(`release ${version} on the schema of this one`, { skip: why }, async (t) => {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	t.after(() => rmSync(folder, { recursive: true }));
	chmodSync(folder, 0o755);	// workers run as another user
	await run("sh", ["-c", `git -C "$1" archive ${commit} | tar -x -C "$2"`, "sh", top, folder]);
	mkdirSync(path.join(folder, ".cache"));
	// without the benchmark's database, which may be large, and running
	cpSync(path.join(top, ".cache"), path.join(folder, ".cache"), { recursive: true,
	    filter: (from) => from !== path.join(top, ".cache", "bench") });
	symlinkSync(path.join(top, "tests", "node_modules"), path.join(folder, "tests", "node_modules"));
	await run("make", ["-s", "build"], { cwd: folder });

	const { status, stdout } = await run(process.execPath, ["--test", "--test-reporter=tap",
	    "--test-concurrency=2", ...files.map((name) => path.join("tests", "http", `${name}.test.js`))],
	    { cwd: folder, check: false, env: cleanEnvironment({ NODE_TEST_CONTEXT: undefined, SMARTRECORD_LATER: binary }) });
	const failures = stdout.match(/^ *not ok .*(\n(?! *(not )?ok).*)*/gm)?.join("\n");
	assert.equal(failures, undefined);
	assert.equal(status, 0, stdout);
	assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > 20, stdout);
});
