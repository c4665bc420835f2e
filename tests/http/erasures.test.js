// Erasing by number: who may file and carry out a request, which calls a
// number matches, the confirmed number, and what a receipt keeps.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
import { once } from "../lib/once.js";
import { freshDatabase } from "../lib/pg.js";
import { run, top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const said = { account: "colleague", mood: "neutral", subject: "Une demande", words: ["Bonjour."], silent: true };
const e164 = (value) => ({ kind: "e164", value, name: null });
const identity = (value, name = null) => ({ kind: "identity", value, name });
// calls of 06 12 00 00 01, with each code of the French plan and in each form
const meant = {
	erase_home: { ...said, ago: 2, caller: e164("+33612000001") },
	erase_overseas: { ...said, ago: 3, account: "lyonnais", caller: e164("+262612000001") },
	erase_identity: { ...said, ago: 4, caller: identity("sip:0612000001@pbx.test", "Zoé") },
	erase_spaced: { ...said, ago: 4.5, caller: identity("tel:+33-6-12-00-00-01", "06 12 00 00 01") },
	erase_written: { ...said, ago: 4.6, caller: identity("sip:0033612000001@pbx.test") },
	erase_called: { ...said, ago: 11, direction: "outbound", caller: identity("colleague@alpha.test"), callee: e164("+33612000001") },
	erase_called_name: { ...said, ago: 12, caller: e164("+33199000000"), callee: identity("accueil@alpha.test", "06 12 00 00 01") },
	erase_called_identity: { ...said, ago: 13, caller: e164("+33199000000"), callee: identity("sip:00596612000001@pbx.test") },
	...Object.fromEntries(["590", "594", "596"].map((code, i) => [`erase_${code}`, { ...said, ago: 14 + i,
	    caller: identity("colleague@alpha.test"), callee: e164(`+${code}612000001`) }])),
};
const calls = {
	...meant,
	erase_longer: { ...said, ago: 5, caller: e164("+336120000012") },
	erase_ending: { ...said, ago: 6, caller: e164("+44612000001") },
	erase_neighbour: { ...said, ago: 7, account: "neighbour", caller: e164("+33612000001") },
	erase_short: { ...said, ago: 8, caller: { kind: "short", value: "3250", name: null } },
	erase_not_short: { ...said, ago: 9, caller: e164("+33612003250") },
	erase_begins_short: { ...said, ago: 10, caller: e164("+3250123456") },
	erase_called_longer: { ...said, ago: 17, caller: e164("+33199000000"), callee: e164("+5966120000012") },
	erase_called_ending: { ...said, ago: 18, caller: e164("+33199000000"), callee: identity("sip:0044612000001@pbx.test", "44 612 00 00 01") },
};
const expected = Object.keys(meant).length;
let database, server, ids, supervisor, limited, administrator, neighbour;
const clients = [];

before(async () => {
	database = await freshDatabase({ fixtures: true });
	await loadCalls(database, calls);
	ids = await recordingIds(database);
	server = await startServer({ database });
	for (const who of ["supervisor", "limited", "administrator", "neighbour"])
		clients.push(await server.client().signIn(people[who].email));
	[supervisor, limited, administrator, neighbour] = clients;
});
after(async () => {
	clients.forEach((client) => client.close());
	await server?.stop();
});

const file = (number, headers = {}, client = administrator) =>
    client.send("POST", "/api/v1/erasures", { json: { number }, headers });
const filed = async (number) => {
	const answer = await file(number);
	assert.equal(answer.status, 201, answer.text);
	return answer.json();
};
// The request that several tests share.
const ours = once(() => filed("0612000001"));
const withdraw = async (id) => (await administrator.send("DELETE", `/api/v1/erasures/${id}`)).json().state;
const show = async (id, client = supervisor) => (await client.get(`/api/v1/erasures/${id}`)).json();
const erase = (id, expect, more = {}, headers = {}, client = supervisor) =>
    client.send("POST", `/api/v1/erasures/${id}/deletion`, { json: { expect, ...more }, headers });
const left = async () => new Set((await database.rows("select source_id as key from recording_source s " +
    "join recording r on r.id = s.recording_id where not exists (select from recording_gone g where g.id = r.id)"))
    .map((row) => row.key));
const form = (page) => Object.fromEntries([...page.text.matchAll(
    /<input type="hidden" name="(expect|request)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));

describe("filing", () => {
	test("a number is accepted in any notation; other input is refused, naming the field", async () => {
		for (const [written, number] of [["06 12 00 00 01", "+33612000001"], ["0033 6.12.00.00.01", "+33612000001"],
		    ["+33 (0)6 12 00 00 01", "+33612000001"], ["0033 (0)6 12 00 00 01", "+33612000001"], ["+262612000001", "+262612000001"], ["3250", "3250"]]) {
			const made = await filed(written);
			assert.equal(made.number, number, written);
			assert.equal(await withdraw(made.id), "withdrawn");
		}
		for (const number of [undefined, "", "Zoé", "=3250", "0612000001234567890"]) {
			const answer = await file(number);
			assert.deepEqual([answer.status, answer.json().field], [400, "number"], String(number));
		}
		// the form shows the error with what was entered
		const page = await administrator.post("/console/erasures", { fields: { number: "<Zoé>" } });
		assert.equal(page.status, 400);
		assert.match(page.text, /<title>Erreur – .*id="number-problem".*id="number"[^>]* value="&lt;Zoé&gt;"[^>]* aria-invalid="true" autofocus/s);
	});
	test("the administrator sees only the count; the supervisor also sees the calls", async () => {
		const { id } = await ours();
		const seen = await show(id, administrator);
		assert.deepEqual([seen.count, seen.filter, seen.state], [expected, null, "open"]);
		assert.equal((await administrator.get("/api/v1/recordings?scope=team")).status, 403);
		const text = (await administrator.get(`/console/erasures/${id}`)).text;
		assert.ok(text.includes(`${expected} enregistrements`));
		assert.doesNotMatch(text, /\/console\/recordings\?|\/deletion"/);
		const { filter } = await show(id);
		const list = await supervisor.get(`/api/v1/recordings?${new URLSearchParams(filter)}`);
		assert.deepEqual(list.json().items.map((item) => item.id).sort(),
		    Object.keys(meant).map((key) => ids[key]).sort());
		const page = (await supervisor.get(`/console/erasures/${id}`)).text;
		assert.match(page, /href="\/console\/recordings\?number=%3D%2B33612000001"/);
		assert.doesNotMatch(page, /\/withdraw"/);
		const exported = await supervisor.send("POST", "/api/v1/exports", { json: { content: "transcript",
			select: { filter, as_of: new Date(Date.now() + 60000).toISOString() } } });
		assert.deepEqual([exported.status, exported.json().total], [202, expected]);
	});
	test("one open request per number, in any notation; an idempotency key stands for one request", async () => {
		await ours();
		for (const code of ["33", "262", "590", "594", "596"])
			assert.equal((await file(`+${code}612000001`)).status, 409, code);
		const key = { "idempotency-key": "filed-once" };
		const first = await file("0699999999", key);
		const again = await file("0699999999", key);
		assert.deepEqual([first.status, again.status, again.json().id], [201, 201, first.json().id]);
		assert.equal((await file("0699999998", key)).json().type, "urn:smartrecord:problem:idempotency-conflict");
		assert.equal(await database.sql("select count(*) from erasure where ending = '99'"), "1");
	});
	test("people of another customer get 404, site-limited people and other profiles 403", async () => {
		const { id } = await ours();
		assert.equal((await neighbour.get(`/api/v1/erasures/${id}`)).status, 404);
		assert.equal((await erase(id, 1, {}, {}, neighbour)).status, 404);
		assert.deepEqual((await neighbour.get("/api/v1/erasures")).json().items, []);
		for (const target of ["", `/${id}`, `/${id}/receipt.pdf`])
			assert.equal((await limited.get(`/api/v1/erasures${target}`)).status, 403);
		assert.equal((await erase(id, expected, {}, {}, limited)).status, 403);
		assert.equal((await erase(id, expected, {}, {}, administrator)).status, 403);
		assert.equal((await file("0612000002", {}, supervisor)).status, 403);
	});
});

describe("carrying out", () => {
	test("a wrong confirmed count is refused with the real one; the page asks again", async () => {
		const { id } = await ours();
		const answer = await erase(id, 2);
		assert.deepEqual([answer.status, answer.json().count, answer.json().type],
		    [409, expected, "urn:smartrecord:problem:count-changed"]);
		for (const expect of [-1, "x", undefined])
			assert.equal((await erase(id, expect)).json().field, "expect");
		const page = await supervisor.post(`/console/erasures/${id}/deletion`, { fields: { expect: 7, request: "x" } });
		assert.equal(page.status, 409);
		assert.match(page.text, new RegExp(`Effacer ${expected} enregistrements\\s\\?[^]*a changé entre-temps`));
		assert.equal((await supervisor.get(`/api/v1/erasures/${id}/receipt.pdf`)).status, 404);
		assert.equal((await show(id)).state, "open");
	});
	test("the console asks for confirmation and erases only these calls; the receipt as page, JSON and PDF has no number", async () => {
		const { id } = await ours();
		const before = await left();
		const asked = await supervisor.get(`/console/erasures/${id}/deletion`);
		assert.match(asked.text, new RegExp(`Effacer ${expected} enregistrements\\s\\?`));
		assert.doesNotMatch(asked.text, /type="password"/);
		const fields = form(asked);
		const done = await supervisor.post(`/console/erasures/${id}/deletion`, { fields });
		assert.deepEqual([done.status, done.headers.location], [303, `/console/erasures/${id}`]);
		// a browser that got no response sends the form again
		assert.equal((await supervisor.post(`/console/erasures/${id}/deletion`, { fields })).status, 303);
		assert.equal((await erase(id, 0)).status, 409);
		const after = await left();
		assert.deepEqual([...before].filter((key) => !after.has(key)).sort(), Object.keys(meant).sort());
		const receipt = await show(id, administrator);
		assert.deepEqual([receipt.state, receipt.count, receipt.done, receipt.number, receipt.ending,
		    receipt.filed_by, receipt.closed_by], ["carried_out", expected, expected, null, "01", "Adèle Moreau", "Sophie Martin"]);
		assert.match(receipt.fingerprint, /^[0-9a-f]{32}$/);
		for (const client of [supervisor, administrator]) {
			const page = await client.get(`/console/erasures/${id}`);
			assert.match(page.text, /Il ne reste aucun enregistrement/);
			assert.doesNotMatch(page.text, /61200/);
		}
		const pdf = await administrator.get(`/api/v1/erasures/${id}/receipt.pdf`);
		assert.deepEqual([pdf.status, pdf.headers["content-type"]], [200, "application/pdf"]);
		writeFileSync(path.join(server.dir, "receipt.pdf"), pdf.body);
		const { stdout } = await run("pdftotext", ["-layout", path.join(server.dir, "receipt.pdf"), "-"]);
		for (const words of [/Effacement par numéro/, new RegExp(`${expected} enregistrements`), /Adèle Moreau/, /Sophie Martin/,
		    /•• 01/, new RegExp(id), new RegExp(receipt.fingerprint)])
			assert.match(stdout, words);
		assert.doesNotMatch(stdout.replace(/ /g, ""), /6120000/);
	});
	test("the number is neither stored nor logged any more; a search for it finds the receipt", async () => {
		const { id } = await ours();
		if ((await show(id)).state === "open")
			assert.equal((await erase(id, expected)).status, 200);
		await withdraw((await filed("0600000008")).id);
		// guesses could be tried against the request's hash: only open requests keep it
		assert.equal(await database.sql(`select string_agg(distinct state, ' ' order by state) from erasure
			where num_nonnulls(number, request_hash) > 0`), "open");
		assert.equal(await database.sql("select count(*) from erasure where state = 'open' and request_hash is null"), "0");
		const { stdout } = await run("pg_dump", ["--data-only", "-t", "erasure", "-t", "deletion", "-t", "audit", "-d",
		    database.cluster.conninfo(database.name, "postgres")]);
		assert.doesNotMatch(stdout, /612000001/);
		assert.doesNotMatch(server.log(), /612000001/);
		const found = async (number) => (await administrator.get(
		    `/api/v1/erasures?state=carried_out&number=${encodeURIComponent(number)}`)).json().items.map((i) => i.ending);
		assert.deepEqual(await found("+33612000001"), ["01"]);
		assert.deepEqual(await found("06 12 00 00 01"), ["01"]);
		assert.deepEqual(await found("0612000002"), []);
		assert.deepEqual(await database.rows(`select a.kind, p.email, a.detail - 'erasure' as detail from audit a
			join person p on p.id = a.person_id where a.kind like 'erasure%' and a.detail ->> 'erasure' =
			'${id}' order by a.id`), [
		    { kind: "erasure_filed", email: people.administrator.email, detail: {} },
		    { kind: "erasure", email: people.supervisor.email, detail: { count: expected } }]);
		const log = await supervisor.get("/console/audit");
		for (const words of [/Demande d’effacement retirée/, /Effacement par numéro/])
			assert.match(log.text, words);
	});
	test("a short number matches itself only, not the end or the beginning of another", async () => {
		const { id } = await filed("3250");
		assert.equal((await show(id)).count, 1);
		const key = { "idempotency-key": "erased-once" };
		const answer = await erase(id, 1, {}, key);
		assert.deepEqual([answer.status, (await erase(id, 1, {}, key)).status], [200, 200]);
		// two digits would disclose half of the number
		assert.equal(answer.json().ending, "");
		assert.match((await supervisor.get(`/console/erasures/${id}`)).text, />••••</);
		const after = await left();
		assert.deepEqual(["erase_short", "erase_not_short", "erase_begins_short"].map((key) => after.has(key)),
		    [false, true, true]);
	});
	test("a request without calls has a receipt; a withdrawn one has none", async () => {
		const none = await filed("0600000000");
		const asked = await supervisor.get(`/console/erasures/${none.id}/deletion`);
		assert.match(asked.text, /Clore la demande\s\?/);
		assert.equal((await supervisor.post(`/console/erasures/${none.id}/deletion`, { fields: form(asked) })).status, 303);
		assert.deepEqual([(await show(none.id)).count, (await show(none.id)).state], [0, "carried_out"]);
		assert.equal((await supervisor.get(`/api/v1/erasures/${none.id}/receipt.pdf`)).status, 200);
		const gone = await filed("0600000009");
		assert.equal((await administrator.post(`/console/erasures/${gone.id}/withdraw`, { fields: {} })).status, 303);
		assert.equal((await erase(gone.id, 0)).status, 409);
		assert.equal((await administrator.get(`/api/v1/erasures/${gone.id}/receipt.pdf`)).status, 404);
		assert.equal((await administrator.send("DELETE", `/api/v1/erasures/${none.id}`)).status, 409);
	});
	test("more than a hundred calls require the password; jobs carry out a large erasure, and its receipt exists when they are done", async () => {
		await database.sql(`insert into recording select tenant_id, uuid7_new(started_at - i * interval '1 second'),
			site_id, account_id, duration_ms, started_at, expires_at, ingested_at, direction, mode, language, mood,
			'e164', '+33612777777', null, callee_kind, callee_value, callee_name, subject, pauses, null, null, null,
			null, null, null, array_to_tsvector(array['n/33612777777']) from recording, generate_series(1, 1001) i
			where id = '${ids.erase_longer}'`);
		const { id } = await filed("0612777777");
		assert.equal((await erase(id, 1001)).json().type, "urn:smartrecord:problem:password-needed");
		assert.match((await supervisor.get(`/console/erasures/${id}/deletion`)).text, /type="password"/);
		assert.equal((await supervisor.post(`/console/erasures/${id}/deletion`, {
		    fields: { expect: 1001, password: "wrong" } })).status, 403);
		const answer = await erase(id, 1001, { password });
		assert.deepEqual([answer.status, answer.json().done, answer.json().erased_at], [202, 0, null]);
		assert.match((await supervisor.get(`/console/erasures/${id}`)).text, /<progress max="1001" value="0"/);
		assert.equal((await supervisor.get(`/api/v1/erasures/${id}/receipt.pdf`)).json().type,
		    "urn:smartrecord:problem:receipt-pending");
		await database.sql(readFileSync(path.join(top, "src/jobs/deletions.sql"), "utf8")
		    .replace(/^--.*$/gm, "").replace("$1", "5000"), "smartrecord_jobs");
		assert.notEqual((await show(id)).erased_at, null);
		assert.equal((await supervisor.get(`/api/v1/erasures/${id}/receipt.pdf`)).status, 200);
	});
});
