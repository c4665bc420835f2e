// Bounds that hold over all workers and machines: what a search may spend,
// event streams, sessions, rights that grow. Two servers on one database.
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { confirmAll, password, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase, functions } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const fonts = mkdtempSync(path.join(tmpdir(), "smartrecord-fonts-"));
let database, ids, one, two;
const clients = new Set();

before(async () => {
	chmodSync(fonts, 0o755);	// the workers read it
	cpSync("/usr/share/fonts/truetype/dejavu", fonts, { recursive: true });
	database = await freshDatabase({ fixtures: true });
	ids = await recordingIds(database);
	[one, two] = await Promise.all([startServer({ database, settings: { font_dir: fonts } }),
		startServer({ database })]);
});
after(async () => {
	clients.forEach((client) => client.close());
	await Promise.all([one, two].map((server) => server?.stop()));
	rmSync(fonts, { recursive: true });
});

const signIn = async (who, server = one) => {
	const client = await server.client().signIn(people[who].email);
	clients.add(client);
	return client;
};

describe("a search", () => {
	const long = "facture contrat panne livraison planning colis portail technicien samedi merci colère accès abonnement";
	const pages = (q) => `/recordings?${new URLSearchParams({ q })}`;

	test("beyond twelve words says so, on the page in both languages and in the API", async () => {
		const client = await signIn("supervisor");
		const note = { fr: /douze premiers mots différents\. Les suivants sont ignorés/, en: /first twelve different words/ };
		for (const lang of ["fr", "en"]) {
			const headers = { "accept-language": lang };
			const cut = await client.get(`/console${pages(long)}`, headers);
			assert.equal(cut.status, 200);
			assert.match(cut.text, note[lang]);
			const twelve = await client.get(`/console${pages(long.replace(" abonnement", ""))}`, headers);
			assert.doesNotMatch(twelve.text, note[lang]);
		}
		assert.equal((await client.get(`/api/v1${pages(long)}`)).json().words_are_capped, true);
		assert.equal((await client.get(`/api/v1${pages("facture")}`)).json().words_are_capped, false);
	});

	test("that is too slow is answered with what to narrow, and with an id", async (t) => {
		const client = await signIn("supervisor");
		// what the search makes at the end of a page takes half a minute
		const was = await database.sql(`select pg_get_functiondef('${functions()}.search_choices_kept'::regproc)`);
		t.after(() => database.sql(was));
		await database.sql(was.replace("begin", "begin perform pg_sleep(30);"));
		const says = { fr: /demande trop de temps.*période plus courte, moins de mots ou des mots plus longs/,
			en: /takes too long.*shorter period, fewer words or longer words/ };
		for (const lang of ["fr", "en"]) {
			const headers = { "accept-language": lang };
			const page = await client.get(`/console${pages("facture")}`, headers);
			assert.equal(page.status, 422);
			assert.match(page.text, says[lang]);
			assert.ok(page.text.includes(page.headers["x-request-id"]), "the id is on the page");
		}
		const answer = await client.get(`/api/v1${pages("facture")}`);
		const problem = answer.json();
		assert.deepEqual([answer.status, problem.type, problem.request_id, answer.headers["retry-after"]],
		    [422, "urn:smartrecord:problem:search-too-slow", answer.headers["x-request-id"], undefined]);
		assert.match(problem.detail, says.fr);
		// the connections are free again, and nothing is an error of the service
		assert.equal((await client.get(`/api/v1/recordings/${ids.user_own}`)).status, 200);
		assert.doesNotMatch(one.log(), /event=sql_error query=recordings_search/);
	});

	test("that is too slow to be counted is answered in the same way", async (t) => {
		const client = await signIn("supervisor");
		const was = await database.sql(`select pg_get_functiondef('${functions()}.recordings_selected'::regproc)`);
		t.after(() => database.sql(was));
		await database.sql(was.replace(/^begin$/m, "begin perform pg_sleep(30);"));
		const select = { filter: { q: "facture" }, except: [], as_of: new Date().toISOString() };
		for (const [target, json] of [["/api/v1/deletions/count", { select }], ["/api/v1/exports", { select, content: "audio" }]]) {
			const answer = await client.post(target, { json });
			assert.deepEqual([answer.status, answer.json().type], [422, "urn:smartrecord:problem:search-too-slow"], target);
		}
	});
});

