// Searches of the largest customer beside SQLite FTS5 and Sphinx, which have
// the same texts: every shape of a search, one at a time, in turn, so that all
// meet the same moments of the machine. The product is measured in SQL and over
// HTTPS, as a supervisor, as one of a single site, and as a user of the board.
// FTS5 finds the newest 50 with a snippet each and counts; Sphinx finds and
// counts. Neither has rights, expiry, names, counts by mood or passages.
//
// Hits must agree. The peers have folded words without stems, so words are
// chosen whose stem is theirs alone; the rows of other words with that stem are
// what the product may find more. Where names, beginnings or pairs come in, the
// shape says by which share hits may differ.
//
// search.js CLUSTER DATABASE measures a database that is there already; people
// are added to it. QUERIES is how many of each shape, SHAPES a part of a name.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { benchDatabase } from "./data.js";
import { median, ms, p95 } from "./measure.js";
import { benchPeople } from "./people.js";
import { fieldsOf, filterOf, fts5Of, matches, randomness, shapes, since, slack, sphinxOf } from "./shapes.js";
import { startSphinx } from "./sphinx.js";
import { columns, exportTexts, readTexts } from "./texts.js";
import { Cluster, Database, functions } from "../lib/pg.js";
import { atEnd, build, cleanEnvironment, run } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const queries = Number(process.env.QUERIES ?? 40), warm = 2;
const goals = { sql: 12, https: 25, frequent: 60, worst: 150 };

// The table of all shapes.
const detailed = () => path.join(build, "bench", "search.txt");

// A program that answers a line by a line of numbers, milliseconds first.
function startProgram(name, ...args) {
	const child = spawn(path.join(build, "bench", name), args, { stdio: ["pipe", "pipe", "inherit"],
	    env: cleanEnvironment() });
	const forget = atEnd(() => child.kill());
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		async ask(line) {
			child.stdin.write(`${line}\n`);
			const { value, done } = await lines.next();
			if (done)
				throw new Error(`${name} ended at: ${line}`);
			return value.split("\t").map((cell) => cell === "true" || cell !== "false" && Number(cell));
		},
		stop() {
			forget();
			child.kill();
		},
	};
}

function startSql(database, { tenant, account, person, team }) {
	const options = `-c search_path=${functions()},public -c app.tenant=${tenant} -c app.account=${account} ` +
	    `-c app.person=${person} -c app.team=${team} -c app.session=`;
	return startProgram("sql_search", `${database.cluster.conninfo(database.name, "smartrecord_app")} ` +
	    `options='${options}'`);
}

async function places(database, tenant) {
	return { sites: await database.rows(`select id, public_id as public from site where tenant_id = ${tenant}`),
		accounts: await database.rows(`select id, public_id as public, lower(last_name) as name from account
		where tenant_id = ${tenant} and id in (select account_id from recording where tenant_id = ${tenant})`) };
}

// Starts all that is measured. Returns it with stop().
async function start(database, folder) {
	const tenant = Number(await database.sql("select tenant_id from recording group by 1 order by count(*) desc limit 1"));
	const people = await benchPeople(database, tenant);
	const rows = await exportTexts(database, tenant, folder), index = path.join(folder, "fts5.db");
	await run("sh", ["-c", '"$0" build "$1" <"$2"', path.join(build, "bench", "fts5"), index, rows]);
	const sphinx = await startSphinx(folder, rows, columns);
	const texts = await readTexts(database, tenant, rows);
	const fts5 = startProgram("fts5", "query", index);
	const server = await startServer({ database });
	for (const person of Object.values(people)) {
		person.client = await server.client().signIn(person.email);
		person.sql = startSql(database, person);
	}
	return { people, texts, fts5, sphinx, places: await places(database, tenant), now: Date.now(), async stop() {
		Object.values(people).forEach(({ client, sql }) => { client.close(); sql.stop(); });
		fts5.stop();
		sphinx.stop();
		await server.stop();
	} };
}

