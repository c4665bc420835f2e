// Measures how long it takes to delete many calls and to purge expired ones,
// and the p95 of a list page and of a first sound meanwhile, relative to the
// same server before, and to the moments in which jobs is stopped.
import { password, people, recordingIds } from "../lib/fixtures.js";
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

// Requests lists and, where the database has audio, the first bytes of a sound,
// one after the other until over(); adds their milliseconds to into.
async function ask(client, sound, into, over) {
	for (let i = 1; ; i++) {
		const [time, answer] = await timed(() => client.get("/api/v1/recordings"));
		if (answer.status !== 200)
			throw new Error(`list: ${answer.status}`);
		into.lists.push(time);
		if (sound) {
			const [first, head] = await timed(() => client.get(`/api/v1/recordings/${sound}/audio.mp3`,
			    { range: "bytes=0-2047" }));
			if (head.status !== 206)
				throw new Error(`sound: ${head.status}`);
			into.sounds.push(first);
		}
		if (i % 10 === 0 && await over(i))
			return into;
	}
}
const figures = () => ({ lists: [], sounds: [] });
const idle = (client, sound) => ask(client, sound, figures(), (i) => i >= 100);

// Lets jobs work and stops it in turns, half a second each, until done(): so a
// loaded machine slows both. Returns the figures of both, and for how long jobs
// has worked.
async function beside(client, sound, jobs, done) {
	const busy = figures(), still = figures();
	let worked = 0;
	const turn = async (into) => {
		const start = performance.now();
		await ask(client, sound, into, () => performance.now() - start > 500);
		return performance.now() - start;
	};
	do {
		process.kill(jobs.pid, "SIGCONT");
		worked += await turn(busy);
		process.kill(jobs.pid, "SIGSTOP");
		await turn(figures());	// PostgreSQL ends the step that it was given
		await turn(still);
	} while (!await done());
	process.kill(jobs.pid, "SIGCONT");
	return { busy, still, worked };
}

function compare(row, what, { busy, still }, quiet) {
	for (const [name, kind] of [["list", "lists"], ["first sound", "sounds"]])
		if (busy[kind].length > 0) {
			row(`${what}: ${name} p95 meanwhile`, ms(p95(busy[kind])), `before ${ms(p95(quiet[kind]))}`,
			    p95(busy[kind]) / p95(quiet[kind]), kind === "lists" ? "< 2" : "");
			row(`${what}: ${name} p95 while jobs works`, ms(p95(busy[kind])),
			    `while it is stopped ${ms(p95(still[kind]))}`, p95(busy[kind]) / p95(still[kind]), "");
		}
}

// Deletes what filter finds for client's person, a supervisor. sound: the id of
// a call with audio that it does not find, or null.
export async function measureDeletion(server, client, filter, sound, row) {
	const select = { filter, except: [], as_of: new Date(Date.now() + 60000).toISOString() };
	await idle(client, sound);	// warm-up
	const jobs = await startJobs(server), quiet = await idle(client, sound);
	const [counting, counted] = await timed(() => client.send("POST", "/api/v1/deletions/count", { json: { select } }));
	const { count: expect } = counted.json();
	const [asking, asked] = await timed(() => client.send("POST", "/api/v1/deletions",
	    { json: { select, expect, password } }));
	if (asked.status >= 300)
		throw new Error(`deletion: ${asked.status} ${asked.text}`);
	const { id } = asked.json();
	const met = await beside(client, sound, jobs, async () =>
	    (await client.get(`/api/v1/deletions/${id}`)).json().state === "done");
	const what = `deletion of ${number(expect)}`;
	row(`${what}: the request`, ms(asking), `counting them ${ms(counting)}`, asking / counting, "< 3 s");
	row(`${what}: until nothing is left`, seconds(asking + met.worked), `the request ${seconds(asking)}`,
	    (asking + met.worked) / asking, "< 1 min");
	compare(row, what, met, quiet);
	await jobs.stop();
}

// The same in a copy of the benchmark's database: all calls of a mood, of
// which the largest customer of a million has about 20,000.
export async function measureDeletionIn(database, email, row, mood = "frustrated") {
	const server = await startServer({ database });
	const client = await server.client().signIn(email);
	await measureDeletion(server, client, { mood: [mood] }, null, row);
	client.close();
	await server.stop();
}

async function purge(server, database, client, sound, purged, row) {
	const [filled] = await timed(() => load(database, purged, "Facture contestée", "1 second"));
	await database.sql("vacuum analyze");
	const quiet = await idle(client, sound), jobs = await startJobs(server);
	const met = await beside(client, sound, jobs, async () => await database.sql(
	    "select exists (select from recording_source where expires_at <= now())") === "f");
	const what = `purge of ${number(purged)}`;
	row(`${what}: until the rows are gone`, seconds(met.worked), `made in SQL ${seconds(filled)}`,
	    met.worked / filled, "");
	compare(row, what, met, quiet);
	await jobs.stop();
}

// scale: factor of 20,000 deleted and 20,000 purged calls.
export async function measureDeletions(scale, row) {
	const n = Math.round(20000 * scale);
	const database = await freshDatabase({ fixtures: true });
	await load(database, n, "Panne réparée", "30 days");	// stays
	await load(database, n, "Résiliation demandée", "30 days");
	await database.sql("vacuum analyze");
	const server = await startServer({ database });
	const client = await server.client().signIn(people.supervisor.email);
	const { user_own: sound } = await recordingIds(database);
	await measureDeletion(server, client, { q: "résilier" }, sound, row);
	await purge(server, database, client, sound, n, row);
	client.close();
	await server.stop();
}
