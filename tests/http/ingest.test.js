// pipeline.ingest(): the documents that it accepts and refuses, its
// messages, and repeated documents.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { ask, call, ingest, inScope, leave, makeWorld, refusal, refusedIngest, search, sound,
    team, uid } from "../lib/sql.js";

let db;
before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
});
after(() => leave(db));

const row = async (id) => (await db.rows(`select * from recording where id = '${id}'`))[0];
const analysis = call().analysis;
const speech = (...utterances) => ({ ...analysis, utterances });
const said = { start_ms: 0, end_ms: 1000, speaker: "caller", text: "Oui." };

describe("accepted", () => {
	test("all members are stored; the id holds the start; site and expiry are the current ones", async () => {
		const started = new Date(Date.now() - 3600000).toISOString();
		const document = call({ started_at: started, audio: sound(), mode: "on_demand", direction: "internal",
		    pauses: [{ start_ms: 100, end_ms: 200 }], caller: { kind: "withheld", value: null, name: null },
		    callee: { kind: "short", value: "42", name: "Accueil" } });
		const { id, outcome } = await ingest(db, document);
		assert.equal(outcome, "created");
		assert.equal(parseInt(id.replaceAll("-", "").slice(0, 12), 16), +new Date(started));
		assert.equal(id[14], "7");
		const r = await row(id);
		assert.equal(+new Date(r.started_at), +new Date(started));
		assert.equal(new Date(r.expires_at) - new Date(r.started_at), 30 * 86400000);
		assert.deepEqual([r.tenant_id, r.site_id, r.account_id, r.mode, r.direction, r.mood, r.subject],
		    [1, 1, 1, "on_demand", "internal", "neutral", "Sujet"]);
		assert.deepEqual([r.caller_kind, r.caller_value, r.callee_value, r.callee_name],
		    ["withheld", null, "42", "Accueil"]);
		assert.deepEqual([r.audio_key, r.audio_format, r.audio_rate, r.audio_channels, r.audio_samples],
		    [document.audio.key, "alaw", 8000, 2, 32000]);
		assert.deepEqual(r.pauses, [{ start_ms: 100, end_ms: 200 }]);
		const [u] = await db.rows(`select * from utterance where id = '${id}'`);
		assert.deepEqual(u.utterances, [[0, 1900, "caller", "Bonjour."]]);
	});

	test("the site is the account's at the time of ingest, also after the account moves", async () => {
		const { id } = await ingest(db, call({ account: "lou" }));
		await db.sql("update account set site_id = 1 where key = 'lou'", "deployer");
		assert.equal((await row(id)).site_id, 2);
		await db.sql("update account set site_id = 2 where key = 'lou'", "deployer");
	});

	test("instants with an offset, omitted members, control characters, decomposed accents", async () => {
		const document = call({ words: ["La\u0007cle\u0301\u001f." ] });
		document.started_at = document.started_at.replace("Z", "+00:00");
		for (const name of ["audio", "pauses", "language"])
			delete document[name];
		const { id } = await ingest(db, document);
		const [u] = await db.rows(`select utterances from utterance where id = '${id}'`);
		assert.equal(u.utterances[0][3], "La clé .");
	});

	test("an instant in every spelling of RFC 3339", async () => {
		const instant = new Date(Date.now() - 3600000).toISOString();	// …T12:34:56.789Z
		const shifted = (hours, zone) => new Date(+new Date(instant) + hours * 3600000).toISOString().replace("Z", zone);
		for (const started_at of [instant.toLowerCase(), instant.replace("T", " "), instant.replace("Z", "456999999Z"),
		    instant.replace("Z", "-00:00"), shifted(15, "+15:00"), shifted(-12, "-12:00"), shifted(5.75, "+05:45")])
			assert.equal((await row((await ingest(db, call({ started_at }))).id)).started_at.replace(" ", "T"),
			    (await row((await ingest(db, call({ started_at: instant }))).id)).started_at.replace(" ", "T"), started_at);
	});

	// JSON has one kind of number: 600, 600.0, 6e2 and 0.6e3 are the same.
	test("whole numbers in every spelling are stored and sent as integers", async () => {
		const document = JSON.stringify(call({ duration_ms: 61000, pauses: [{ start_ms: 1001, end_ms: 2002 }],
		    analysis: speech({ ...said, text: "Virgule.", start_ms: 600, end_ms: 12400 }) }))
			.replace("61000", "6.1e4").replace("1001", "1001.0").replace("2002", "20.020e2")
			.replace("600", "600.0").replace("12400", "1.24E4");
		const { id } = JSON.parse(await db.sql(`select pipeline.ingest($d$${document}$d$)`, "pipeline"));
		const r = await row(id);
		assert.deepEqual([r.duration_ms, r.pauses], [61000, [{ start_ms: 1001, end_ms: 2002 }]]);
		assert.equal(await db.sql(`select utterances -> 0 from utterance where id = '${id}'`, "deployer"),
		    '[600, 12400, "caller", "Virgule."]');
		assert.equal(await db.sql(`select pauses from recording where id = '${id}'`, "deployer"),
		    '[{"end_ms": 2002, "start_ms": 1001}]');
		const found = await db.sql(`begin; set local app.team = 'all'; set local app.tenant = '1';
			set local role smartrecord_app; select recordings_search('{"q":"virgule"}') -> 'items' -> 0 -> 'match' -> 'start_ms'; commit`);
		assert.equal(found, "600");
	});

	test("utterances that overlap, and one of length zero", async () => {
		await ingest(db, call({ analysis: speech(said, { ...said, start_ms: 500, end_ms: 4000 },
		    { ...said, start_ms: 500, end_ms: 500 }) }));
	});

	test("a long call", async () => {
		const words = Array.from({ length: 6000 }, (_, n) => `Phrase numéro ${n} de l'appel interminable.`);
		const { id } = await ingest(db, call({ words }));
		const page = await search(db, { q: "5999" });
		assert.deepEqual(page.items.map((i) => [i.id, i.match.start_ms]), [[id, 11998000]]);
		// more often than positions are kept, and beyond them
		for (const [q, start, some] of [["phrase", 0, 255], ["5999 phrase", 11998000, 255], ["numéro interminable", 0, 255]]) {
			const { match } = (await search(db, { q })).items.find((i) => i.id === id);
			assert.deepEqual([match.start_ms, match.passages >= some], [start, true], q);
		}
	});

	test("a day without a partition gets one", async () => {
		await db.sql("update site set retention_days = 60 where key = 'brest'", "deployer");
		const { id } = await ingest(db, call({ tenant: "beta", account: "voisin", ago: 50 * 24 }));
		assert.equal((await row(id)).tenant_id, 2);
	});
});

