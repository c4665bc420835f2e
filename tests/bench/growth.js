// How long a customer of 5,000 calls waits while the other customers grow, and
// with 90 days of retention; and how much of it is planning. All databases are
// loaded first, then asked in turn. The calls of the others have short texts, so
// that the largest database fits on a disk; those of the customer lie among them
// as in life. BENCH_GROWTH names other sizes.
import { benchDatabase, boss, wordIn } from "./data.js";
import { interleaved, median, ms, number, scopeOf, setScope, timed } from "./measure.js";
import { binary, run } from "../lib/process.js";
import { functions } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const steady = 5000, words = 20, rounds = 31;
const [smallest, ...sizes] = (process.env.BENCH_GROWTH || "100000 1000000 4000000").trim().split(/\s+/).map(Number);
const shapes = [{ calls: smallest, days: 30 }, ...sizes.map((calls) => ({ calls, days: 30 })),
    { calls: smallest, days: 90 }];
const shares = [0.12, 0.01, 0.001];
const told = ({ calls, days }) => `of ${number(calls)} in ${days} days`;

// Milliseconds of planning a page of the newest day, as the application's role;
// not the first time in a connection, which reads the catalogue. since: a constant,
// as in search_page(), so that only the partitions from it on are planned.
async function planning(database, scope, since) {
	const explain = `explain (summary) select * from recording where tenant_id = 1
		and id >= '${since}' order by id desc limit 51;`;
	const text = await database.sql(`set search_path = ${functions()}, public; begin; ${setScope(scope)};
		${explain.repeat(6)} commit`, "smartrecord_app");
	return median([...text.matchAll(/Planning Time: ([\d.]+)/g)].slice(1).map(([, time]) => Number(time)));
}

// Returns { shape, measurements: { what: function }, stop } of a database.
async function start(shape) {
	const database = await benchDatabase({ ...shape, steady, words });
	const server = await startServer({ database });
	const client = await server.client().signIn(boss), scope = await scopeOf(database, boss);
	const since = await database.sql("select uuid7_floor(date_trunc('day', now(), 'UTC'))");
	// a search that takes a second is given up (422), and counts as that
	const get = (target) => async () => {
		const [took, { status, text }] = await timed(() => client.get(target));
		if (status !== 200 && status !== 422)
			throw new Error(`${target}: ${status} ${text}`);
		return took;
	};
	const measurements = { list: get("/api/v1/recordings") };
	if ((await run(binary, ["routes"])).stdout.includes("/api/v1/recordings/days"))
		measurements.days = get("/api/v1/recordings/days");
	for (const share of shares)
		measurements[`word in ${share * 100} %`] = get(`/api/v1/recordings?q=${encodeURIComponent(wordIn(share))}`);
	measurements["planning of a page"] = () => planning(database, scope, since);
	return { shape, measurements, stop: async () => {
		client.close();
		await server.stop();
		await database.drop();	// large, and not needed again
	} };
}

export async function measureGrowth(row) {
	const all = [];
	try {
		for (const shape of shapes)
			all.push(await start(shape));
		for (const what of Object.keys(all[0].measurements)) {
			const found = await interleaved(Object.fromEntries(
			    all.map((one, i) => [i, one.measurements[what]])), rounds);
			for (let i = 1; i < all.length; i++)
				row(`${what}, ${number(steady)} calls ${told(shapes[i])}`, ms(found[i]),
				    `${told(shapes[0])} ${ms(found[0])}`, found[i] / found[0], "<= 1.5");
		}
	} finally {
		for (const one of all)
			await one.stop();
	}
}
