// The logs of the server and of the database contain no searched word,
// number or name, after a session of use and after errors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { exchange } from "../lib/client.js";
import { freshDatabase, startCluster } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { ask, leave } from "../lib/sql.js";
import { until } from "../lib/process.js";

const secrets = {
	"a searched word": "mirabelle",
	"a searched number": "0698765432",
	"the number as stored": "33698765432",
	"a caller's name": "Zéphyrine",
	"a spoken word": "tarabiscoté",
	"a summary's word": "quiproquo",
	"a tried password": "hunter-of-passwords",
	"a tried e-mail": "inconnu.au.bataillon",
	"an e-mail": people.user.email,
	"a name": people.user.name[1],
};

let cluster, server;
before(async () => {
	// log every statement; a deployment that does so sets the second parameter
	// too (README)
	cluster = await startCluster();
	await cluster.sql("postgres", "alter system set log_min_duration_statement = 0");
	await cluster.sql("postgres", "alter system set log_parameter_max_length = 0");
	await cluster.sql("postgres", "select pg_reload_conf()");
	const database = await freshDatabase({ fixtures: true, cluster });
	await loadCalls(database, { hidden: { account: "user", ago: 2, mood: "positive",
	    subject: "Confidentiel", summary: "Un quiproquo.",
	    caller: { kind: "e164", value: "+33698765432", name: "Zéphyrine Dubois" },
	    words: ["C'est tarabiscoté, une mirabelle.", "Vraiment."] } });
	server = await startServer({ database });
});
after(async () => {
	await server?.stop();
	await leave(server?.database);
	cluster?.destroy();
});

test("a session with searches and errors leaves no secret in the logs", async () => {
	const { hidden } = await recordingIds(server.database);
	const client = await server.client().signIn(people.user.email);
	const word = encodeURIComponent("mirabelle");
	const answers = [];
	for (const base of ["/api/v1", "/board"])
		for (const query of [`q=${word}`, "number=0698765432", "number=%2B33698765432",
		    `q=${word}&mood=positive`, `q=${word}%00`, `q=${word}&from=mirabelle`,
		    `q=${word}&limit=mirabelle`, `mirabelle=1`])
			answers.push(await client.get(`${base}/recordings?${query}`));
	assert.equal(answers[0].json().items[0].id, hidden, "the search did find it");
	for (const target of [`/board/recordings/${hidden}?q=${word}`,
	    `/board/recordings/${hidden}/audio.mp3?q=${word}`, `/board/${word}`,
	    `/${word}?${word}`, `/board/recordings/${word}`, `/assets/${word}/${word}`])
		answers.push(await client.get(target));
	await client.send("GET", `/board/recordings/${hidden}`,
	    { headers: { referer: `${server.url}/board/recordings?q=${word}`, "user-agent": "mirabelle" } });
	const stranger = server.client();
	await stranger.post("/api/v1/session",
	    { json: { email: "inconnu.au.bataillon@alpha.test", password: "hunter-of-passwords" } });
	await stranger.post("/board/session",
	    { fields: { email: "inconnu.au.bataillon@alpha.test", password: "hunter-of-passwords" } });
	await exchange(server, "GET /board/mirabelle HTTP/1.1\r\nHost: a\r\nHost: mirabelle\r\n\r\n");

	// the log is complete when it has the id of the last request
	const last = await client.get(`/api/v1/recordings?q=${word}`);
	await until("the access log", () => server.log().includes(last.headers["x-request-id"]));

	// the database stops and starts again
	await cluster.stop("immediate");
	assert.equal((await client.get(`/api/v1/recordings?q=${word}`)).status, 503);
	await cluster.start();
	await until("the database again", async () =>
	    (await client.get(`/api/v1/recordings?q=${word}`)).status === 200);
	// a statement that times out, then one that fails
	await ask(server.database, "postgres", "begin; lock table recording");
	assert.equal((await client.get(`/api/v1/recordings?q=${word}`)).status, 503);
	await ask(server.database, "postgres", "rollback");
	await server.database.sql("alter table recording rename column subject to gone");
	assert.equal((await client.get(`/api/v1/recordings?q=${word}`)).status, 500);
	client.close();
	stranger.close();

	const logs = { server: server.log(),
	    database: readFileSync(path.join(cluster.dir, "log"), "utf8") };
	assert.ok(logs.server.length > 500, "the server logs something at all");
	for (const [where, log] of Object.entries(logs))
		for (const [what, secret] of Object.entries(secrets))
			assert.ok(!log.toLowerCase().includes(secret.toLowerCase()),
			    `${what} is in the ${where}'s log: ` +
			    log.split("\n").find((l) => l.toLowerCase().includes(secret.toLowerCase())));
});
