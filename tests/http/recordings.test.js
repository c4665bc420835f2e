// The list and one recording through the API: shapes, filters, pages; and
// their pages without script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { calls, loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const hostile = {
	odd_script: { account: "user", ago: 11, mood: "confused",
	    subject: "<script>alert('sujet')</script>", summary: "\"><img src=x onerror=alert(1)>",
	    caller: { kind: "identity", value: "../../etc/passwd", name: "\u202Egnp.exe <b>&amp;" },
	    words: ["<script>alert(1)</script> & \"guillemets\" 'simples'", "{{csrf}} {{{csrf}}} =HYPERLINK(\"x\")"] },
	odd_withheld: { account: "user", ago: 12, mood: "neutral", subject: "Appel masqué",
	    caller: { kind: "withheld", value: null, name: null }, words: ["Bonjour.", "Bonjour."] },
	odd_short: { account: "user", ago: 13, mood: "neutral", subject: "Appel court", direction: "outbound",
	    seconds: 6, caller: { kind: "short", value: "3900", name: null }, words: ["Allô ?", "Oui."] },
};

let server, ids, user, supervisor, local;
before(async () => {
	const database = await freshDatabase({ fixtures: true });
	// half an hour before and after a midnight of the customer, and late on that day
	local = await database.rows(`select d::text as day, rfc3339((d + t) at time zone 'Europe/Paris') as at
		from (values (2, time '23:30'), (1, '00:30'), (1, '23:30')) v (ago, t),
		lateral (select (now() at time zone 'Europe/Paris')::date - ago as d) x order by at`);
	const [eve, midnight, night] = local.map(({ at }) => ({ ...hostile.odd_withheld, at }));
	await loadCalls(database, { ...hostile, eve, midnight, night });
	server = await startServer({ database });
	ids = await recordingIds(database);
	user = await server.client().signIn(people.user.email);
	supervisor = await server.client().signIn(people.supervisor.email);
});
after(async () => {
	user?.close();
	supervisor?.close();
	await server?.stop();
});

