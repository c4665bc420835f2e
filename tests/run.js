// `make test`: runs the stages lint, unit, http, browser, asan and fuzz. The
// unit and HTTP tests run twice, on the release build and with ASan and UBSan.
// The last line is "N passed, N failed, N skipped", after a list of skipped
// tests. Arguments select stages: node tests/run.js http browser
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { prepareTemplates, startCluster } from "./lib/pg.js";
import { cleanEnvironment, top } from "./lib/process.js";

const total = { passed: 0, failed: 0, skipped: [] };
const reports = path.join(top, "build", "test");
const fuzzRuns = 20000, fuzzSeconds = 15;

// Runs a command. show: prints its output at once, otherwise returns it.
function execute(command, args, { env = {}, show = true } = {}) {
	return new Promise((resolve) => {
		const child = spawn(command, args, { cwd: top, env: cleanEnvironment(env),
			stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"] });
		let output = "";
		child.stdout?.on("data", (s) => { output += s; });
		child.stderr?.on("data", (s) => { output += s; });
		child.on("error", (error) => resolve({ ok: false, output: String(error) }));
		child.on("close", (status) => resolve({ ok: status === 0, output }));
	});
}

const sum = (passed, failed, skipped) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

// Adds and prints the result of a part. skipped: a sentence for each test.
function count(name, passed, failed, { skipped = [], output } = {}) {
	total.passed += passed;
	total.failed += failed;
	total.skipped.push(...skipped.map((why) => `${name}: ${why}`));
	console.log(`  ${failed ? "FAIL" : "ok  "}  ${name}: ${sum(passed, failed, skipped.length)}`);
	if (failed && output)
		console.log(output);
}

// The skipped and TODO tests of a TAP report, also inside suites. cmocka prints
// the reason as a comment in the line before.
const skips = (tap) => [...tap.matchAll(
    /(?:^# (.*)\n)?^ *(?:not )?ok \d+ (?:- (.*) )?# (?:SKIP|TODO) ?(.*)$/gm)]
    .map(([, comment, name, rest]) => (name ? [name, rest] : [rest, comment])
	.filter(Boolean).join(": "));

function files(folder, pattern) {
	return readdirSync(path.join(top, "tests", folder)).filter((f) => pattern.test(f)).sort();
}

async function make(...targets) {
	if (!(await execute("make", ["-s", ...targets])).ok) {
		count(`make ${targets.join(" ")}`, 0, 1);
		return false;
	}
	return true;
}

async function lint() {
	const { ok, output } = await execute("make", ["-s", "lint"], { show: false });
	count("lint", ok ? 1 : 0, ok ? 0 : 1, { output });
}

// Runs the cmocka programs, one per file, which print TAP. Those that need a
// database use an empty one, without the schema.
async function unit(variant) {
	const conninfo = await unitDatabase();
	for (const name of files("unit", /^test_.*\.c$/).map((f) => f.slice(0, -2))) {
		const { ok, output } = await execute(path.join(top, "build", variant, "unit", name),
		    [], { show: false, env: { CMOCKA_MESSAGE_OUTPUT: "TAP",
			TEST_DATABASE: conninfo } });
		const passed = output.match(/^ok (?!.*# SKIP)/gm)?.length ?? 0;
		const failed = output.match(/^not ok (?!.*# SKIP)/gm)?.length ?? 0;
		count(`unit ${name}${variant && ` (${variant})`}`, passed,
		    failed || (ok && passed ? 0 : 1), { skipped: skips(output), output });
	}
}

// One PostgreSQL cluster for all files. Tests that stop it start their own.
let cluster, database, templates;
async function startedCluster() {
	return cluster ??= await startCluster();
}

async function unitDatabase() {
	await startedCluster();
	database ??= await cluster.sql("postgres", "create database unit owner deployer")
	    .then(() => cluster.remote("unit", "deployer"));
	return database;
}

async function sharedCluster() {
	await startedCluster();
	templates ??= await prepareTemplates(cluster).then(() => true);
	return cluster;
}

// Runs Node's test runner on files, and counts from its TAP report.
async function nodeTests(folder, variant, wanted) {
	const list = wanted.map((f) => path.join("tests", folder, f));
	if (list.length === 0)
		return;
	const title = `${folder}${variant && ` (${variant})`}`;
	const report = path.join(reports, `${folder}${variant}.tap`);
	const { dir } = await sharedCluster();
	console.log(`\n== ${title}`);
	await execute(process.execPath, ["--test", "--test-timeout=900000", `--test-concurrency=${folder === "browser" ? 2 : 3}`,
	    "--test-reporter=spec", "--test-reporter-destination=stdout",
	    "--test-reporter=tap", `--test-reporter-destination=${report}`, ...list],
	    { env: { SMARTRECORD_VARIANT: variant, SMARTRECORD_TEST_CLUSTER: dir } });
	const tap = readFileSync(report, "utf8");
	const number = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(tap)?.[1] ?? 0);
	const failed = number("fail") + number("cancelled");
	count(title, number("pass"), failed || (number("pass") ? 0 : 1), { skipped: skips(tap) });
}

function httpFiles(variant) {
	const all = files("http", /\.test\.js$/);
	// With sanitizers, only the tests that use the server run. Left out are
	// those of other processes (pgbouncer, a standby, doctor, the previous
	// release), those that kill processes many times or preload a library,
	// those whose requests other tests make too (the matrix, neighbours, two
	// customers, numbers), and those of the database and of files alone.
	const other = /^(cases-audio|database|deletion-faults|deployment|doctor|export-bounds|exports|failover|functions|lone-insider|matrix|neighbour|numbers|objects|previous|prompts|sandbox|start|strangers6|two-customers)/;
	return variant ? all.filter((f) => !other.test(f) &&
	    readFileSync(path.join(top, "tests", "http", f), "utf8").includes("lib/server.js")) : all;
}

async function fuzz() {
	for (const name of files("fuzz", /^fuzz_.*\.c$/).map((f) => f.slice(0, -2))) {
		const corpus = path.join(reports, name);
		mkdirSync(corpus, { recursive: true });
		const seeds = path.join(top, "tests", "fuzz", name.replace("fuzz_", "seeds_"));
		const { ok, output } = await execute(path.join(top, "build", "fuzz", "fuzz", name),
		    [`-runs=${fuzzRuns}`, `-max_total_time=${fuzzSeconds}`, "-timeout=5",
		    `-artifact_prefix=${reports}/`, corpus,
		    ...(files("fuzz", /^seeds_/).includes(path.basename(seeds)) ? [seeds] : [])],
		    { show: false });
		count(name, ok ? 1 : 0, ok ? 0 : 1, { output });
	}
}

const stages = {
	lint,
	unit: async () => { await make("build", "unit-programs") && await unit(""); },
	http: async () => { await make("build") && await nodeTests("http", "", httpFiles("")); },
	browser: async () => {
		await make("build") && await nodeTests("browser", "", files("browser", /\.test\.js$/));
	},
	asan: async () => {
		if (await make("asan")) {
			await unit("asan");
			await nodeTests("http", "asan", httpFiles("asan"));
		}
	},
	fuzz: async () => { await make("VARIANT=fuzz", "fuzz-programs") && await fuzz(); },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
	console.error(`no stage ${unknown.join(", ")}; there are ${Object.keys(stages).join(", ")}`);
	process.exit(2);
}
mkdirSync(reports, { recursive: true });
for (const [name, stage] of Object.entries(stages)) {
	if (wanted.length > 0 && !wanted.includes(name))
		continue;
	const start = Date.now();
	console.log(`\n== ${name}`);
	await stage().catch((error) => count(name, 0, 1, { output: error.stack }));
	console.log(`   ${name} took ${Math.round((Date.now() - start) / 1000)} s`);
}
cluster?.destroy();
console.log(["", ...total.skipped.map((what) => `skipped: ${what}`),
	sum(total.passed, total.failed, total.skipped.length)].join("\n"));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