// Changes that make one member of a valid document wrong, and the expected
// refusal.
const party = (caller) => ({ caller });
const audio = (changes) => ({ audio: { ...sound(), ...changes } });
describe("refused, with the member and the reason", () => {
	for (const [changes, message] of [
		[{ tenant: "gamma" }, "tenant: unknown \"gamma\""],
		[{ tenant: null }, "tenant: missing"],
		[{ account: "voisin" }, "account: unknown \"voisin\""],
		[{ source_id: "" }, "source_id: empty"],
		[{ source_id: "x".repeat(201) }, "source_id: longer than 200 characters"],
		[{ source_id: 7 }, "source_id: not a string"],
		[{ direction: "sideways" }, "direction: unknown \"sideways\", expected inbound, outbound, internal"],
		[{ mode: "sometimes" }, "mode: unknown \"sometimes\", expected always, on_demand"],
		[{ duration_ms: 0 }, "duration_ms: not a whole number from 1 to 86400000"],
		[{ duration_ms: 1.5 }, "duration_ms: not a whole number from 1 to 86400000"],
		[{ duration_ms: 1e300 }, "duration_ms: not a whole number from 1 to 86400000"],
		[{ duration_ms: "62000" }, "duration_ms: not a number"],
		[{ started_at: "yesterday" }, "started_at: not an RFC 3339 instant"],
		// no such day, hour, second or zone
		...["2026-02-30T10:00:00Z", "2026-11-29T24:00:00Z", "2026-11-29T10:00:60Z", "2026-11-29T10:00:00+25:00",
		    "2026-11-29T10:00:00-16:00", "2026-11-29T10:00:00+01:60", "2026-11-29T10:00:00", "2026-11-29",
		    "2026-11-29T10:00Z", "2026-11-29T10:00:00.Z", "2026-11-29T10:00:00+0100", "now", "infinity"]
		    .map((started_at) => [{ started_at }, "started_at: not an RFC 3339 instant"]),
		[{ started_at: new Date(Date.now() + 6 * 60000).toISOString() }, "started_at: in the future"],
		[{ started_at: new Date(Date.now() - 30 * 86400000 - 1000).toISOString() },
		    "started_at: already expired: this site keeps calls for 30 days"],
		// the four kinds of parties
		[party(null), "caller: not an object {kind, value, name}"],
		[party({ kind: "sip", value: "a" }), "caller.kind: unknown \"sip\", expected e164, short, identity, withheld"],
		[party({ kind: "e164", value: "0613241088" }), "caller.value: not an E.164 number (+ and 7 to 15 digits)"],
		[party({ kind: "e164", value: "+123456" }), "caller.value: not an E.164 number (+ and 7 to 15 digits)"],
		[party({ kind: "e164", value: "+0613241088" }), "caller.value: not an E.164 number (+ and 7 to 15 digits)"],
		[party({ kind: "short", value: "1" }), "caller.value: not a short number (2 to 8 digits)"],
		[party({ kind: "short", value: "123456789" }), "caller.value: not a short number (2 to 8 digits)"],
		[party({ kind: "identity", value: "  " }), "caller.value: empty"],
		[party({ kind: "identity", value: null }), "caller.value: missing"],
		[party({ kind: "withheld", value: "+33613241088" }), "caller.value: a withheld party has none"],
		[{ callee: { kind: "short", value: "x" } }, "callee.value: not a short number (2 to 8 digits)"],
		[{ pauses: {} }, "pauses: not a list of at most 1000"],
		[{ pauses: [{ start_ms: 0, end_ms: 5000 }] }, "pauses[0].end_ms: past the end of the call"],
		[{ pauses: [{ start_ms: 9, end_ms: 8 }] }, "pauses[0].end_ms: before start_ms"],
		// audio
		[audio({ key: "../etc/passwd" }), "audio.key: not a key of the store"],
		[audio({ key: "a//b" }), "audio.key: not a key of the store"],
		[audio({ key: "A.wav" }), "audio.key: not a key of the store"],
		[audio({ key: "x".repeat(201) }), "audio.key: longer than 200 characters"],
		[audio({ format: "mp3" }), "audio.format: unknown \"mp3\", expected pcm16, alaw, ulaw"],
		[audio({ rate: 11025 }), "audio.rate: neither 8000 nor 16000"],
		[audio({ channels: 3 }), "audio.channels: not a whole number from 1 to 2"],
		[audio({ samples: 32000 + 2001 * 8 }), "audio.samples: more than 2 s away from duration_ms"],
		[audio({ sha256: "ab" }), "audio.sha256: not 64 hexadecimal digits"],
		[{ audio: "x.wav" }, "audio: not an object"],
		// analysis
		[{ analysis: [] }, "analysis: not an object"],
		[{ analysis: { ...analysis, mood: "furious" } }, /^analysis\.mood: unknown "furious", expected neutral, /],
		[{ analysis: { ...analysis, mood: "Neutre" } }, /^analysis\.mood: unknown "Neutre"/],
		[{ analysis: { ...analysis, subject: "x".repeat(301) } }, "analysis.subject: longer than 300 characters"],
		[{ analysis: { ...analysis, subject: null } }, "analysis.subject: missing"],
		[{ analysis: { ...analysis, summary: "x".repeat(5001) } }, "analysis.summary: longer than 5000 characters"],
		[{ analysis: { ...analysis, utterances: null } }, "analysis.utterances: not a list of at most 20000"],
		[{ analysis: speech(...Array(20001).fill(said)) }, "analysis.utterances: not a list of at most 20000"],
		[{ analysis: speech("Oui.") }, "analysis.utterances[0]: not an object"],
		[{ analysis: speech(said, { ...said, end_ms: 4001 }) },
		    "analysis.utterances[1].end_ms: past the end of the call"],
		[{ analysis: speech({ ...said, start_ms: 500 }, { ...said, start_ms: 499 }) },
		    "analysis.utterances[1].start_ms: out of order, before the one in front of it"],
		[{ analysis: speech({ ...said, start_ms: 1001 }) }, "analysis.utterances[0].end_ms: before start_ms"],
		[{ analysis: speech({ ...said, start_ms: -1 }) },
		    "analysis.utterances[0].start_ms: not a whole number from 0 to 86400000"],
		[{ analysis: speech({ ...said, speaker: "agent" }) },
		    "analysis.utterances[0].speaker: unknown \"agent\", expected caller, callee"],
		[{ analysis: speech({ ...said, text: "" }) }, "analysis.utterances[0].text: empty"],
		[{ analysis: speech({ ...said, text: "x".repeat(4001) }) },
		    "analysis.utterances[0].text: longer than 4000 characters"],
	]) {
		const name = typeof message === "string" ? message : String(message);
		test(name.slice(0, 70), async () => {
			const refused = await refusedIngest(db, call(changes));
			assert.equal(refused.state, "SR400");
			if (typeof message === "string")
				assert.equal(refused.message, message);
			else
				assert.match(refused.message, message);
			assert.equal(refused.column, name.match(/^\/?\^?([a-z_0-9.[\]\\]+)/)[1].replaceAll("\\", ""));
		});
	}

	test("a text with more words than can be indexed", async () => {
		// 4,000 utterances of 40 words each, all different
		const utterances = Array.from({ length: 4000 }, (_, n) => ({ start_ms: n, end_ms: n, speaker: "caller",
		    text: Array.from({ length: 40 }, (_, k) => `mot${(n * 40 + k).toString(36)}x`).join(" ") }));
		const refused = await refusedIngest(db, call({ analysis: { ...analysis, utterances } }));
		assert.equal(refused.message, "analysis.utterances: too many different words to be searched");
	});

	test("NUL, bad UTF-8 and other JSON values are refused", async () => {
		const nul = await refusal(db, "select pipeline.ingest('{\"tenant\": \"\\u0000\"}')", "pipeline");
		assert.equal(nul.state, "22P05");
		const bytes = await refusal(db, "select pipeline.ingest(convert_from('\\xff7b7d', 'UTF8')::jsonb)", "pipeline");
		assert.equal(bytes.state, "22021");
		for (const text of ["[]", "\"x\"", "null"]) {
			const refused = await refusal(db, `select pipeline.ingest('${text}')`, "pipeline");
			assert.equal(refused.message, "document: not an object");
		}
	});

	test("nothing of a refused document is stored", async () => {
		const document = call({ audio: sound() });
		document.analysis.utterances[0].speaker = "agent";
		await refusedIngest(db, document);
		assert.deepEqual(await db.rows(`select from recording_source where source_id = '${document.source_id}'`), []);
	});
});