const list = async (query, client = supervisor) => {
	const answer = await client.get(`/api/v1/recordings?${query}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.json();
};
const names = (page) => page.items.map((i) => Object.keys(ids).find((k) => ids[k] === i.id));

describe("a list", () => {
	test("newest first, each item with every field", async () => {
		const page = await list("");
		assert.equal(page.items.length, page.total);
		const times = page.items.map((i) => i.started_at);
		assert.deepEqual(times, [...times].sort().reverse());
		const item = page.items.find((i) => i.id === ids.user_own);
		assert.deepEqual(Object.keys(item).sort(), ["account", "audio", "callee", "caller", "direction",
		    "duration_ms", "expires_at", "has_audio", "id", "match", "mode", "mood", "site",
		    "started_at", "status", "subject"]);
		assert.deepEqual(item.caller, { kind: "e164", value: "+33613241088", name: null });
		assert.equal(item.account.name, people.user.name.join(" "));
		assert.equal(item.mood, calls.user_own.mood);
		assert.match(item.started_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		assert.equal(new Date(item.expires_at) - new Date(item.started_at), 30 * 86400000);
		assert.equal(item.match, null);
	});

	test("a call still being analysed has no mood and no subject, and matches no mood filter", async () => {
		const page = await list("", user);
		const pending = page.items.filter((i) => i.status === "pending");
		assert.deepEqual(pending.map((i) => [i.mood, i.subject]), [[null, null], [null, null]]);
		assert.deepEqual(pending.map((i) => i.has_audio).sort(), [false, true]);
		const moods = ["neutral", "frustrated", "relieved", "angry", "positive", "confused",
		    "negative", "impatient", "grateful", "disappointed", "anxious"];
		const filtered = await list(moods.map((m) => `mood=${m}`).join("&"), user);
		assert.ok(filtered.items.every((i) => i.status === "ready"));
		assert.equal(filtered.total, page.total - 2);
	});

	test("several moods at once; counts ignore the mood filter", async () => {
		const all = await list("");
		const page = await list("mood=angry&mood=relieved");
		assert.deepEqual(names(page), ["colleague_own", "lyonnais_own"]);
		assert.equal(page.total, 2);
		assert.deepEqual(page.counts, all.counts);
	});

	test("site, account, direction, duration, number", async () => {
		const all = await list("");
		const lyon = all.sites.find((s) => s.name === "Lyon");
		assert.deepEqual(names(await list(`site=${lyon.id}`)), ["lyonnais_own"]);
		const account = all.accounts.find((a) => a.name === people.colleague.name.join(" "));
		assert.deepEqual(names(await list(`account=${account.id}`)), ["colleague_own"]);
		assert.deepEqual(names(await list("direction=outbound")), ["odd_short"]);
		assert.deepEqual(names(await list("min_ms=5000")), ["odd_short"]);
		assert.equal((await list("max_ms=5000")).total, all.total - 1);
		// both limits are inclusive: the calls last 4,000 ms, one of them 6,000
		assert.ok(all.items.every((i) => i.duration_ms === (i.id === ids.odd_short ? 6000 : 4000)));
		for (const [query, total] of [["min_ms=4000", all.total], ["min_ms=4001", 1], ["min_ms=6000", 1], ["min_ms=6001", 0],
		    ["max_ms=3999", 0], ["max_ms=4000", all.total - 1], ["max_ms=5999", all.total - 1], ["max_ms=6000", all.total],
		    ["min_ms=4000&max_ms=4000", all.total - 1], ["min_ms=6000&max_ms=6000", 1], ["min_ms=4001&max_ms=5999", 0]])
			assert.equal((await list(query)).total, total, query);
		for (const number of ["06 13 24 10 88", "+33613241088", "0033613241088", "24.10.88"])
			assert.ok((await list(`number=${encodeURIComponent(number)}`)).total >= 8, number);
		assert.deepEqual(names(await list("number=3900")), ["odd_short"]);
		assert.deepEqual(names(await list("number=yvan")), ["lyonnais_own"]);
		assert.deepEqual(names(await list("number=%25")), []);
	});

	test("dates are days of the customer's time zone, the last one inclusive; instants are exact", async () => {
		const [eve, midnight, night] = local;
		const dates = async (query) => names(await list(query)).filter((name) => /^(eve|midnight|night)$/.test(name));
		for (const [query, expected] of [
			[`from=${eve.day}&to=${eve.day}`, ["eve"]],
			[`from=${night.day}&to=${night.day}`, ["night", "midnight"]],
			[`from=${night.day}`, ["night", "midnight"]], [`to=${eve.day}`, ["eve"]],
			[`from=${midnight.at}&to=${night.at}`, ["midnight"]],	// an instant as the end is exclusive
			[`from=${midnight.at.replace(".000", ".001")}`, ["night"]],
		])
			assert.deepEqual(await dates(query), expected, query);
	});

	test("pages by cursor give each call once, in order", async () => {
		const all = names(await list(""));
		const seen = [];
		let after = "";
		for (let pages = 0; pages < 20; pages++) {
			const page = await list(`limit=3${after}`);
			seen.push(...names(page));
			if (page.next === null)
				break;
			after = `&after=${page.next}`;
		}
		assert.deepEqual(seen, all);
	});

	test("an empty page", async () => {
		const page = await list("q=introuvable");
		assert.deepEqual([page.items, page.next, page.total, page.counts], [[], null, 0, {}]);
	});

	for (const [query, field] of [["mood=furieux", "mood"], ["from=2026-02-30", "from"],
	    ["to=demain", "to"], ["limit=0", "limit"], ["limit=1000", "limit"], ["after=1", "after"],
	    ["site=x", "site"], ["scope=all", "scope"], ["q=a&q=b", "q"], [`q=${"a".repeat(201)}`, "q"],
	    ["q=-facture", "q"], ["q=le+la", "q"], ["min_ms=9&max_ms=8", "max_ms"], ["q=%ff", "query"]])
		test(`${query.slice(0, 20)}: 400 naming ${field}`, async () => {
			const answer = await supervisor.get(`/api/v1/recordings?${query}`);
			assert.equal(answer.status, 400, answer.text);
			const problem = answer.json();
			assert.equal(problem.field, field);
			assert.equal(problem.status, 400);
			assert.equal(problem.request_id, answer.headers["x-request-id"]);
			const page = await supervisor.get(`/console/recordings?${query}`);
			assert.equal(page.status, field === "scope" ? 200 : 400);
		});
});

describe("one recording", () => {
	test("summary, utterances, media", async () => {
		const one = (await user.get(`/api/v1/recordings/${ids.user_own}`)).json();
		assert.equal(one.summary, "Appel au sujet de : Facture contestée.");
		assert.deepEqual(one.utterances[0], { start_ms: 0, end_ms: 2000, speaker: "caller",
		    text: calls.user_own.words[0] });
		assert.equal(one.media.audio, `/recordings/${ids.user_own}/audio.mp3`);
		assert.equal((await user.get(`/api/v1${one.media.audio}`)).status, 200);
		assert.equal((await user.get(`/api/v1${one.media.peaks}`)).status, 200);
	});

	test("still being analysed: no transcript, no audio yet", async () => {
		const one = (await user.get(`/api/v1/recordings/${ids.pending_nothing}`)).json();
		assert.deepEqual([one.status, one.summary, one.utterances, one.media.audio], ["pending", null, [], null]);
		const sound = await user.get(`/api/v1/recordings/${ids.pending_nothing}/audio.mp3`);
		assert.equal(sound.status, 404);
		assert.equal(sound.json().type, "urn:smartrecord:problem:audio-pending");
		const page = await user.get(`/board/recordings/${ids.pending_nothing}`);
		assert.match(page.text, /ranscription en cours/);
	});

	test("hostile words are escaped in pages and unchanged in the API", async () => {
		const one = (await user.get(`/api/v1/recordings/${ids.odd_script}`)).json();
		assert.equal(one.utterances[0].text, hostile.odd_script.words[0]);
		for (const target of [`/board/recordings/${ids.odd_script}`, "/board/recordings", "/board/recordings?q=alert"]) {
			const { text, status } = await user.get(target);
			assert.equal(status, 200);
			assert.ok(!/<script>alert|<img src=x|<b>&amp;/.test(text), target);
			assert.ok(!text.includes(user.csrf + " {{{csrf}}}") && !text.includes(`{{csrf}} ${user.csrf}`),
			    "the words are not used as a template");
		}
	});

	test("responses may not be cached, and have the security headers", async () => {
		for (const target of [`/api/v1/recordings/${ids.user_own}`, `/board/recordings/${ids.user_own}`,
		    `/board/recordings/${ids.user_own}/audio.mp3`, "/board/recordings", "/board/nothing", "/api/v1/nothing"]) {
			const { headers } = await user.get(target);
			assert.match(headers["cache-control"], /no-store/, target);
			assert.equal(headers["x-content-type-options"], "nosniff");
			assert.match(headers["content-security-policy"], /default-src 'none'.*require-trusted-types-for 'script'.*form-action 'self'$/);
			assert.equal(headers["strict-transport-security"]?.startsWith("max-age="), true);
		}
	});
});

describe("a page without script", () => {
	test("the filters are in the address and in the form", async () => {
		const { text } = await supervisor.get("/console/recordings?q=facture&mood=frustrated&from=2026-01-01");
		assert.match(text, /name="q"[^>]*value="facture"/);
		assert.match(text, /value="2026-01-01"/);
		assert.match(text, /<mark>/);
	});

	test("the link to the next page keeps the filters", async () => {
		const { text } = await supervisor.get("/console/recordings?limit=2&direction=inbound");
		const next = /href="([^"]*after=[^"]*)"/.exec(text)[1].replaceAll("&amp;", "&");
		assert.match(next, /direction=inbound/);
		assert.equal((await supervisor.get(next)).status, 200);
	});
});
