// Downloads in progress end when the right to them ends, and only then.
import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

let database, server, jobs, ids;
const clients = [];

before(async () => {
	database = await freshDatabase({ fixtures: true });
	await loadCalls(database, Object.fromEntries(["deleted", "kept"].map((key) => [key, { account: "user", ago: 30,
		mood: "neutral", subject: "Long", words: ["Bonjour."], seconds: 1800 }])));
	ids = await recordingIds(database);
	server = await startServer({ database });
	jobs = await startJobs(server);
});
after(async () => {
	clients.forEach((client) => client.close());
	await jobs?.stop();
	await server?.stop();
});

const visit = async (who) => {
	const client = await server.client().signIn(people[who].email);
	clients.push(client);
	return client;
};
const audio = (key) => `/api/v1/recordings/${ids[key]}/audio.mp3`;

// Starts a slow download. outcome is "whole" or "cut" when it has ended; quick()
// reads at full speed from then on.
function reader(client, target) {
	const r = { bytes: 0, outcome: undefined, pause: 100, quick: () => { r.pause = 0; } };
	r.began = new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: server.port, path: target, ca: server.ca,
			headers: { cookie: [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ") } }, (answer) => {
			answer.on("data", (chunk) => {
				r.bytes += chunk.length;
				answer.pause();
				setTimeout(() => answer.resume(), r.pause);
			});
			answer.on("error", () => { r.outcome = "cut"; });
			answer.on("end", () => { r.outcome = "whole"; });
			resolve(answer.statusCode);
		});
		asked.on("error", reject);
		asked.end();
	});
	return r;
}
const over = (r) => until("the stream to end", () => r.outcome, 60000);

test("a deletion, the end of a session and a withdrawn right end their downloads in progress, and no others", async () => {
	// the user supervises too, and keeps access to their own call without that right
	await database.sql(`insert into profile (tenant_id, account_id, kind)
		select tenant_id, id, 'supervisor' from account where email = '${people.user.email}'`);
	const [listener, leaver, supervisor] = [await visit("user"), await visit("user"), await visit("supervisor")];
	const made = await supervisor.post("/api/v1/exports", { json: { select: { ids: [ids.kept] }, content: "audio" } });
	const archive = `/api/v1/exports/${made.json().id}`;
	await until("the archive", async () => (await supervisor.get(archive)).json().state === "ready", 60000);
	const readers = { kept: reader(listener, audio("kept")), deleted: reader(listener, audio("deleted")),
		ended: reader(leaver, audio("kept")), team: reader(supervisor, audio("kept")), archive: reader(supervisor, `${archive}/archive.zip`) };
	for (const [key, r] of Object.entries(readers))
		assert.equal(await r.began, 200, key);
	// other rights that still cover all of these downloads
	await database.sql(`update profile p set site_ids = (select array_agg(id) from site s where s.tenant_id = p.tenant_id)
		where kind = 'supervisor' and site_ids is null`);
	await database.sql("update session set last_seen_at = now() - interval '25 minutes'");
	await until("the downloads to count as use of the session", async () => await database.sql(`
		select bool_and(last_seen_at > now() - interval '1 minute') from session`) === "t");
	assert.doesNotMatch(server.log(), /event=stream_over/);

	const deletion = await supervisor.post("/api/v1/deletions", { json: { select: { ids: [ids.deleted] }, expect: 1 } });
	assert.equal(deletion.status, 200, deletion.text);
	assert.equal((await leaver.send("DELETE", "/api/v1/session")).status, 204);
	await database.sql("delete from profile where kind = 'supervisor'");
	await until("four downloads to be ended", () => server.log().match(/event=stream_over/g)?.length >= 4);
	for (const [key, r] of Object.entries(readers)) {
		r.quick();
		assert.equal(await over(r), key === "kept" ? "whole" : "cut", key);
	}
	assert.deepEqual([...new Set(server.log().match(/event=stream_over.*/g))].sort(),
	    [`query=exports/watched id=${made.json().id}`, ...["deleted", "kept"].map((key) => `query=recordings/watched id=${ids[key]}`)]
	        .map((text) => `event=stream_over ${text}`).sort());
});