describe("the PDF of a transcript", () => {
	const pdf = (client, key, lang = "fr") => client.get(`/api/v1/recordings/${ids[key]}/transcript.pdf?lang=${lang}`);
	const away = `${fonts}-away`;

	test("is kept while the call is unchanged, and made again when anything in it changes", async (t) => {
		const client = await signIn("supervisor");
		const first = await pdf(client, "user_own");
		assert.equal(first.status, 200);
		renameSync(fonts, away);	// nothing can be made now
		t.after(() => renameSync(away, fonts));
		assert.equal((await pdf(client, "lyonnais_own")).status, 500);
		const second = await pdf(client, "user_own");
		assert.deepEqual([second.status, second.headers.etag], [200, first.headers.etag]);
		assert.ok(second.body.equals(first.body));
		assert.equal((await pdf(client, "user_own", "en")).status, 500);
		// rights are asked for before
		assert.equal((await pdf(await signIn("neighbour"), "user_own")).status, 404);
		assert.equal((await pdf(await signIn("lyonnais"), "user_own")).status, 404);
		const change = async (text, back) => {
			await database.sql(text);
			assert.equal((await pdf(client, "user_own")).status, 500, text);
			await database.sql(back);
			assert.equal((await pdf(client, "user_own")).status, 200, back);
		};
		const of = `where id = '${ids.user_own}'`;
		await change(`update recording set subject = 'Autre sujet' ${of}`, `update recording set subject = 'Facture contestée' ${of}`);
		await change(`update utterance set utterances = jsonb_set(utterances, '{0,3}', '"Autre"') ${of}`,
		    `update utterance set utterances = jsonb_set(utterances, '{0,3}', '"Ma facture est fausse, je conteste."') ${of}`);
		await change("update operator set name = 'Autre opérateur' where key = 'smart'",
		    "update operator set name = 'Smart Telecom' where key = 'smart'");
		await change("update operator set color = '#aa3300' where key = 'smart'",
		    "update operator set color = null where key = 'smart'");
	});

	test("of a deleted call is never served, although it is in the cache", async () => {
		const client = await signIn("supervisor");
		assert.equal((await pdf(client, "colleague_own")).status, 200);
		assert.equal((await client.post("/api/v1/deletions", { json: { select: { ids: [ids.colleague_own] }, expect: 1 } })).status, 200);
		assert.equal((await pdf(client, "colleague_own")).status, 404);
	});
});

// Opens an event stream; returns { status, headers, ended, close() }.
const streams = new Set();
afterEach(() => streams.forEach((stream) => stream.close()));
function listen(client) {
	const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
	return new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: client.server.port, ca: client.server.ca, agent: false,
		    path: "/api/v1/events", headers: { cookie } }, (answer) => {
			const stream = { status: answer.statusCode, headers: answer.headers, ended: false,
				close: () => asked.destroy() };
			answer.on("error", () => {}).on("close", () => { stream.ended = true; }).resume();
			streams.add(stream);
			resolve(stream);
		});
		asked.on("error", reject);
		asked.end();
	});
}
const leases = () => database.sql("select count(*) from stream_lease where until > now()").then(Number);
const left = () => until("the streams to be given back", async () => await leases() === 0);
// The same session on the other server.
function elsewhere(client) {
	const other = two.client();
	other.cookies = client.cookies;
	clients.add(other);
	return other;
}

describe("event streams", () => {
	test("a session has four at once over all workers and machines", async () => {
		await left();
		const here = await signIn("user"), there = elsewhere(here);
		const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => listen(i % 2 ? there : here)));
		const open = answers.filter((stream) => stream.status === 200);
		assert.equal(open.length, 4);
		for (const refused of answers.filter((stream) => stream.status !== 200))
			assert.deepEqual([refused.status, Number(refused.headers["retry-after"]) > 0], [429, true]);
		// another session of the same person is another one
		assert.equal((await listen(await signIn("user", two))).status, 200);
		// a stream that ends makes room, wherever it was
		open[0].close();
		await until("a place", async () => (await listen(here)).status === 200);
		assert.equal((await listen(there)).status, 429);
	});

	test("a person has sixteen at once in all sessions", async () => {
		await left();
		const sessions = await Promise.all(Array.from({ length: 5 }, (_, i) => signIn("user", i % 2 ? one : two)));
		const answers = (await Promise.all(sessions.map((client) =>
		    Promise.all([1, 2, 3, 4].map(() => listen(client)))))).flat();
		assert.equal(answers.filter((stream) => stream.status === 200).length, 16);
		assert.equal((await listen(await signIn("colleague"))).status, 200);
	});

	test("stay counted while they live, and end by themselves with a machine that was killed", async (t) => {
		await left();
		const third = await startServer({ database, settings: { workers: 1 } });
		const kill = () => third.processes().forEach((pid) => process.kill(pid, "SIGKILL"));
		let killed = false;
		third.ended.then(() => { killed = true; });
		t.after(() => killed || kill());
		const client = await signIn("lyonnais", third);
		const opened = await Promise.all([1, 2, 3, 4].map(() => listen(client)));
		assert.deepEqual(opened.map((stream) => stream.status), [200, 200, 200, 200]);
		const ends = () => database.sql("select bool_and(until - now() > interval '5 seconds')::text, max(until) from stream_lease");
		await until("the claims to be extended", async () => (await ends()).startsWith("true"));
		const before = (await ends()).split("|")[1];
		await until("another extension", async () => (await ends()).split("|")[1] > before);
		kill();
		await until("the streams to break", () => opened.every((stream) => stream.ended));
		await third.ended;
		const here = one.client();
		here.cookies = client.cookies;
		clients.add(here);
		assert.equal((await listen(here)).status, 429);
		// as if the seconds had passed, which no process was needed for
		assert.equal(await database.sql("select bool_and(until < now() + interval '15 seconds') from stream_lease"), "t");
		await database.sql("update stream_lease set until = until - interval '15 seconds'");
		assert.equal((await listen(here)).status, 200);
	});

	test("a stream whose claim is gone ends, so that it is claimed again", async () => {
		await left();
		const stream = await listen(await signIn("user"));
		await until("the claim to be extended", async () => (await database.sql(
		    "select bool_or(until - now() > interval '5 seconds') from stream_lease")) === "t");
		await database.sql("delete from stream_lease");
		await until("the stream to end", () => stream.ended);
	});
});

