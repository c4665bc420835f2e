// Documents a second through pipeline.ingest(), as a backfill sends them: in
// batches on two connections, texts of about 155 words, audio already stored;
// and lists of the same customer meanwhile.
import { benchDatabase, boss, withCopy } from "./data.js";
import { number, ms, p95, timed } from "./measure.js";
import { startServer } from "../lib/server.js";

const wanted = 400, backfill = 1e6, connections = 2, batch = 100, seconds = 15;

// Returns batches of documents with the texts of loaded calls, over two days.
async function documents(database, count) {
	const list = await database.rows(`select t.key as tenant, a.key as account, r.direction, r.mode, r.language,
		r.duration_ms, rfc3339(now() - random() * interval '48 hours') as started_at,
		jsonb_build_object('kind', r.caller_kind, 'value', r.caller_value, 'name', null) as caller,
		jsonb_build_object('kind', r.callee_kind, 'value', r.callee_value, 'name', null) as callee,
		jsonb_build_object('format', r.audio_format, 'rate', r.audio_rate, 'channels', r.audio_channels,
			'samples', r.audio_samples, 'sha256', r.audio_sha256) as audio,
		jsonb_build_object('mood', r.mood, 'subject', r.subject, 'summary', u.summary, 'utterances',
			(select jsonb_agg(jsonb_build_object('start_ms', x -> 0, 'end_ms', x -> 1, 'speaker', x -> 2, 'text', x -> 3))
			from jsonb_array_elements(u.utterances) x)) as analysis
		from (select * from recording tablesample bernoulli (${Math.min(100, 150 * count / database.note.calls)})
			limit ${count}) r
		join utterance u on u.tenant_id = r.tenant_id and u.id = r.id
		join tenant t on t.id = r.tenant_id join account a on a.tenant_id = r.tenant_id and a.id = r.account_id`);
	return Array.from({ length: Math.floor(list.length / batch) }, (_, i) => list.slice(i * batch, (i + 1) * batch));
}

let sent = 0;
// Sends batches on all connections until over. Returns documents a second.
async function send(database, batches, over) {
	const start = performance.now();
	let done = 0, next = 0;
	const one = async () => {
		while (!over()) {
			const list = batches[next++ % batches.length].map((d) => ({ ...d, source_id: `ingest-${++sent}`,
			    audio: { ...d.audio, key: `${d.tenant}/ingest/${sent}.wav` } }));
			await database.sql(`select count(pipeline.ingest(d)) from jsonb_array_elements(
				$document$${JSON.stringify(list)}$document$) d`, "pipeline");
			done += list.length;
		}
	};
	await Promise.all(Array.from({ length: connections }, one));
	return done / (performance.now() - start) * 1000;
}

// Requests lists one after the other for some seconds. Returns milliseconds.
async function lists(client) {
	const took = [], end = performance.now() + seconds * 1000;
	while (performance.now() < end) {
		const [time, { status }] = await timed(() => client.get("/api/v1/recordings"));
		if (status !== 200)
			throw new Error(`list: ${status}`);
		took.push(time);
	}
	return took;
}

async function measureOn(database, row) {
	const batches = await documents(database, Math.min(2000, database.note.calls / 2));
	const until = performance.now() + seconds * 1000;
	const alone = await send(database, batches, () => performance.now() > until);
	const server = await startServer({ database });
	const client = await server.client().signIn(boss);
	await lists(client);	// warm-up
	const quiet = await lists(client);
	let over = false;
	const sending = send(database, batches, () => over);
	const busy = await lists(client);
	over = true;
	const meanwhile = await sending;
	client.close();
	await server.stop();
	row("ingest of documents of 155 words", `${alone.toFixed(0)}/s`, `goal ${wanted}/s`, alone / wanted, ">= 1");
	row("ingest beside lists", `${meanwhile.toFixed(0)}/s`, `alone ${alone.toFixed(0)}/s`, meanwhile / alone, "");
	row("list p95 during ingest", ms(p95(busy)), `idle ${ms(p95(quiet))}`, p95(busy) / p95(quiet), "<= 2");
	row(`a backfill of ${number(backfill)} at that rate`, `${(backfill / alone / 60).toFixed(0)} min`, "an hour",
	    backfill / alone / 3600, "<= 1");
}

export const measureIngest = async (row) =>
	withCopy(await benchDatabase(), (database) => measureOn(database, row));