async function overHttps(client, fields) {
	const begin = performance.now(), answer = await client.get(`/api/v1/recordings?${fields}`);
	const took = performance.now() - begin;
	if (answer.status === 422)
		return [took, null, null];	// it took too long
	if (answer.status !== 200)
		throw new Error(`search: ${answer.status} ${answer.text}`);
	const found = answer.json();
	return [took, null, found.total, found.total_is_capped, found.items.length];
}

const firstRow = (starts, from) => {
	const at = starts.findIndex((start) => start >= from);
	return at < 0 ? starts.length + 1 : at + 1;
};

// Throws when hits differ by more than stems, names and calls that expired
// since the export explain.
function compare(shape, query, ours, theirs, peer) {
	const [, , hits, capped] = ours, may = slack(query) + Math.max(hits, theirs) * (shape.loose + 0.005) + 2;
	if (capped ? theirs + may < hits : Math.abs(hits - theirs) > may)
		throw new Error(`${shape.name}: ${hits}${capped ? "+" : ""} hits, ${peer} has ${theirs}, ` +
		    `${Math.round(may)} may differ: ${JSON.stringify(query)}`);
}

// One query by all. Returns { sql, https, fts5, sphinx }: [ms, ms of
// CPU or null, hits, …].
async function ask(all, shape, query) {
	const { sql, client, scope } = all.people[shape.as];
	const from = since(query, all.now), filter = filterOf(query, from), row = firstRow(all.texts.starts, from);
	const got = { sql: await sql.ask(JSON.stringify(filter)) };
	if (matches(query)) {
		got.fts5 = await all.fts5.ask(`${row}\t${fts5Of(query, scope)}`);
		got.sphinx = await all.sphinx.ask(sphinxOf(query, scope), row);
	}
	got.https = await overHttps(client, fieldsOf(filter));
	for (const peer of ["fts5", "sphinx"])
		if (got[peer])
			compare(shape, query, got.sql, got[peer][2], peer);
	if (got.https[2] !== null)
		compare(shape, {}, got.sql, got.https[2], "HTTPS");
	return got;
}

// Different queries of a shape; one that has too few repeats them.
function queriesOf(shape) {
	const found = new Map();
	for (let i = 0; i < queries * 20 && found.size < queries + warm; i++) {
		const query = shape.make();
		found.set(JSON.stringify(query), query);
	}
	const list = [...found.values()];
	return { different: Math.min(queries, list.length),
		list: Array.from({ length: queries + warm }, (_, i) => list[i % list.length]) };
}

async function measureShape(all, shape) {
	const { different, list } = queriesOf(shape), times = {}, cpu = {}, hits = {};
	let refused = 0;
	for (const [i, query] of list.entries())
		for (const [who, [took, spent, found]] of Object.entries(await ask(all, shape, query))) {
			refused += found === null;
			if (i < warm)
				continue;
			(times[who] ??= []).push(took);
			(cpu[who] ??= []).push(spent);
			(hits[who] ??= []).push(found);
		}
	const empty = Object.keys(hits).filter((who) => hits[who].every((n) => n === 0));
	if (empty.length > 0 && shape.name !== "no result" && (shape.as === "boss" || empty.length < Object.keys(hits).length))
		throw new Error(`${shape.name}, ${shape.as}: nothing found by ${empty.join(", ")}`);
	return { shape, times, cpu, hits, different, refused };
}

const three = (list) => list ? [median(list), p95(list), Math.max(...list)].map((n) => n.toFixed(1)).join(" / ") : "-";
const sqlGoal = ({ times }) => Math.max(goals.sql, 2 * (times.fts5 ? median(times.fts5) : 0));
const httpsGoal = ({ shape }) => shape.name.includes("most frequent") ? goals.frequent : goals.https;

