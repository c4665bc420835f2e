// Runs `smartrecord jobs` for a test, on the database and store of a server and
// as its user, so that the server can read what jobs writes to the store.
import { spawn } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import path from "node:path";
import { atEnd, binary, cleanEnvironment, isRoot, until, userIds } from "./process.js";

export class Jobs {
	#child;
	#forget;

	constructor(server, settings) {
		this.settings = { ...server.settings, ...settings };
		this.output = "";
	}

	get pid() {
		return this.#child.pid;
	}

	async start() {
		const owner = userIds("nobody");
		mkdirSync(this.settings.export_dir, { recursive: true });
		if (isRoot)
			chownSync(this.settings.export_dir, owner.uid, owner.gid);
		const settings = Object.fromEntries(Object.entries(this.settings).map(
		    ([key, value]) => [`SMARTRECORD_${key.toUpperCase()}`, String(value)]));
		this.#child = spawn(binary, ["jobs"], { env: cleanEnvironment(settings),
			stdio: ["ignore", "ignore", "pipe"], ...owner });
		this.#child.stderr.setEncoding("utf8").on("data", (s) => { this.output += s; });
		this.ended = new Promise((resolve) => {
			this.#child.on("close", (status, signal) => resolve(status ?? signal));
		});
		this.#forget = atEnd(() => this.#child.kill("SIGKILL"));
		await until("jobs to start", () => /event=jobs_started/.test(this.output));
	}

	// Kills it without a shutdown, like a crash.
	async kill() {
		this.#forget();
		this.#child.kill("SIGKILL");
		await this.ended;
	}

	async stop() {
		this.#forget();
		this.#child.kill("SIGTERM");
		const status = await this.ended;
		if (status !== 0 || /AddressSanitizer|runtime error:/.test(this.output))
			throw new Error(`jobs ended with ${status}\n${this.output}`);
	}
}

export async function startJobs(server, settings = {}) {
	const jobs = new Jobs(server, { export_dir: path.join(server.dir, "exports"), ...settings });
	await jobs.start();
	return jobs;
}
