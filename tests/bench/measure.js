// What the parts of the benchmark share: clocks, rates, and running SQL under
// pgbench.
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { functions } from "../lib/pg.js";
import { cleanEnvironment, run } from "../lib/process.js";

export const connections = 8;
export const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
export const p95 = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.95)];
export const ms = (value) => `${value.toFixed(1)} ms`;
export const rate = (value) => `${value.toFixed(value < 100 ? 1 : 0)}/s`;
export const number = (n) => n.toLocaleString("en");

// Returns milliseconds, and what work() returns.
export async function timed(work) {
	const start = performance.now(), answer = await work();
	return [performance.now() - start, answer];
}

// Calls each of several measurements in turn, round after round, so that they
// meet the same moments of the machine. Returns { name: median }.
export async function interleaved(measurements, rounds = 5) {
	const found = {};
	for (let i = 0; i < rounds; i++)
		for (const [name, measure] of Object.entries(measurements))
			(found[name] ??= []).push(await measure());
	return Object.fromEntries(Object.entries(found).map(([name, list]) => [name, median(list)]));
}

// Requests a second of a URL. script: of wrk, for another method than GET.
export async function wrk(url, { client, seconds = 2, script } = {}) {
	const cookie = client && [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s",
	    ...cookie ? ["-H", `Cookie: ${cookie}`] : [], ...script ? ["-s", script] : [], url]);
	const answers = Number(/(\d+) requests in/.exec(stdout)[1]);
	if (/Non-2xx/.test(stdout) || answers === 0)
		throw new Error(`${url}: ${stdout}`);
	return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)[1]);
}

// Transactions a second of a script as the application's role, by the socket.
// settings: of PostgreSQL, for the connections.
export async function pgbench(database, script, { seconds = 2, settings = {} } = {}) {
	const file = path.join(tmpdir(), `smartrecord-bench-${process.pid}.sql`);
	writeFileSync(file, script);
	try {
		const { stdout } = await run("pgbench", ["-n", "-M", "prepared", `-c${connections}`, "-j1",
		    `-T${seconds}`, "-f", file, "-h", database.cluster.dir, "-p", String(database.cluster.port),
		    "-U", "smartrecord_app", database.name], { env: cleanEnvironment({
		    PGOPTIONS: Object.entries({ search_path: `${functions()},public`, ...settings })
		        .map(([key, value]) => `-c ${key}=${value}`).join(" ") }) });
		return Number(/tps = ([\d.]+)/.exec(stdout)[1]);
	} finally {
		rmSync(file);
	}
}

// The settings of a request of the supervisor of the first customer, see
// src/db/rows.h.
export async function scopeOf(database, email) {
	const [row] = await database.rows(`select tenant_id as tenant, id as account, person_id as person
		from account where email = '${email}'`);
	return { ...row, team: "all" };
}

// The statement that sets them for a transaction.
export const setScope = (scope) => `select set_config('app.tenant', '${scope.tenant}', true),
	set_config('app.account', '${scope.account}', true), set_config('app.team', '${scope.team}', true),
	set_config('app.person', '${scope.person}', true), set_config('app.session', '', true),
	set_config('search_path', '${functions()},public', true), set_config('statement_timeout', '10000', true),
	set_config('idle_in_transaction_session_timeout', '10000', true), set_config('jit', 'off', true)`;