// The detailed table: milliseconds as p50 / p95 / max; of CPU, which says more
// on a busy machine, p50.
function table(results) {
	const as = { boss: "", limited: ", one site", user: ", board" };
	const cells = [["shape", "SQL", "HTTPS", "FTS5", "Sphinx", "CPU, SQL", "FTS5", "hits", "different", "SQL p50", "HTTPS p95"],
		...results.map((r) => [`${r.shape.name}${as[r.shape.as]}`, ...["sql", "https", "fts5", "sphinx"]
		    .map((who) => three(r.times[who])), ...["sql", "fts5"]
		    .map((who) => r.cpu[who] ? median(r.cpu[who]).toFixed(1) : "-"), String(median(r.hits.fts5 ?? r.hits.sql)), String(r.different),
		    median(r.times.sql) <= sqlGoal(r) ? "ok" : `> ${sqlGoal(r).toFixed(0)}`,
		    (p95(r.times.https) < httpsGoal(r) ? "ok" : `> ${httpsGoal(r)}`) + (r.refused ? `, ${r.refused} refused` : "")])];
	const width = cells[0].map((_, i) => Math.max(...cells.map((r) => r[i].length)));
	return `${cells.map((r) => r.map((cell, i) => cell.padEnd(width[i])).join("  ").trimEnd()).join("\n")}\n`;
}

// The rows of the benchmark's table.
function report(results, row) {
	for (const r of results.filter(({ shape, times }) => shape.as === "boss" && times.fts5)) {
		const [ours, theirs] = [median(r.times.sql), median(r.times.fts5)];
		row(`search in SQL, ${r.shape.name}`, ms(ours), `FTS5 ${ms(theirs)}, Sphinx ${ms(median(r.times.sphinx))}`,
		    ours / theirs, `<= ${(sqlGoal(r) / theirs).toFixed(1)}`);
	}
	for (const goal of [goals.https, goals.frequent]) {
		const list = results.filter((r) => httpsGoal(r) === goal);
		const slowest = list.toSorted((a, b) => p95(b.times.https) - p95(a.times.https))[0];
		if (slowest)
			row(`search over HTTPS, slowest p95: ${slowest.shape.name}`, ms(p95(slowest.times.https)), `${goal} ms`,
			    p95(slowest.times.https) / goal, "<= 1");
	}
	const most = results.toSorted((a, b) => Math.max(...b.times.https) - Math.max(...a.times.https))[0];
	const worst = Math.max(...most.times.https);
	row(`slowest search of all: ${most.shape.name}`, ms(worst), `${goals.worst} ms`, worst / goals.worst, "<= 1");
}

export async function measureSearch(row, database) {
	database ??= await benchDatabase();
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	const forget = atEnd(() => rmSync(folder, { recursive: true, force: true }));
	const all = await start(database, folder), results = [], failed = [];
	try {
		for (const shape of shapes(all.texts, all.places, randomness(14)))
			if (shape.name.includes(process.env.SHAPES ?? ""))
				await measureShape(all, shape).then((r) => results.push(r), (error) => failed.push(error.message));
	} finally {
		await all.stop();
		rmSync(folder, { recursive: true });
		forget();
	}
	writeFileSync(detailed(), table(results));
	report(results, row);
	if (failed.length > 0)
		throw new Error(failed.join("\n"));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const [dir, name] = process.argv.slice(2), rows = [];
	const database = dir && new Database(new Cluster(dir), name);
	const row = (what, ours, against, ratio, goal) => rows.push([what, ours, against, ratio.toFixed(2), goal].join("; "));
	const failure = await measureSearch(row, database).then(() => "", (error) => `failed: ${error.stack}\n`);
	const text = existsSync(detailed()) ? readFileSync(detailed(), "utf8") : "";
	process.stdout.write(`${text}\n${rows.join("\n")}\n${failure}`);
	process.exit(failure === "" ? 0 : 1);
}
