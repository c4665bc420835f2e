// Lists without words, of the largest customer: first page, further page, the
// console's page and the days, relative to the limit script (the same rows, and
// nothing else) and to PostGraphile, which answers the same fields over GraphQL
// under the same row-level security.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { benchDatabase, boss } from "./data.js";
import { connections, interleaved, pgbench, rate, scopeOf, setScope, wrk } from "./measure.js";
import { freePort } from "../lib/pg.js";
import { atEnd, binary, cleanEnvironment, run, top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const page = 50;
// of the planner, for limit script and peer: they walk the primary key from its
// end, whatever is expected of a customer's size, as the product does
const walk = { enable_sort: "off", enable_bitmapscan: "off", enable_seqscan: "off" };
const quote = (text) => `'${text.replaceAll("'", "''")}'`;

// The least that a list needs from PostgreSQL, as src/db sends it: one pipeline
// finds the session, the next one sets the scope and reads the newest calls.
async function limitScript(database, client) {
	const scope = await scopeOf(database, boss);
	const token = [...client.cookies.values()].find((value) => /^[\w-]{20,}$/.test(value));
	const hash = createHash("sha256").update(token).digest("hex");
	const session = readFileSync(path.join(top, "src/server/session_find.sql"), "utf8").replace(/^--.*$/gm, "")
	    .replace("$1", quote(hash)).replace("$2", "'localhost'");
	const since = await database.sql(`select uuid7_floor(date_trunc('day', uuid7_time(min(id::text)::uuid), 'UTC'))
		from (select id from recording where tenant_id = ${scope.tenant} order by id desc limit ${page + 1}) r`);
	const found = await database.sql(`begin; ${setScope(scope)}; ${session.trim()}; commit`, "smartrecord_app");
	if (!found.includes(boss))
		throw new Error("the limit script finds no session");
	const pipeline = (...statements) => ["\\startpipeline", "begin;",
	    ...statements.map((s) => `${s.trim().replace(/\s+/g, " ")};`), "commit;", "\\endpipeline"].join("\n");
	return `${pipeline(setScope({ tenant: "", account: "", person: "", team: "" }), session)}
${pipeline(setScope(scope), `select jsonb_agg(recording_item(r, s, a) order by r.id desc)
		from (select * from recording where tenant_id = ${scope.tenant} and id >= '${since}'
			order by id desc limit ${page}) r
		join site s on s.tenant_id = r.tenant_id and s.id = r.site_id
		join account a on a.tenant_id = r.tenant_id and a.id = r.account_id`)}\n`;
}

// A request of wrk that asks PostGraphile for the fields of a list's row.
const graphql = (total) => `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = [[${JSON.stringify({ query: `{ allRecordings(first: ${page}, orderBy: [ID_DESC], condition: {tenantId: 1}) {
	${total ? "totalCount" : ""} pageInfo { hasNextPage endCursor } nodes { id direction callerKind callerValue
	callerName calleeKind calleeValue calleeName startedAt durationMs mood subject mode audioKey audioFormat audioRate
	audioChannels audioSamples audioSha256 originalKind originalBytes originalSha256 expiresAt
	siteByTenantIdAndSiteId { publicId name timeZone }
	accountByTenantIdAndAccountId { publicId firstName lastName } } } }` })}]]`;

async function startPostGraphile(database) {
	const port = await freePort(), scope = await scopeOf(database, boss);
	const child = spawn(path.join(top, "tests/node_modules/.bin/node"), [path.join(top, "tests/bench/postgraphile.cjs")],
	    { stdio: ["ignore", "ignore", "inherit"], env: cleanEnvironment({ NODE_ENV: "production", BENCH_PEER: JSON.stringify({
	    port, host: database.cluster.dir, pgport: database.cluster.port, database: database.name, scope, settings: walk }) }) });
	const forget = atEnd(() => child.kill());
	const url = `http://127.0.0.1:${port}/graphql`;
	await until("PostGraphile", () => run("curl", ["-sf", "-H", "content-type: application/json", "-d",
	    `{"query":"{ allRecordings(first: 1) { nodes { id } } }"}`, url]).then(({ stdout }) => stdout.includes("nodes"),
	    () => false), 60000);
	return { url, stop: () => { forget(); child.kill(); } };
}

// The rates of all, in turn.
async function measureRates(database, server, client) {
	const first = (await client.get("/api/v1/recordings")).json();
	const days = (await run(binary, ["routes"])).stdout.includes("/api/v1/recordings/days");
	const script = await limitScript(database, client), graphile = await startPostGraphile(database);
	const lua = Object.fromEntries([false, true].map((total) => [total,
	    path.join(tmpdir(), `smartrecord-bench-${process.pid}-${total}.lua`)]));
	for (const [total, file] of Object.entries(lua))
		writeFileSync(file, graphql(total === "true"));
	const get = (target) => () => wrk(`${server.url}${target}`, { client });
	try {
		return await interleaved({
			limit: () => pgbench(database, script, { settings: walk }),
			first: get("/api/v1/recordings"),
			further: get(`/api/v1/recordings?after=${first.next}`),
			console: get("/console/recordings"),
			...days && { days: get("/api/v1/recordings/days") },
			plain: () => wrk(graphile.url, { script: lua.false }),
			total: () => wrk(graphile.url, { script: lua.true }),
		});
	} finally {
		graphile.stop();
		Object.values(lua).forEach((file) => rmSync(file, { force: true }));
	}
}

// given: a database, other than the benchmark's own.
export async function measureLists(row, given) {
	const database = given ?? await benchDatabase();
	const server = await startServer({ database });
	const client = await server.client().signIn(boss);
	const r = await measureRates(database, server, client);
	const against = (what, ours, name, theirs, goal) =>
		row(what, rate(ours), `${name} ${rate(theirs)}`, ours / theirs, goal);
	against(`list, first page with counts, ${connections} connections`, r.first, "limit script", r.limit, ">= 0.5");
	against("list, further page", r.further, "limit script", r.limit, ">= 0.7");
	against("list, page on the console", r.console, "API", r.first, ">= 0.7");
	if (r.days)
		against("calls a day by mood", r.days, "limit script", r.limit, "");
	against("list, first page with counts", r.first, "PostGraphile without a total", r.plain, ">= 1");
	against("list, first page with counts", r.first, "PostGraphile with totalCount", r.total, ">= 1");
	client.close();
	await server.stop();
}
