// Who owns an object of the store: pipeline.ingest() refuses the key of another
// customer or of another recording; what one customer deletes never removes an
// object of another.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { calls, document, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { ingest, leave, refusedIngest, session } from "../lib/sql.js";
import { quote } from "../lib/wall.js";

let database, server, jobs, ids, supervisor, neighbour;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	server = await startServer({ database });
	ids = await recordingIds(database);
	[supervisor, neighbour] = await Promise.all([people.supervisor, people.neighbour].map(({ email }) =>
	    server.client().signIn(email)));
});
after(async () => {
	supervisor?.close();
	neighbour?.close();
	await jobs?.stop();
	await server?.stop();
	await leave(database);
});

const keyOf = (id) => database.sql(`select audio_key from recording where id = '${id}'`);
const owner = (key) => database.sql(`select coalesce(recording_id, export_id) from store_object where key = '${key}'`);
const sound = (key) => ({ key, format: "alaw", rate: 8000, channels: 2, samples: 32000, sha256: "ab".repeat(32) });
let n = 0;
// a call of an account with the audio key
const call = (account, key, id = `object-${++n}`) => ({
	...document(id, { account, ago: 2, mood: "neutral", subject: "Objet", words: ["Bonjour."] },
	    Math.floor(Date.now() / 60000) * 60000),
	audio: key && sound(key) });
const remove = (client, id) => client.post("/api/v1/deletions", { json: { select: { ids: [id] }, expect: 1 } });
const plays = async (client, id) => (await client.get(`/api/v1/recordings/${id}/audio.mp3`)).status;
// Waits for jobs to remove an object that is listed after all others.
const removalsDone = async () => {
	await database.sql("insert into store_removal values ('zzz/last')");
	jobs ??= await startJobs(server);
	await until("jobs to remove", async () =>
	    await database.sql("select count(*) from store_removal where key = 'zzz/last'") === "0");
};

describe("delivering a key", () => {
	const refused = async (doc, message) => {
		const { state, column, message: said } = await refusedIngest(database, doc);
		assert.deepEqual([state, column], ["SR400", "audio.key"]);
		assert.match(said, message);
		assert.equal(await database.sql(`select count(*) from recording_source where source_id = '${doc.source_id}'
			and deleted_at is null and recording_id not in (select id from recording)`), "0");
	};

	test("of another customer is refused, whether the object exists or not", async () => {
		await refused(call("neighbour", await keyOf(ids.user_own)), /^audio\.key: does not begin with "beta\/"$/);
		for (const key of ["alpha/none.wav", "exports/1/x.zip", "betamax/x.wav", "x.wav", "beta"])
			await refused(call("neighbour", key), /^audio\.key: does not begin with "beta\/"$/);
	});
	test("of another recording of the customer is refused, and of an archive", async () => {
		await refused(call("supervisor", await keyOf(ids.user_own)), /^audio\.key: the key of another object$/);
		await database.sql(`insert into export (tenant_id, id, person_id, account_id, team, content, language, total, state,
			archive_key, expires_at) select tenant_id, uuid7_new(now()), person_id, id, '', 'audio', 'fr', 1, 'ready',
			'alpha/exports/one.zip', now() + interval '1 hour' from account where key = 'user'`);
		await refused(call("user", "alpha/exports/one.zip"), /^audio\.key: the key of another object$/);
		await database.sql("delete from export");
		assert.equal(await owner("alpha/exports/one.zip"), "");
	});
	test("that completes a call, or repeats one, is checked alike; the same delivery again changes nothing", async () => {
		const waiting = call("neighbour", null);
		const { id } = await ingest(database, waiting);
		const taken = { ...waiting, audio: sound(await keyOf(ids.neighbour_own)) };
		await refused({ ...waiting, audio: sound("alpha/ab/x.wav") }, /does not begin/);
		await refused(taken, /another object/);
		assert.equal(await keyOf(id), "");
		const whole = { ...waiting, audio: sound("beta/ab/whole.wav") };
		assert.equal((await ingest(database, whole)).outcome, "completed");
		assert.equal((await ingest(database, whole)).outcome, "unchanged");
		assert.equal(await owner("beta/ab/whole.wav"), id);
		await refused(taken, /another object/);
		assert.equal((await remove(neighbour, id)).status, 200);
		await refused(taken, /another object/);
		assert.equal((await ingest(database, whole)).outcome, "deleted");
	});
	test("in two transactions at once, one of them is refused", async () => {
		const [one, two] = [call("user", "alpha/ab/both.wav"), call("colleague", "alpha/ab/both.wav")];
		const first = session(database, "postgres");
		await first.ask(`begin; select pipeline.ingest(${quote(one)})`);
		const second = refusedIngest(database, two);
		await until("the second to wait", async () => await database.sql(
		    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%pipeline.ingest%'") === "1");
		await first.ask("commit");
		assert.equal((await second).message, "audio.key: the key of another object");
		assert.notEqual(await owner("alpha/ab/both.wav"), "");
	});
	test("of a deleted recording is refused until its object is removed", async () => {
		const { id } = await ingest(database, call("user", "alpha/ab/again.wav"));
		assert.equal((await remove(supervisor, id)).status, 200);
		await refused(call("user", "alpha/ab/again.wav"), /^audio\.key: its former object is still to be removed$/);
		await removalsDone();
		assert.equal((await ingest(database, call("user", "alpha/ab/again.wav"))).outcome, "created");
	});
});

// Recordings that an earlier release took.
describe("keys of earlier releases", () => {
	const backfill = readFileSync(path.join(top, "migrations", "0017_objects.sql"), "utf8").split("reset role;")[1];

	test("stay readable; of several recordings with one key, the one whose customer it names is the owner", async () => {
		const key = await keyOf(ids.user_own);
		await database.sql(`update recording set audio_key = '${key}' where id = '${ids.neighbour_own}';
			update recording set audio_key = 'old.wav' where id = '${ids.lyonnais_own}';
			delete from store_object`);
		await database.sql(backfill, "deployer");
		assert.equal(await owner(key), ids.user_own);
		assert.equal(await owner("old.wav"), ids.lyonnais_own);
		const answer = await ingest(database, { ...document("neighbour_own", calls.neighbour_own),
			started_at: await database.sql(`select rfc3339(started_at) from recording where id = '${ids.neighbour_own}'`),
			audio: sound(key) });
		assert.deepEqual([answer.outcome, answer.audio_key], ["unchanged", key]);
	});
	test("deleting a recording never removes the object of another", async () => {
		const key = await keyOf(ids.user_own);
		assert.equal((await remove(neighbour, ids.neighbour_own)).status, 200);
		// functions of an earlier release list each object
		await database.sql(`insert into store_removal values ('${key}') on conflict do nothing`);
		await removalsDone();
		assert.ok(existsSync(path.join(database.store, key)));
		assert.equal(await plays(supervisor, ids.user_own), 200);
		assert.equal((await remove(supervisor, ids.user_own)).status, 200);
		await until("its own object to go", () => !existsSync(path.join(database.store, key)));
		assert.equal(await owner(key), "");
	});
});

test("each object in the store has its owner", async () => {
	assert.equal(await database.sql(`select count(*) from recording r left join store_object o on o.key = r.audio_key
		where r.audio_key is not null and o.recording_id is distinct from r.id`), "0");
	assert.equal(await database.sql(`select count(*) from store_object o
		where not exists (select from recording r where r.audio_key = o.key)`), "0");
});
