// Runs `smartrecord serve` for a test, on a free port and a private database.
// At the end, stops it and checks how it ended.
import { spawn } from "node:child_process";
import { chownSync, chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync,
    readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "./client.js";
import { freePort, freshDatabase } from "./pg.js";
import { atEnd, binary, cleanEnvironment, isRoot, requireBinary, until, userIds }
    from "./process.js";

// Makes a directory with a certificate for localhost, which the workers can
// read.
async function serverDirectory(kept, cluster) {
	const dir = kept ?? mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	const { uid, gid } = userIds("nobody");
	const files = ["cert.pem", "key.pem"].map((name) => path.join(dir, name));
	chmodSync(dir, 0o755);
	for (const name of ["state", "cache"])
		mkdirSync(path.join(dir, name), { recursive: true });
	for (const file of files)
		copyFileSync(path.join(cluster.dir, path.basename(file)), file);
	if (isRoot)
		for (const name of ["", "state", "cache", "cert.pem", "key.pem"])
			chownSync(path.join(dir, name), uid, gid);
	return dir;
}

export class Server {
	#child;
	#forget;
	#members = [];

	constructor(dir, settings, { env, stderr = "pipe" } = {}) {
		this.spawned = { env, stderr };
		this.dir = dir;
		this.settings = settings;
		this.port = settings.port;
		this.url = `https://localhost:${this.port}`;
		this.ca = readFileSync(settings.tls_certificate);
		this.output = "";		// stdout and stderr so far
	}

	// The log so far.
	log() {
		return this.output;
	}

	get pid() {
		return this.#child.pid;
	}

	client() {
		return new Client(this);
	}

	async start() {
		const file = path.join(this.dir, "smartrecord.conf");
		writeFileSync(file, Object.entries(this.settings)
		    .map(([key, value]) => `${key} = ${value}\n`).join(""));
		this.#child = spawn(binary, ["--config", file, "serve"],
		    { env: cleanEnvironment(this.spawned.env), stdio: ["ignore", "pipe", this.spawned.stderr] });
		this.#child.stdout.setEncoding("utf8").on("data", (s) => { this.output += s; });
		this.#child.stderr?.setEncoding("utf8").on("data", (s) => { this.output += s; });
		this.ended = new Promise((resolve) => {
			this.#child.on("close", (status, signal) => resolve(status ?? signal));
		});
		this.#forget = atEnd(() => {
			this.#members = this.family();
			this.#kill();
			this.#clean();
		});
		let status = null;
		this.ended.then((s) => { status = s; });
		const probe = this.client();
		await until("the server to be ready", async () => {
			if (status !== null)
				throw new Error(`serve ended at once: ${status}\n${this.output}`);
			return (await probe.get("/readyz").catch(() => ({}))).status === 200;
		}).catch((error) => {
			throw new Error(`${error.message}\n${this.output}`);
		});
		probe.close();
	}

	// Ids of the process and all its descendants; Kore's are in another group.
	family() {
		const found = new Set(), parents = new Map();
		for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
			try {
				const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
				parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]));
			} catch {
				// it has ended meanwhile
			}
		}
		const add = (pid) => {
			found.add(pid);
			for (const [child, parent] of parents)
				if (parent === pid)
					add(child);
		};
		add(this.#child.pid);
		return [...found];
	}

	// Ids of all its processes, first that of the parent.
	processes() {
		return this.family();
	}

	#living() {
		return this.#members.filter((pid) => existsSync(`/proc/${pid}`));
	}

	#kill() {
		for (const pid of this.#living())
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// it has ended meanwhile
			}
	}

	#clean() {
		rmSync(this.dir, { recursive: true, force: true });
	}

	// Sends a signal and waits for the end of all processes. Throws on a wrong
	// exit status or a finding of a sanitizer.
	async stop({ signal = "SIGTERM", keep = false } = {}) {
		this.#members = this.family();
		process.kill(this.#child.pid, signal);
		let status;
		this.ended.then((s) => { status = s; });
		await until("the server to end", () => status !== undefined).catch(() => {
			status = "still running after 20 s";
		});
		const left = await until("the workers to end",
		    () => this.#living().length === 0, 5000)
		    .then(() => false, () => true);
		this.#kill();
		this.#forget();
		if (!keep)
			this.#clean();
		if (status !== 0 || left || /AddressSanitizer|runtime error:/.test(this.output))
			throw new Error(`serve ended with ${status}${left ? ", leaving workers" : ""}` +
			    `\n${this.output}`);
	}
}

// Starts a server and waits until it is ready. Options: database (default: a new
// one with the fixtures), settings (which replace the defaults below), dir (of a
// server that was stopped with keep), env (further variables), stderr (a file
// descriptor; log() then lacks it).
export async function startServer({ database, settings = {}, dir, env, stderr } = {}) {
	requireBinary();
	database ??= await freshDatabase({ fixtures: true });
	const home = await serverDirectory(dir, database.cluster);
	const server = new Server(home, {
		...database.settings,
		listen: "127.0.0.1",
		port: await freePort(),
		tls_certificate: path.join(home, "cert.pem"),
		tls_key: path.join(home, "key.pem"),
		run_as: isRoot ? "nobody" : "",
		state_dir: path.join(home, "state"),
		cache_dir: path.join(home, "cache"),
		cache_mb: 16,
		store_reserve: 0,	// the disk of the tests may be full
		workers: 2,
		...settings,
	}, { env, stderr });
	server.database = database;
	await server.start();
	return server;
}