describe("sessions", () => {
	test("signing in again ends the session that it replaces", async () => {
		const client = await signIn("user");
		const before = client.cookies.get("__Host-session");
		await client.signIn(people.user.email);
		const asked = async (token) => (await one.client().get("/api/v1/session", { cookie: `__Host-session=${token}` })).status;
		assert.equal(await asked(before), 401);
		assert.equal(await asked(client.cookies.get("__Host-session")), 200);
		// also by the page's form, and from a browser where somebody else was signed in
		const answer = await client.post("/board/session", { fields: { email: people.colleague.email, password } });
		assert.equal(answer.status, 303);
		assert.equal((await client.get("/api/v1/session")).json().person.email, people.colleague.email);
		assert.equal((await database.rows(`select 1 from session s join person p on p.id = s.person_id
			where p.email = '${people.user.email}' and s.token_hash = sha256('${before}')`)).length, 0);
	});

	test("a person keeps the newest twenty, and event streams of the others end", async () => {
		await left();
		await database.sql("delete from session");
		const first = await signIn("limited");
		const stream = await listen(first);
		assert.equal(stream.status, 200);
		await database.sql("update session set created_at = created_at - interval '1 minute'");
		const others = [];
		for (let i = 0; i < 19; i++)
			others.push(await signIn("limited", i % 2 ? one : two));
		assert.equal((await first.get("/api/v1/sessions")).json().items.length, 20);
		await Promise.all([signIn("limited"), signIn("limited", two)]);
		assert.equal(await database.sql("select count(*) from session"), "20");
		assert.equal((await first.get("/api/v1/session")).status, 401);
		await until("its stream to end", () => stream.ended);
		assert.equal((await others.at(-1).get("/api/v1/session")).status, 200);
	});

	test("a session ends when its rights grow, and the page of sign-in says why", async () => {
		const administrator = await signIn("administrator"), user = await signIn("user");
		const account = (await administrator.get("/api/v1/accounts?q=nadal")).json().items[0];
		const give = async (json) => {
			const shown = (await administrator.get(`/api/v1/accounts/${account.id}`)).json();
			const answer = await administrator.send("PUT", `/api/v1/accounts/${account.id}/profiles`,
			    { json: { ...json, version: shown.administration?.version ?? shown.version } });
			assert.ok([200, 202].includes(answer.status), answer.text);
			await confirmAll(database);
		};
		assert.equal((await user.get("/api/v1/session")).status, 200);
		await give({ supervisor: "all", administrator: false });
		assert.equal((await user.get("/api/v1/recordings")).status, 401);
		const page = await user.get("/console/recordings");
		assert.equal(page.status, 303);
		const says = { fr: /Vos droits ont changé\. Reconnectez-vous/, en: /Your rights have changed\. Sign in again/ };
		for (const lang of ["fr", "en"])
			assert.match((await user.get(page.headers.location, { "accept-language": lang })).text, says[lang]);
		assert.doesNotMatch((await one.client().get("/console/sign-in")).text, says.fr);
		await user.signIn(people.user.email);
		assert.equal((await user.get("/console/recordings")).status, 200);
		// less is seen with the next request, in the same session
		await give({ supervisor: null, administrator: false });
		assert.equal((await user.get("/console/recordings")).status, 403);
		assert.equal((await user.get("/api/v1/session")).status, 200);
	});
});

test("ten wrong passwords in all sessions: then the page that changes it says to wait", async () => {
	const [here, there] = [await signIn("colleague"), await signIn("colleague", two)];
	const change = (client, current) => client.send("PUT", "/api/v1/session/password",
	    { json: { current, password: "another-long-enough-secret" } });
	await database.sql("delete from person_attempt");
	const wrong = await Promise.all(Array.from({ length: 14 }, (_, i) => change(i % 2 ? here : there, `wrong ${i}`)));
	assert.ok(wrong.every((answer) => answer.status === 400));
	assert.equal(wrong.filter((answer) => /Trop d’essais/.test(answer.json().detail)).length, 4);
	const right = await change(here, password);
	assert.deepEqual([right.status, /Trop d’essais/.test(right.json().detail)], [400, true]);
	await signIn("colleague");
});
