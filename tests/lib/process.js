// Child processes for the tests: commands that end, and cleanup at the end of
// this process.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const variant = process.env.SMARTRECORD_VARIANT ?? "";
export const build = path.join(top, "build", variant);
export const binary = process.env.SMARTRECORD_BINARY ?? path.join(build, "smartrecord");

export const isRoot = process.getuid() === 0;

// Sanitizers stop the program at the first finding. Leak detection is off,
// because Kore never frees some of its memory.
const sanitizers = {
	ASAN_OPTIONS: "detect_leaks=0:abort_on_error=0:exitcode=99",
	UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1:exitcode=99",
};

// The environment without settings of the program, PostgreSQL and make.
export function cleanEnvironment(extra = {}) {
	const kept = Object.entries(process.env).filter(
		([name]) => !/^(SMARTRECORD_|PG|MAKE|MFLAGS)/.test(name));
	return { ...Object.fromEntries(kept), ...sanitizers, ...extra };
}

// Ids of a user; {} when this process is not root and cannot change its user.
export function userIds(name) {
	if (!isRoot)
		return {};
	const id = (flag) => Number(spawnSync("id", [flag, name]).stdout.toString());
	return { uid: id("-u"), gid: id("-g") };
}

// Runs a command to its end. Returns { status, stdout, stderr }.
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

// Calls ask() until its result is truthy, and returns it. Throws after the
// timeout, but only after one more call, since this process may have been
// stopped.
export async function until(what, ask, milliseconds = 20000) {
	const end = Date.now() + milliseconds;
	for (let late = false;;) {
		const answer = await ask();
		if (answer)
			return answer;
		if (late)
			throw new Error(`waited ${milliseconds} ms in vain for ${what}`);
		late = Date.now() > end;
		await new Promise((resolve) => setTimeout(resolve, 30));
	}
}

// Actions for the end of this process, also by a signal.
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
