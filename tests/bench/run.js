// Runs the parts of the benchmark, or those that BENCH names, and prints one
// table: what was measured, relative to a peer or a limit of the same run. Writes
// it as text and as a chart to build/bench; with PUBLISH also beside the manual.
// A part that fails is told at the end and does not lose the rows of the others.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import path from "node:path";
import { chart, ratioText } from "./chart.js";
import { benchCalls, used } from "./data.js";
import { sharedCluster } from "../lib/pg.js";
import { build, run, top, binary } from "../lib/process.js";

// Each is a module of this folder, and which of its functions gets row, which
// adds a row to the table.
const few = Math.min(1, Math.max(0.05, benchCalls() / 1e6));	// of the calls to delete
const parts = {
	lists: (module, row) => module.measureLists(row),
	search: (module, row) => module.measureSearch(row),
	ingest: (module, row) => module.measureIngest(row),
	sound: (module, row) => module.measureSound(row),
	tls: (module, row) => module.measureTls(row),
	exports: (module, row) => module.measureExport(row),
	neighbour: (module, row) => module.measureNeighbour(row),
	deletions: (module, row) => module.measureDeletions(few, row),
	growth: (module, row) => module.measureGrowth(row),
};
const longer = ["growth"];	// only when it is named

const rows = [], failed = [];

async function measure(part) {
	const since = performance.now();
	try {
		await parts[part](await import(`./${part}.js`), (what, ours, against, ratio, goal) =>
		    rows.push({ part, what, ours, against, ratio, goal }));
	} catch (error) {
		failed.push(`${part}: ${error.stack}`);
	}
	console.error(`bench: ${part} took ${Math.round((performance.now() - since) / 1000)} s`);
}

function table(title) {
	const cells = [["measured", "", "against", "ratio", "goal"],
		...rows.map((r) => [r.what, r.ours, r.against, ratioText(r.ratio), r.goal])];
	const width = cells[0].map((_, i) => Math.max(...cells.map((r) => r[i].length)));
	return [title, ...used.values(), "", ...cells.map((r) => r.map((cell, i) => cell.padEnd(width[i])).join("  ").trimEnd()), ""]
	    .join("\n");
}

function write(folder, title) {
	mkdirSync(folder, { recursive: true });
	writeFileSync(path.join(folder, "smartrecord-bench.txt"), table(title));
	writeFileSync(path.join(folder, "smartrecord-bench.svg"), chart(title, rows));
}

// Writes table and chart beside the manual, and the table into its chapter.
function publish(title) {
	const man = path.join(top, "conf", "man"), page = path.join(man, "smartrecord-operation.7.scd");
	write(man, title);
	writeFileSync(page, readFileSync(page, "utf8").replace(/^(; bench: .*\n```\n)[^]*?(```\n; bench: end)$/m,
	    (_, begin, end) => `${begin}${table(title)}${end}`));
}

const wanted = process.env.BENCH?.split(/[\s,]+/).filter(Boolean) ?? [];
const unknown = wanted.filter((part) => !(part in parts));
if (unknown.length > 0)
	throw new Error(`BENCH: unknown ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
const chosen = wanted.length > 0 ? wanted : Object.keys(parts).filter((part) => !longer.includes(part));
const load = loadavg()[0];
for (const part of chosen)
	await measure(part);
(await sharedCluster()).destroy();
const version = (await run(binary, ["--version"])).stdout.split(" ")[1];
const title = `Smart Record ${version}, ${new Date().toISOString().slice(0, 10)}: ` +
    `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB${load > 1 ? `, load ${load.toFixed(1)} before` : ""}`;
if (rows.length > 0) {
	write(path.join(build, "bench"), title);
	if (process.env.PUBLISH)
		publish(title);
	process.stdout.write(readFileSync(path.join(build, "bench", "smartrecord-bench.txt"), "utf8"));
}
for (const one of failed)
	console.error(`\nbench: failed: ${one}`);
process.exit(failed.length > 0 ? 1 : 0);
