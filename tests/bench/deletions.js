// Measures how long it takes to delete many calls and to purge expired ones,
// and the p95 of a list page meanwhile, relative to an idle server.
import { password, people } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const p95 = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length * .95)];
const ms = (value) => `${value.toFixed(1)} ms`;
const seconds = (value) => `${(value / 1000).toFixed(1)} s`;
const number = (n) => n.toLocaleString("en");

async function timed(work) {
	const start = performance.now(), answer = await work();
	return [performance.now() - start, answer];
}

// Copies a call of the fixtures over the last 20 days in the database, without
// audio. expires: an interval after the start of the copy.
async function load(database, calls, subject, expires) {
	await database.sql(`
		select recordings_make_partitions((now() - interval '25 days')::date, now()::date);
		create temporary table made as
		select uuid7_new(at) as new, at, at + interval '${expires}' as until, r.*
		from recording r, generate_series(1, ${calls}) i, lateral (values (date_trunc('milliseconds',
			now() - interval '1 day' - i * interval '20 days' / ${calls}))) v (at)
		where r.subject = '${subject}';
		insert into recording select tenant_id, new, site_id, account_id, duration_ms, at, until, ingested_at,
			direction, mode, language, mood, caller_kind, caller_value, caller_name, callee_kind, callee_value,
			callee_name, subject, pauses, 'copy/' || new || '.wav', audio_format, audio_rate, audio_channels,
			audio_samples, audio_sha256, tsv from made;
		insert into utterance select u.tenant_id, new, u.site_id, u.account_id, until, summary, utterances
			from made join utterance u on u.id = made.id;
		insert into recording_source select tenant_id, 'copy-' || new, new, until from made`);
}

// Requests lists one after the other until over; returns their milliseconds.
async function lists(client, over) {
	const took = [];
	for (let i = 1; ; i++) {
		const [time, answer] = await timed(() => client.get("/api/v1/recordings"));
		if (answer.status !== 200)
			throw new Error(`list: ${answer.status}`);
		took.push(time);
		if (i % 20 === 0 && await over(i))
			return took;
	}
}
const idle = (client) => lists(client, (i) => i >= 100);

async function deletion(client, deleted, loaded, quiet, row) {
	const select = { filter: { q: "résilier" }, except: [], as_of: new Date(Date.now() + 60000).toISOString() };
	const [counting, counted] = await timed(() => client.send("POST", "/api/v1/deletions/count", { json: { select } }));
	const expect = counted.json().count;
	const start = performance.now();
	const [asking, asked] = await timed(() => client.send("POST", "/api/v1/deletions",
	    { json: { select, expect, password } }));
	if (asked.status >= 300)
		throw new Error(`deletion: ${asked.status} ${asked.text}`);
	const { id } = asked.json();
	const busy = await lists(client, async () =>
	    (await client.get(`/api/v1/deletions/${id}`)).json().state === "done");
	const what = `deletion of ${number(deleted)}`;
	row(`${what}: the request`, ms(asking), `counting them ${ms(counting)}`, asking / counting, "< 3 s");
	row(`${what}: until the rows are gone`, seconds(performance.now() - start),
	    `made in SQL ${seconds(loaded)}`, (performance.now() - start) / loaded, "");
	row(`${what}: list p95 meanwhile`, ms(p95(busy)), `idle ${ms(p95(quiet))}`, p95(busy) / p95(quiet), "");
}

// scale: factor of 20,000 deleted and 100,000 purged calls.
export async function measureDeletions(scale, row) {
	const [deleted, purged] = [20000 * scale, 100000 * scale].map(Math.round);
	const database = await freshDatabase({ fixtures: true });
	await load(database, deleted, "Panne réparée", "30 days");	// stays
	const [loaded] = await timed(() => load(database, deleted, "Résiliation demandée", "30 days"));
	await database.sql("vacuum analyze");
	const server = await startServer({ database });
	const client = await server.client().signIn(people.supervisor.email);
	await idle(client);	// warm-up
	let jobs = await startJobs(server);
	await deletion(client, deleted, loaded, await idle(client), row);
	await jobs.stop();
	const [filled] = await timed(() => load(database, purged, "Facture contestée", "1 second"));
	await database.sql("vacuum analyze");
	const quiet = await idle(client), start = performance.now();
	jobs = await startJobs(server);
	const busy = await lists(client, async () => await database.sql(
	    "select exists (select from recording_source where expires_at <= now())") === "f");
	const took = performance.now() - start, what = `purge of ${number(purged)}`;
	row(`${what}: until the rows are gone`, seconds(took), `made in SQL ${seconds(filled)}`, took / filled, "");
	row(`${what}: list p95 meanwhile`, ms(p95(busy)), `idle ${ms(p95(quiet))}`, p95(busy) / p95(quiet), "");
	client.close();
	await jobs.stop();
	await server.stop();
}