describe("a repeated document", () => {
	test("changes nothing, even with another analysis and audio", async () => {
		const document = call({ audio: sound() });
		const first = await ingest(db, document);
		const again = await ingest(db, { ...document, analysis: { ...analysis, mood: "angry", subject: "Autre" },
		    audio: { ...sound(), sha256: "cd".repeat(32) } });
		assert.deepEqual([again.id, again.outcome], [first.id, "unchanged"]);
		const r = await row(first.id);
		assert.deepEqual([r.mood, r.subject, r.audio_sha256], ["neutral", "Sujet", "ab".repeat(32)]);
	});

	test("completes a call with audio, then with words, which are searchable from then on", async () => {
		const document = call({ analysis: null, ago: 3 });
		const { id } = await ingest(db, document);
		const item = async () => (await search(db, {})).items.find((i) => i.id === id);
		assert.deepEqual([(await item()).status, (await item()).has_audio], ["pending", false]);
		assert.equal((await ingest(db, { ...document, audio: sound() })).outcome, "completed");
		assert.deepEqual([(await item()).status, (await item()).has_audio], ["pending", true]);
		const words = { ...analysis, mood: "relieved", utterances: [{ ...said, text: "Une myrtille." }] };
		assert.deepEqual((await search(db, { q: "myrtille" })).items, []);
		assert.equal((await ingest(db, { ...document, analysis: words })).outcome, "completed");
		for (const filter of [{ q: "myrtilles" }, { q: "myrtille", mood: ["relieved"] },
		    { q: "myrtille", site: [uid(1)], account: uid(1) }, { mood: ["relieved"] }])
			assert.deepEqual((await search(db, filter)).items.map((i) => i.id), [id]);
		assert.equal((await ingest(db, document)).outcome, "unchanged");
	});

	test("with another start or account is a conflict", async () => {
		const document = call({ ago: 5 });
		await ingest(db, document);
		const started_at = new Date(+new Date(document.started_at) + 1).toISOString();
		for (const changes of [{ started_at }, { account: "lou" }]) {
			const refused = await refusedIngest(db, { ...document, ...changes });
			assert.deepEqual([refused.state, refused.column], ["SR409", "source_id"]);
			assert.match(refused.message, /^source_id: already used/);
		}
	});

	test("does not bring back a deleted call", async () => {
		const document = call();
		const { id } = await ingest(db, document);
		await db.sql(`delete from utterance where id = '${id}'; delete from recording where id = '${id}';
			update recording_source set deleted_at = now() where recording_id = '${id}'`);
		const again = await ingest(db, document);
		assert.deepEqual([again.id, again.outcome], [id, "deleted"]);
		assert.equal(await row(id), undefined);
	});

	test("does not complete an expired call", async () => {
		const document = call({ analysis: null });
		const { id } = await ingest(db, document);
		await db.sql(`update recording set expires_at = now() where id = '${id}'`);
		assert.equal((await ingest(db, { ...document, analysis })).outcome, "deleted");
		assert.equal((await row(id)).mood, null);
	});

	test("of another customer with the same source_id is another call", async () => {
		const document = call();
		const a = await ingest(db, document);
		const b = await ingest(db, { ...document, tenant: "beta", account: "voisin" });
		assert.deepEqual([b.outcome, a.id !== b.id], ["created", true]);
	});

	test("sent twice at the same time makes one call", async () => {
		const document = JSON.stringify(call());
		const statement = `select pipeline.ingest($d$${document}$d$)`;
		const first = await ask(db, "pipeline", `begin; ${statement}`);
		const second = db.sql(statement, "pipeline");
		await until("the second waits for the first", async () => (await db.rows(
			"select from pg_locks where locktype = 'advisory' and not granted")).length);
		await ask(db, "pipeline", "commit");
		const outcomes = [first, await second];
		assert.deepEqual(outcomes.map((o) => JSON.parse(o).outcome).sort(), ["created", "unchanged"]);
	});
});

test("the pipeline role can't read recordings or call other functions", async () => {
	for (const statement of ["select 1 from recording", "select 1 from public.tenant",
	    "select recordings_search('{}')", "select refuse_place('a', 'b')",
	    "select pipeline.tenant_of('alpha')"])
		assert.equal((await refusal(db, statement, "pipeline")).state.slice(0, 2), "42");
	assert.equal(await inScope(db, team, "select count(*) from public.recording", "pipeline")
		.catch((e) => e.message.match(/\d{5}/)[0]), "42501");
});
