// The deployment chapter and the systemd units agree with each other and with
// the program. tests/deploy/run follows the chapter on a bare machine.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { run, top } from "../lib/process.js";

const read = (...parts) => readFileSync(path.join(top, ...parts), "utf8");
const page = read("conf", "man", "smartrecord-operation.7.scd");
const names = readdirSync(path.join(top, "conf")).filter((name) => name.endsWith(".service")).sort();
const units = Object.fromEntries(names.map((name) => [name.replace(/^smartrecord-|\.service$/g, ""),
    Object.fromEntries([...read("conf", name).matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]))]));
const chapter = () => run(path.join(top, "tests", "deploy", "run"), ["print"]).then((d) => d.stdout);

test("the chapter's commands are a shell script, and install each unit", async () => {
	const commands = await chapter();
	assert.ok(commands.split("\n").length > 60);
	await run("bash", ["-n"], { input: commands });
	for (const name of names)
		assert.ok(commands.includes(`conf/${name}`), name);
	for (const [, file] of commands.matchAll(/(conf\/[\w./@-]+)/g))
		assert.ok(read(file).length > 0, file);
});

test("each process has a user and a settings file of its own, which the chapter makes", async () => {
	const commands = await chapter();
	assert.deepEqual(Object.keys(units), ["ingest", "jobs", "serve"]);
	for (const [name, unit] of Object.entries(units)) {
		assert.equal(unit.User, `smartrecord-${name}`);
		assert.match(unit.ExecStart, new RegExp(`^/usr/local/bin/smartrecord --config /etc/smartrecord/${name}\\.conf ${name}\\b`));
		assert.ok(commands.includes(`cat >/etc/smartrecord/${name}.conf <<END`), name);
	}
	assert.match(commands, /install -m 640 -o root -g smartrecord-\$process/);
});

test("systemd waits longer for the end than serve takes, and the manual says how long", () => {
	const server = read("src", "server", "server.c"), drain = read("src", "server", "drain.c");
	const seconds = (name) => Number(new RegExp(`#define ${name}\\t(\\d+)`).exec(server)[1]);
	const most = seconds("DRAIN_SECONDS") + seconds("STOP_SECONDS");
	const patience = Number(/#define PATIENCE_MS\t(\d+)/.exec(drain)[1]) / 1000;
	for (const name of ["serve", "jobs"])
		assert.ok(Number(units[name].TimeoutStopSec) > most, name);
	// systemd's own SIGTERM must reach the first process only
	assert.equal(units.serve.KillMode, "mixed");
	assert.match(units.serve.ExecReload, /kill -HUP \$MAINPID$/);
	const text = page.replace(/\s+/g, " ");
	assert.ok(text.includes(`A stop takes up to ${patience} seconds for what is under way and ${most} at most; ` +
	    `the units wait for ${units.serve.TimeoutStopSec}.`));
	assert.ok(text.includes(`under way for up to ${patience} seconds`));
});
