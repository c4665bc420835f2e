// Child processes for the tests: run to the end, or run until stopped.
// Nothing here knows what they are.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const variant = process.env.SMARTRECORD_VARIANT ?? "";
export const build = path.join(top, "build", variant);
export const binary = process.env.SMARTRECORD_BINARY ?? path.join(build, "smartrecord");

export const isRoot = process.getuid() === 0;

// Sanitizers stop the program at the first finding. Leaks are not looked
// for: Kore never frees what it keeps for its whole life.
const sanitizers = {
	ASAN_OPTIONS: "detect_leaks=0:abort_on_error=0:exitcode=99",
	UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1:exitcode=99",
};

// The environment without settings and jobs of the caller's own.
export function cleanEnvironment(extra = {}) {
	const kept = Object.entries(process.env).filter(
		([name]) => !/^(SMARTRECORD_|PG|MAKE|MFLAGS)/.test(name));
	return { ...Object.fromEntries(kept), ...sanitizers, ...extra };
}

// Ids of a user, or none when there is nothing to drop from.
export function userIds(name) {
	if (!isRoot)
		return {};
	const id = (flag) => Number(spawnSync("id", [flag, name]).stdout.toString());
	return { uid: id("-u"), gid: id("-g") };
}

// Runs to the end: { status, stdout, stderr }.
export function run(command, args, { input, env, check = true, ...rest } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { env: env ?? cleanEnvironment(), ...rest });
		const out = { status: null, stdout: "", stderr: "" };
		child.stdout.setEncoding("utf8").on("data", (s) => { out.stdout += s; });
		child.stderr.setEncoding("utf8").on("data", (s) => { out.stderr += s; });
		child.on("error", reject);
		child.stdin.on("error", () => {});
		child.on("close", (status, signal) => {
			out.status = status ?? signal;
			if (check && status !== 0)
				reject(new Error(`${path.basename(command)} ${args.join(" ")}: ` +
				    `${out.status}\n${out.stdout}${out.stderr}`));
			else
				resolve(out);
		});
		child.stdin.end(input ?? "");
	});
}

// Asks again until the answer is true-ish; the deadline is a failure.
export async function until(what, ask, milliseconds = 20000) {
	const end = Date.now() + milliseconds;
	for (;;) {
		const answer = await ask();
		if (answer)
			return answer;
		if (Date.now() > end)
			throw new Error(`waited ${milliseconds} ms in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 30));
	}
}

// What must be undone when this process ends, however it ends.
const undo = new Set();
let watching = false;
export function atEnd(action) {
	if (!watching) {
		watching = true;
		process.on("exit", () => { for (const one of undo) one(); });
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
			process.on(signal, () => process.exit(1));
	}
	undo.add(action);
	return () => undo.delete(action);
}

export function requireBinary() {
	if (!existsSync(binary))
		throw new Error(`${binary} is missing: make build`);
}
