// Search: matches and the utterance they point to, with accents, endings,
// phrases, half-typed words, exclusions, stop words, hostile texts,
// numbers and names.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import path from "node:path";
import { at, day, freeze, plus } from "../lib/clock.js";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { call, ingest, inScope, leave, makeWorld, own, refusedSearch, search, team, uid } from "../lib/sql.js";

let db;
const ids = {};
before(async () => {
	db = await freshDatabase();
	await makeWorld(db);
	const add = async (name, document) => { ids[name] = (await ingest(db, call(document))).id; };
	await add("paid", { ago: 2, words: ["Bonjour madame.", "Les factures ont été payées à Noël, l’œuvre aussi."],
	    caller: { kind: "e164", value: "+33698765432", name: "Zoé Lenoir" } });
	await add("meeting", { ago: 30, account: "lou", words: ["Je prends rendez-vous lundi.", "Avec monsieur Facteur."],
	    caller: { kind: "short", value: "3900", name: null } });
	await add("repair", { ago: 60, words: ["La réparation de la chaudière coûte 1 200 euros.", "Il rendra la clé."],
	    caller: { kind: "withheld", value: null, name: null } });
	await add("subject", { ago: 90, words: ["Oui."], analysis: { mood: "angry", subject: "Résiliation du contrat",
	    summary: "Le client exige un dédommagement.", utterances: [] } });
	await add("hostile", { ago: 100, words: ["<script>alert('x')</script> & | ! ( ) :* \\ %_ ŉ ʼ été"] });
	await add("pending", { ago: 1, analysis: null });
	// callee numbers and names, and numbers that end with a few given digits
	await add("called", { ago: 220, words: ["Allô."], direction: "outbound", callee: { kind: "e164", value: "+33187654390", name: "Nadège Quintal" } });
	await add("called_name", { ago: 221, words: ["Allô."], callee: { kind: "identity", value: "accueil@alpha.test", name: "01 87 11 22 33" } });
	await add("called_short", { ago: 222, words: ["Allô."], callee: { kind: "short", value: "4712", name: null } });
	await add("neighbour", { ago: 1, tenant: "beta", account: "voisin", words: ["Factures payées, rendez-vous, réparation."] });
});
after(() => leave(db));

const names = (page) => page.items.map((i) => Object.keys(ids).find((k) => ids[k] === i.id));
const found = async (q, typing = false) => names(await search(db, { q, typing }));
const marked = (item) => item.match.snippet.filter((p) => p.hit).map((p) => p.text);

describe("words", () => {
	for (const [q, expected] of [
		// missing and superfluous accents, capitals, ligatures
		["noel", ["paid"]], ["NOËL", ["paid"]], ["payees", ["paid"]], ["oeuvre", ["paid"]],
		["chaudiere", ["repair"]], ["mâdâme", ["paid"]],
		// other endings: stemmed then folded, folded then stemmed
		["payer", ["paid"]], ["payés", ["paid"]], ["facture", ["paid"]], ["réparer", ["repair"]],
		["reparer", ["repair"]], ["réparations", ["repair"]], ["chaudières", ["repair"]],
		// all the words must occur, anywhere
		["facture noël", ["paid"]], ["facture chaudière", []],
		// hyphens and apostrophes
		["rendez-vous", ["meeting"]], ["\"rendez vous\"", ["meeting"]], ["l'œuvre", ["paid"]],
		["d'oeuvre", ["paid"]],
		// phrases: stop words keep their position; no phrase spans two speakers
		["\"factures payées\"", []], ["\"factures ont été payées\"", ["paid"]],
		["\"facture qui est payée\"", ["paid"]], ["\"madame les factures\"", []], ["\"lundi avec\" monsieur", ["meeting"]],
		["\"réparation de la chaudière\"", ["repair"]], ["« rendez-vous lundi »", ["meeting"]],
		["\"rendez vous lundi", ["meeting"]],
		// exclusions
		["bonjour -madame", []], ["lundi -\"monsieur facteur\"", []], ["lundi -facture", ["meeting"]],
		["lundi -les", ["meeting"]], ["lundi - facteur", ["meeting"]],
		// subject and summary
		["résilier", ["subject"]], ["dédommager", ["subject"]],
		// spoken numbers
		["200", ["repair"]],
		// punctuation is ignored
		["lundi ?!", ["meeting"]], ["alert('x')", ["hostile"]], ["<script>", ["hostile"]],
		["& | ! script :*", ["hostile"]],
	])
		test(q, async () => assert.deepEqual(await found(q), expected));

	test("a word matches only calls of the own customer and within the scope", async () => {
		assert.deepEqual(names(await search(db, { q: "factures" }, { tenant: 2, team: "all" })), ["neighbour"]);
		assert.deepEqual(names(await search(db, { q: "lundi" }, own(1))), []);
		assert.deepEqual(names(await search(db, { q: "lundi" }, own(2))), ["meeting"]);
		assert.deepEqual(names(await search(db, { q: "lundi" }, { tenant: 1, team: "{1}" })), []);
		assert.deepEqual(names(await search(db, { q: "lundi" }, { tenant: 1, team: "{1,2}" })), ["meeting"]);
	});
});

describe("a half-typed word", () => {
	for (const [q, expected] of [["réparati", ["repair"]], ["reparati", ["repair"]], ["chau", ["repair"]],
	    ["bonjour fact", ["paid"]], ["lundi rendez-vou", ["meeting"]],
	    // too short to begin a word; a stop word; already followed by a space; quoted; excluded
	    ["ch", []], ["lundi les", ["meeting"]], ["chau ", []], ["\"chau", []], ["lundi -chau", ["meeting"]]])
		test(`"${q}"`, async () => assert.deepEqual(await found(q, true), expected));

	test("matches only while typing", async () => {
		assert.deepEqual(await found("réparati"), []);
		assert.deepEqual(await found("chau"), []);
	});
});

describe("the match in the transcript", () => {
	test("has the first utterance, its time, and the words marked in the original text", async () => {
		const [item] = (await search(db, { q: "payer" })).items;
		assert.equal(item.match.start_ms, 2000);
		assert.deepEqual(item.match.snippet, [{ text: "Les factures ont été ", hit: false },
		    { text: "payées", hit: true }, { text: " à Noël, l’œuvre aussi.", hit: false }]);
	});
	test("prefers an utterance with all the words to one with some", async () => {
		const [item] = (await search(db, { q: "bonjour noël facture" })).items;
		assert.equal(item.match.start_ms, 2000);
		assert.deepEqual(marked(item), ["factures", "Noël"]);
	});
	test("marks half-typed words completely", async () => {
		const [item] = (await search(db, { q: "réparati", typing: true })).items;
		assert.deepEqual(marked(item), ["réparation"]);
	});
	test("marks each word of a phrase", async () => {
		const [item] = (await search(db, { q: "rendez-vous" })).items;
		assert.deepEqual(marked(item), ["rendez", "vous"]);
	});
	test("has no time in the subject or the summary", async () => {
		const [a] = (await search(db, { q: "résilier" })).items;
		assert.deepEqual([a.match.start_ms, marked(a)], [null, ["Résiliation"]]);
		const [b] = (await search(db, { q: "dédommager" })).items;
		assert.deepEqual([b.match.start_ms, marked(b)], [null, ["dédommagement"]]);
	});
	test("hostile text is returned unchanged", async () => {
		const [item] = (await search(db, { q: "script" })).items;
		assert.equal(item.match.snippet.map((p) => p.text).join(""),
		    "<script>alert('x')</script> & | ! ( ) :* \\ %_ ŉ ʼ été");
		assert.deepEqual(marked(item), ["script", "script"]);
	});
	test("a long utterance is cut around the word", async () => {
		const filler = "lorem ipsum dolor sit amet ".repeat(40);
		ids.long = (await ingest(db, call({ ago: 200, words: [`${filler}mirabelle ${filler}`] }))).id;
		const [item] = (await search(db, { q: "mirabelles" })).items;
		const text = item.match.snippet.map((p) => p.text).join("");
		assert.deepEqual(marked(item), ["mirabelle"]);
		assert.match(text, /^….*mirabelle.*…$/);
		assert.ok(text.length < 300, text);
	});
	test("marks endings that the stemmer changes, late in a call", async () => {
		const words = [...Array(300).fill("On parle d'autre chose."), "Évidemment, une fréquence heureuse.",
		    "L'explication des chevaux.", "La fiabilité compte."];
		ids.endings = (await ingest(db, call({ ago: 210, words }))).id;
		for (const [q, start, hit] of [["évident", 600000, "Évidemment"], ["fréquences", 600000, "fréquence"],
		    ["heureux", 600000, "heureuse"], ["expliquer", 602000, "explication"], ["cheval", 602000, "chevaux"],
		    ["fiable", 604000, "fiabilité"]]) {
			const item = (await search(db, { q })).items.find((i) => i.id === ids.endings);
			assert.deepEqual([q, item?.match.start_ms, item && marked(item)], [q, start, [hit]]);
		}
	});
	test("tells how many utterances have a searched word or phrase", async () => {
		ids.often = (await ingest(db, call({ ago: 211, words: ["Un cassis, deux cassis.", "Un kaki.", "Le cassis mûr.",
		    "Mûr ? Le cassis.", "Quatre.", "…", "Kakis."] }))).id;
		for (const [q, passages, start, hits] of [
			["cassis", 3, 0, ["cassis", "cassis"]], ["kaki", 2, 2000, ["kaki"]], ["cassis kaki", 5, 0, ["cassis", "cassis"]],
			["\"cassis mûr\"", 1, 4000, ["cassis", "mûr"]], ["\"cassis mûr\" kaki", 3, 2000, ["kaki"]], ["kakis -pomme", 2, 2000, ["kaki"]]]) {
			const { match } = (await search(db, { q })).items.find((i) => i.id === ids.often);
			assert.deepEqual([q, match.passages, match.start_ms, marked({ match })], [q, passages, start, hits]);
		}
		const [written] = (await search(db, { q: "résilier" })).items;
		assert.equal(written.match.passages, 0);
		assert.equal(await db.sql(`select cardinality(starts) from utterance where id = '${ids.often}'`), "9");
		await db.sql(`update utterance set starts = null where id = '${ids.often}'`);	// of an earlier release
		const [earlier] = (await search(db, { q: "kaki" })).items;
		assert.deepEqual([earlier.match.passages, earlier.match.start_ms, marked(earlier)], [2, 2000, ["kaki"]]);
	});
	test("a search without words has no match", async () => {
		assert.ok((await search(db, { number: "0698765432" })).items.every((i) => i.match === null));
	});
});

describe("refused, naming the field in French", () => {
	for (const [filter, column, message] of [
		[{ q: "-facture" }, "q", /^Ajoutez un mot à chercher/],
		[{ q: "les -facture" }, "q", /^Ajoutez un mot à chercher/],
		[{ q: "les du l' euh" }, "q", /^Ces mots sont trop courants/],
		[{ q: "\"à la\"", typing: true }, "q", /^Ces mots sont trop courants/],
		[{ q: "?! …" }, "q", /^Écrivez au moins un mot/],
		[{ q: "x".repeat(300) }, "q", /convient pas/],
		[{ q: ["facture"] }, "q", /convient pas/],
		[{ typing: "oui", q: "mot" }, "typing", /convient pas/],
		[{ site: uid(1) }, "site", /convient pas/],
		[{ site: ["1; drop table recording"] }, "site", /convient pas/],
		[{ site: [[1]] }, "site", /convient pas/],
		[{ mood: ["furious"] }, "mood", /convient pas/],
		[{ from: "2026-02-31" }, "from", /convient pas/],
		[{ from: "hier" }, "from", /convient pas/],
		[{ to: "2026-01-01T25:00:00Z" }, "to", /convient pas/],
		[{ to: "infinity" }, "to", /convient pas/],
		[{ number: {} }, "number", /convient pas/],
		[{ account: "1 or 1" }, "account", /convient pas/],
		[{ account: -1 }, "account", /convient pas/],
		[{ direction: "sideways" }, "direction", /convient pas/],
		[{ min_ms: 1.5 }, "min_ms", /convient pas/],
		[{ max_ms: "99999999999999999999" }, "max_ms", /convient pas/],
		[{ after: "x" }, "after", /convient pas/],
		[{ limit: "many" }, "limit", /convient pas/],
	])
		test(JSON.stringify(filter).slice(0, 60), async () => {
			const refused = await refusedSearch(db, filter);
			assert.deepEqual([refused.state, refused.column], ["SR400", column]);
			assert.match(refused.message, message);
		});

	for (const filter of [{}, { q: "" }, { q: "   " }, { q: null, site: null, mood: null },
	    { number: "" }, { after: "ffffffff-ffff-ffff-ffff-ffffffffffff" }, { mood: [], site: [] },
	    { from: "0001-01-01", to: "9999-12-31" }, { limit: 100000 }, { unknown: 1 }])
		test(`${JSON.stringify(filter)} is accepted`, async () => {
			assert.ok(Array.isArray((await search(db, filter)).items));
		});
});

describe("at most twelve different words", () => {
	const page = (q, typing = false) => search(db, { q, typing });
	before(async () => {
		ids.twelve = (await ingest(db, call({ ago: 400, words: [
			"Alouette, bergère, cerise, dentelle, écharpe, fontaine, girafe, hérisson, igloo, jardin, koala, lavande.",
			"Ça va, ça va bien."] }))).id;
	});
	const words = "alouette bergère cerise dentelle écharpe fontaine girafe hérisson igloo jardin koala lavande";

	for (const [what, q, expected, capped] of [
		["twelve are all used", words, ["twelve"], false],
		["the thirteenth is ignored", `${words} absent`, ["twelve"], true],
		["among the twelve each counts", `absent ${words}`, [], true],
		["equal words are one", `${words} ALOUETTES bergere ${words.slice(0, 41)}`, ["twelve"], false],
		["words too common do not count", `les alouette et la ${words}`, ["twelve"], false],
		["words of phrases count", `"${words.replaceAll(" ", ", ")}" absent`, ["twelve"], true],
		["a longer phrase is used up to its twelfth word", `"${words} absent"`, ["twelve"], true],
		["excluded words count", `-rien ${words}`, ["twelve"], true],
		["an excluded word beyond them is ignored", `${words} -"ça va"`, ["twelve"], true],
		["an excluded phrase that would be cut is ignored",
		    `${words.replace(" lavande", "")} -"vient demain"`, ["twelve"], true],
		["equal excluded words are one", `-rien -riens ${words.replace(" lavande", "")}`, ["twelve"], false],
		["a word and its exclusion are two", "alouette -alouette", [], false],
	])
		test(what, async () => {
			const answer = await page(q);
			assert.deepEqual([names(answer), answer.words_are_capped], [expected, capped]);
		});
	test("a half-typed word counts once it begins another one", async () => {
		assert.equal((await page(`${words} lav`, true)).words_are_capped, true);
		assert.equal((await page(`${words} lavande`, true)).words_are_capped, false);
		assert.deepEqual(names(await page(`${words.slice(0, -3)}`, true)), ["twelve"]);
	});
	test("only they are marked and matched", async () => {
		const asked = await page(`${words} madame`);
		assert.equal(marked(asked.items[0]).length, 12);
		const [terms, wanted] = JSON.parse(await db.sql(`select jsonb_build_array(cardinality(terms), query::text)
			from search_read('${Array.from({ length: 50 }, (_, i) => `m${i}`).join(" ")}', true)`));
		assert.equal(terms, 12);
		assert.ok(!wanted.includes("m12"), wanted);
	});
	test("of a name the first twelve count", async () => {
		assert.deepEqual(names(await search(db, { number: "zoé lenoir" })), ["paid"]);
		const query = await db.sql("select search_party('a b c d e f g h i j k l m n o')");
		assert.equal(query.split("&").length, 12);
		assert.ok(!query.includes("p/m"), query);
	});
	test("a search without words has no such words", async () => {
		assert.equal((await search(db, {})).words_are_capped, false);
	});
});

describe("parties", () => {
	for (const [number, expected] of [
		["06 98 76 54 32", ["paid"]], ["+33 6 98.76.54.32", ["paid"]], ["0033698765432", ["paid"]],
		["33698765432", ["paid"]], ["0698", ["paid"]], ["765432", ["paid"]], ["(0)6 98-76-54-32", ["paid"]],
		["3900", ["meeting"]], ["390", []], ["00", []], ["7", []],
		["zoe", ["paid"]], ["Zoé LEN", ["paid"]], ["lenoir zoé", ["paid"]], ["enoir", []],
		["%", []], ["'; --", []],
		// callees are matched like callers
		["01 87 65 43 90", ["called"]], ["0033 1 87 65 43 90", ["called"]], ["0187654", ["called"]],
		["654390", ["called"]], ["4390", ["called"]], ["=+33187654390", ["called"]],
		["quintal", ["called"]], ["nadege", ["called"]], ["accueil", ["called_name"]],
		["01 87 11 22 33", ["called_name"]], ["112233", ["called_name"]], ["=0187112233", ["called_name"]],
		["4712", ["called_short"]], ["=4712", ["called_short"]],
		// three digits match a whole short number only, not the end of another one
		["0390", []], ["0 390", []], ["0712", []], ["00 712", []], ["712", []], ["04390", []], ["54390", ["called"]],
	])
		test(number, async () => assert.deepEqual(names(await search(db, { number })), expected));

	describe("one subscriber's number, with each code of the French plan and in any notation", () => {
		const codes = ["33", "262", "590", "594", "596"];
		const writings = (code) => [
			{ caller: { kind: "e164", value: `+${code}696112233`, name: null } },
			{ callee: { kind: "e164", value: `+${code}696112233`, name: null } },
			{ callee: { kind: "identity", value: `accueil@alpha.test`, name: `+${code} 696 11 22 33` } },
			...["caller", "callee"].flatMap((side) => [`sip:${code}696112233@pbx.test`, `sip:+${code}696112233@pbx.test`,
			    `sip:00${code}696112233@pbx.test`].map((value) => ({ [side]: { kind: "identity", value, name: null } })))];
		const nobody = { caller: { kind: "withheld", value: null, name: null } };
		const meant = new Set();
		before(async () => {
			let ago = 300;
			const add = async (parties) => (await ingest(db, call({ ago: ago++, words: ["Allô."], ...nobody, ...parties }))).id;
			for (const code of codes)
				for (const parties of writings(code))
					meant.add(await add(parties));
			meant.add(await add({ callee: { kind: "identity", value: "sip:0696112233@pbx.test", name: null } }));
			// other subscribers: another country code, a digit more, a digit less
			for (const digits of ["44696112233", "596969112233", "3369611223", "336961122330"])
				await add({ callee: { kind: "e164", value: `+${digits}`, name: null } });
			for (const word of ["0044696112233", "003369611223", "00336961122330"])
				await add({ callee: { kind: "identity", value: `sip:${word}@pbx.test`, name: null } });
		});
		for (const number of ["=0696112233", ...codes.flatMap((code) => [`=+${code}696112233`, `=00 ${code} 696 11 22 33`])])
			test(number, async () => {
				const page = await search(db, { number, limit: 100 });
				assert.deepEqual(page.items.map((i) => i.id).sort(), [...meant].sort());
				assert.equal(page.total, meant.size);
			});
	});

	test("with a word", async () => {
		assert.deepEqual(names(await search(db, { number: "0698", q: "facture" })), ["paid"]);
		assert.deepEqual(names(await search(db, { number: "0698", q: "lundi" })), []);
	});
});

describe("counts", () => {
	test("by mood, with and without words; the mood filter narrows the total only", async () => {
		const all = await search(db, {});
		assert.deepEqual(all.counts, { neutral: all.total - 2, angry: 1 });
		assert.deepEqual([all.total_is_capped, all.counts_are_capped], [false, false]);
		const angry = await search(db, { mood: ["angry"] });
		assert.deepEqual([angry.total, angry.counts, names(angry)], [1, all.counts, ["subject"]]);
		const words = await search(db, { q: "contrat", mood: ["neutral"] });
		assert.deepEqual([words.total, words.counts, words.items], [0, { angry: 1 }, []]);
	});
	test("beyond 10,000, with words beyond 2,000, they are lower bounds", async () => {
		// moods of one account alone are not counted
		await db.sql("insert into account (tenant_id, key, site_id) values (2, 'other', 3)");
		await db.sql(`insert into recording (tenant_id, id, site_id, account_id, duration_ms,
			started_at, expires_at, direction, mode, caller_kind, callee_kind, mood, subject, tsv)
			select 2, uuid7_new(at), 3, 3, 1000, at, at + interval '30 days', 'inbound', 'always',
			'withheld', 'withheld', case when n % 100 = 0 then 'angry' else 'neutral' end, 'x',
			format('%L foul:1 %s', search_hour(at), case when n % 100 = 0 then '''m/angry''' end)::tsvector
			from generate_series(1, 12000) n, lateral (select now() - n * interval '3 minutes' as at) t`);
		await db.sql("insert into utterance select tenant_id, id, site_id, account_id, expires_at, 'x', '[]' from recording where tenant_id = 2 and tsv @@ 'foul' on conflict do nothing");
		for (const [filter, most] of [[{}, 10000], [{ q: "foules" }, 2000]]) {
			const page = await search(db, { ...filter, limit: 1 }, { tenant: 2, team: "all" });
			assert.deepEqual([page.total, page.total_is_capped, page.counts_are_capped],
			    [most, true, true]);
			assert.ok(page.counts.neutral > most * 0.9);
			// a rare mood is counted to the end, and its page is filled
			const angry = await search(db, { ...filter, mood: ["angry"] }, { tenant: 2, team: "all" });
			assert.deepEqual([angry.total, angry.total_is_capped, angry.counts_are_capped, angry.items.length],
			    [120, false, "q" in filter, 50]);
			const last = await search(db, { ...filter, mood: ["angry"], after: angry.next, limit: 100 }, { tenant: 2, team: "all" });
			assert.deepEqual([last.total, last.items.length, last.next], [120, 70, null]);
			assert.equal(new Set([...angry.items, ...last.items].map((item) => item.id)).size, 120);
		}
	});
});

describe("one box", () => {
	const add = async (name, document) => { ids[name] = (await ingest(db, call(document))).id; };
	const nobody = { caller: { kind: "withheld", value: null, name: null },
		callee: { kind: "withheld", value: null, name: null } };
	before(async () => {
		await add("spaced", { ago: 500, words: ["Rien.", "Écureuil autre tournesol, vers l'imprimante.", "L\u2019encrier."], ...nobody });
		await add("marks", { ago: 501, words: ["Rien.", "\u0926\u0941\u0928\u093f\u092f\u093e bonsoir", "ur c\u02bchoazh bras",
			"la co\u00adopé\u200dration dure", "cafe\u0301 d'été", "क्ष\u200dत्रिय"], ...nobody });
		await add("grouped", { ago: 502, words: ["Rien.", "Mon numéro est le 06 15 26 37 48, voilà.", "Il y en a 1 200 et 4.",
			"La carte 4970 1234 5678 9012."], ...nobody });
		await add("joined", { ago: 503, words: ["Rien.", "Rappelez le 0713241088.", "Le dossier 987654 suit."], ...nobody });
		// as a release before that indexed them: no digits in one
		await add("older", { ago: 504, words: ["Rien.", "C'est le 05 61 22 33 44."], ...nobody });
		await db.sql(`update recording set tsv = ts_delete(tsv, array(select lexeme from unnest(tsv)
			where lexeme ~ '^[0-9]{3,}$')) where id = '${ids.older}'`);
		await add("dialled", { ago: 505, words: ["Une facture impayée."], ...nobody,
			caller: { kind: "e164", value: "+33677889900", name: "Ursule Nadal" } });
		await add("paying", { ago: 506, words: ["Madame Nadal veut une facture."], ...nobody });
		await add("ofLou", { ago: 507, account: "lou", words: ["Perroquet."], ...nobody });
		// a call that is still being analysed
		await add("waiting", { ago: 510, analysis: null, ...nobody, caller: { kind: "e164", value: "+33755667788", name: null } });
		// many words that only begin like the searched one
		await add("late", { ago: 508, words: [...Array(60).fill("Mais maman marche."), "Il a mal."], ...nobody });
	});

	for (const [what, q, expected] of [
		...["\u00a0", "\u202f", "\u2009", "\u3000", "\u2028", "\t", "\u000b", "\u200b", "\u1680"].map((space) =>
			[`U+${space.charCodeAt(0).toString(16)} parts words`, `tournesol${space}écureuil`, ["spaced"]]),
		...["'", "\u2019", "\u2018", "\u00b4", "`", "\u201b", "\uff07", "\u02bc", "\u2032"].map((mark) =>
			[`U+${mark.charCodeAt(0).toString(16)} is an apostrophe`, `l${mark}imprimante`, ["spaced"]]),
		["an exclusion after a no-break space", "écureuil\u00a0-tournesol", []],
		["groups find one", "07 13 24 10 88", ["joined"]], ["in other groups", "071 324 1088", ["joined"]],
		["with dots", "07.13.24.10.88", ["joined"]], ["in quotes", "\"07 13 24\"", []],
		["its beginning in groups is not it", "07 13 24", []], ["six digits", "98 76 54", ["joined"]],
		["in a phrase", "\"rappelez le 07 13 24 10 88\"", ["joined"]],
		["one finds groups", "0615263748", ["grouped"]], ["a part of them", "152637", ["grouped"]],
		["as they are", "06 15 26 37 48", ["grouped"]], ["thousands", "1200", ["repair", "grouped"]],
		["fours", "4970123456789012", ["grouped"]], ["not across other words", "12004", []],
		["not across a group's middle", "6152637", []],
		["an international writing finds a national one", "+33 6 15 26 37 48", ["grouped"]],
		["calls that are indexed without them", "0561223344", ["older"]],
		["excluded digits", "numéro -0615263748", []],
		["a number of a party", "06 77 88 99 00", ["dialled"]], ["with its country", "+33\u00a06\u00a077\u00a088\u00a099\u00a000", ["dialled"]],
		["with (0)", "+33 (0)6 77 88 99 00", ["dialled"]], ["tel:", "tel:+33677889900", ["dialled"]],
		["its end", "889900", ["dialled"]],
		["a name", "nadal ursule", ["dialled"]], ["said or a name", "nadal", ["dialled", "paying"]],
		["a word and a name", "facture ursule", ["dialled"]], ["a word and a number", "facture 06 77 88 99 00", ["dialled"]],
		["another word and a number", "perroquet 0677889900", []],
		["exclusions are words only", "impayée -nadal", ["dialled"]],
		["the account's name", "perroquet carré", ["ofLou"]], ["the account's whole name", "lou carré perroquet", ["ofLou"]],
	])
		test(what, async () => assert.deepEqual(await found(q), expected));

	for (const [what, q, start, hits, typing = false] of [
		["Devanagari", "दुनिया", 2000, ["दुनिया"]], ["U+02BC in a word", "c\u02bchoazh", 4000, ["hoazh"]],
		["invisible characters in a word", "coopération", 6000, ["co\u00adopé\u200dration"]],
		["a mark delivered apart", "café", 8000, ["café"]], ["a joiner", "क्षत्रिय", 10000, ["क्ष\u200dत्रिय"]],
		["groups of digits", "0615263748", 2000, ["06", "15", "26", "37", "48"]],
		["a beginning of them", "061526", 2000, ["06", "15", "26"], true],
		["digits in one", "07 13 24 10 88", 2000, ["0713241088"]],
		["an older call", "0561223344", 2000, ["05", "61", "22", "33", "44"]],
		["after many that begin like it", "mal", 120000, ["mal"]],
	])
		test(`the match has its second: ${what}`, async () => {
			const [item] = (await search(db, { q, typing })).items;
			assert.deepEqual([item.match.start_ms, marked(item)], [start, hits]);
		});
	test("a long text with invisible characters is cut where it should", async () => {
		const filler = "lo\u00adrem ipsum ".repeat(40);
		await add("soft", { ago: 509, words: [`${filler}mira\u00adbilis ${filler}`] });
		const [item] = (await search(db, { q: "mirabilis" })).items;
		assert.deepEqual(marked(item), ["mira\u00adbilis"]);
		assert.match(item.match.snippet.map((p) => p.text).join(""), /^….* mira\u00adbilis .*…$/);
	});
	test("a call that only a number or a name finds has no match", async () => {
		for (const q of ["0677889900", "ursule", "07 55 66 77 88"])
			assert.deepEqual((await search(db, { q })).items.map((i) => i.match), [null], q);
		const both = (await search(db, { q: "facture ursule" })).items;
		assert.deepEqual(both.map(marked), [["facture"]]);
	});

	const understood = async (q, scope) => (await search(db, { q }, scope)).understood.map((e) => `${e.kind} ${e.text}`);
	for (const [q, expected] of [
		["perroquet", ["word perroquet"]], ["introuvable", ["word introuvable"]],
		["\"une facture\" -nadal", ["phrase une facture", "excluded nadal"]],
		["06\u00a077 88 99 00", ["number +33677889900"]], ["889900", ["number 889900", "word 889900"]],
		["ursule", ["name ursule"]], ["nadal", ["name nadal", "word nadal"]], ["carré perroquet", ["name carré", "word perroquet"]],
		["facture +33 6 77 88 99 00", ["word facture", "number +33677889900"]], ["12 34", ["number 1234", "word 12 34"]],
	])
		test(`understood: ${q}`, async () => assert.deepEqual(await understood(q), expected));
	test("nothing is understood without q", async () => {
		assert.deepEqual((await search(db, { number: "ursule" })).understood, []);
	});

	test("names of accounts are those of the own customer and team; one's own is no name", async () => {
		assert.deepEqual(names(await search(db, { q: "carré" }, { tenant: 1, team: "{1}" })), []);
		assert.deepEqual(names(await search(db, { q: "carré" }, { tenant: 2, team: "all" })), []);
		assert.deepEqual(names(await search(db, { q: "carré" }, own(2))), []);
		assert.deepEqual(await understood("perroquet", own(2)), ["word perroquet"]);
	});

	test("the last word is a beginning when nothing else is found, and the answer says so", async () => {
		const page = await search(db, { q: "perroq\u00a0" });
		assert.deepEqual([names(page), page.prefix, page.total], [["ofLou"], true, 1]);
		assert.deepEqual(marked(page.items[0]), ["Perroquet"]);
		const exact = await search(db, { q: "perroquet" });
		assert.deepEqual([names(exact), exact.prefix], [["ofLou"], false]);
		// a name's beginning; no other word; too short; a phrase; while typing
		assert.deepEqual(names(await search(db, { q: "facture ursu" })), ["dialled"]);
		for (const filter of [{ q: "perroqx" }, { q: "perroq facture" }, { q: "pe" }, { q: "\"perroq\"" }]) {
			const none = await search(db, filter);
			assert.deepEqual([names(none), none.prefix], [[], false], filter.q);
		}
		assert.equal((await search(db, { q: "perroq", typing: true })).prefix, false);
		// what has arrived since is not another search
		const { as_of } = page;
		assert.deepEqual((await search(db, { q: "perroq", since: as_of })).prefix, false);
		// a page after the last
		assert.deepEqual((await search(db, { q: "perroq", after: ids.ofLou })).prefix, true);
	});
	test("a selection is of beginnings only when it says so", async () => {
		const count = (filter) => inScope(db, team, `select recordings_count('${JSON.stringify({ filter, except: [] })}')`);
		assert.deepEqual([await count({ q: "perroq" }), await count({ q: "perroq", prefix: true })], ["0", "1"]);
		assert.equal((await search(db, { q: "perroq", prefix: true })).prefix, true);
	});
});

test("stop words are ignored in any form; words that resemble them are not", async () => {
	assert.equal(await db.sql(`select w from unnest(search_stop()) w
		where search_tsv(array[w]) <> '' or search_tsv(array[upper(w)]) <> ''`), "");
	assert.equal(await db.sql(`select string_agg(w, ' ') from unnest(string_to_array(
		'les été même à où ça étaient euh d l vous sûr due sonner série désir', ' ')) w
		where search_tsv(array[w]) <> ''`), "vous sûr due sonner série désir");
});

describe("hours and pairs of words in the index", () => {
	const shapes = [["\"une facture\"", {}], ["rendez-vous", {}], ["\"carte de crédit\"", {}], ["\"crédit carte\"", {}],
	    ["\"carte crédit\"", {}], ["\"crédit payée\"", {}], ["\"CREDIT PAYEE\"", {}], ["\"payé demain\"", {}], ["crédit-pay", { typing: true }],
	    ["\"appel au 06 12 34\"", {}], ["\"appel au 061234\"", {}], ["facture", { mood: ["angry"] }], ["perdu carte", {}]];
	let calls;
	before(async () => {
		calls = await freshDatabase();
		await makeWorld(calls);
		const said = ["Voici la carte de crédit payée. Demain, c'est tout.", "Une facture angoissante, un rendez-vous",
		    "J'ai perdu la carte", "Un appel au 06 12 34 hier", "Crédit : carte. Une autre facture"];
		for (const [n, text] of said.entries())
			await ingest(calls, call({ ago: 0.1 + 7 * n, words: [text, "Suite"] }));
	});
	after(() => leave(calls));
	const all = async () => {
		const pages = [];
		for (const [q, more] of shapes) {
			const page = await search(calls, { q, ...more });
			pages.push([q, page.items.map((item) => item.id), page.total, page.counts]);
		}
		return pages;
	};

	test("find the same as calls without them, which were indexed by an earlier release", async () => {
		const now = await all();
		assert.deepEqual(now.map(([, ids]) => ids.length), [2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1]);
		assert.match(await calls.sql("select string_agg(tsv::text, ' ') from recording"), /'b\/[0-9a-f]{4}'.*'t\/\d\d'/);
		await calls.sql(`update recording set tsv = ts_delete(tsv, array(select l
			from unnest(tsvector_to_array(tsv)) l where l ~ '^[bt]/'));
			create or replace function public.search_paired_since() returns timestamptz
			language sql immutable parallel safe return now() - interval '30 hours'`);
		// only earlier ones are found without
		assert.notDeepEqual(await all(), now);
		await calls.sql(`create or replace function public.search_paired_since() returns timestamptz
			language sql immutable parallel safe return date_trunc('day', now(), 'UTC') + interval '1 day'`);
		assert.deepEqual(await all(), now);
	});
	test("a phrase that a text matches has its pairs there, however it is written", async () => {
		const pairs = [["client fachee", "client fâché"], ["facture payee", "facture payé"], ["demande annulee", "demande annulé"],
		    ["service abonnees", "service abonné"], ["commande livrees", "commande livré"], ["clients fâchés", "CLIENT FACHE"],
		    ["chevaux blancs", "cheval blanc"], ["fréquences élevées", "frequence elevee"]];
		const wrong = `select string_agg(q, ', ') from (values ${pairs.map(([q, t]) => `('"${q}"', '${t}')`)}) v (q, t),
			lateral (select search_read(q, false) as r, search_tsv(array[t]) as tsv) x
			where tsv @@ (r).query and (tsv @@ search_pairs(r)) is distinct from true`;
		assert.equal(await calls.sql(wrong), "");
		assert.equal(await calls.sql(wrong.replace("tsv @@ (r).query and (tsv @@ search_pairs(r)) is distinct from true",
		    "(tsv @@ search_pairs(r)) and tsv @@ (r).query").replace("string_agg(q, ', ')", "count(*) > 4")), "t");
	});
	test("a letter that folds to nothing is no word", async () => {
		assert.equal((await search(calls, { q: "facture \u0345" })).total, 2);
	});
	test("a migrated database with calls asks for them from the next day on, an empty one always", async () => {
		assert.equal(await db.sql("select search_paired_since()"), "-infinity");
		const text = readFileSync(path.join(top, "migrations", "0021_fast_search.sql"), "utf8");
		assert.equal(await calls.sql(`begin; ${/^do \$\$.*?^end \$\$;/ms.exec(text)[0]}
			select search_paired_since() > now() and search_paired_since() <= now() + interval '25 hours'
				and date_trunc('day', search_paired_since(), 'UTC') = search_paired_since(); rollback`), "t");
	});
	test("where texts start is where their words are in the index", async () => {
		assert.equal(await calls.sql(`select string_agg(lexeme || starts[n] || positions[1], ' ' order by n)
			from (select array['Alpha de la', '?!', '', 'le beta, gamma 06 12 34', 'delta'] as t) t,
				search_starts(t) starts, unnest(search_tsv(t)), (values (1, 'alpha'), (4, 'beta'), (5, 'delt')) w (n, w)
			where lexeme = w`), "alpha11 beta56 delt1212");
	});
});

describe("days are those of the customer's time zone, whatever the database's zone and summer time", () => {
	const minute = 60000;
	let days;
	before(async () => {
		days = await freshDatabase();
		await makeWorld(days);
		await freeze(days);
		for (const table of ["tenant", "site"])
			await days.sql(`update ${table} set time_zone = 'Pacific/Noumea' where key in ('beta', 'brest')`, "deployer");
	});
	after(() => leave(days));

	const deliver = (documents) => days.sql(documents.map((document) =>
	    `select pipeline.ingest($d$${JSON.stringify(document)}$d$)`).join(";"), "pipeline");
	// Returns what each filter finds for a customer, oldest first.
	const found = async (tenant, filters) => (await days.sql(`begin; set local app.team = 'all';
		select set_config('app.tenant', (select id::text from tenant where key = '${tenant}'), true) is null;
		set local role smartrecord_app;
		${filters.map((filter) => `select recordings_search('${JSON.stringify(filter)}')`).join(";")}; commit`))
	    .split("\n").slice(1).map((page) => JSON.parse(page).items.map((i) => i.started_at).reverse());

	// from one local midnight to the next
	for (const [what, date, begin, end, tenant = "alpha", account = "ada"] of [
		["winter", "2027-01-15", "2027-01-14T23:00:00.000Z", "2027-01-15T23:00:00.000Z"],
		["23 hours: summer time begins", "2027-03-28", "2027-03-27T23:00:00.000Z", "2027-03-28T22:00:00.000Z"],
		["summer", "2027-07-15", "2027-07-14T22:00:00.000Z", "2027-07-15T22:00:00.000Z"],
		["25 hours: summer time ends", "2027-10-31", "2027-10-30T22:00:00.000Z", "2027-10-31T23:00:00.000Z"],
		["in New Caledonia", "2027-12-15", "2027-12-14T13:00:00.000Z", "2027-12-15T13:00:00.000Z", "beta", "voisin"],
	])
		test(what, async () => {
			const next = plus(date, day).slice(0, 10), before = plus(date, -day).slice(0, 10);
			// around both midnights: 23:30, the last millisecond, 00:00 and 00:30
			const [eve, own, morrow] = [[-30 * minute, -1].map((ms) => plus(begin, ms)),
				[plus(begin, 0), plus(begin, 30 * minute), plus(end, -30 * minute), plus(end, -1)],
				[plus(end, 0), plus(end, 30 * minute)]];
			await at(days, plus(end, 10 * day));
			await deliver([...eve, ...own, ...morrow].map((started_at) => call({ started_at, tenant, account })));
			const expected = [
				[{}, [...eve, ...own, ...morrow]],
				[{ from: date, to: date }, own],
				[{ from: before, to: before }, eve], [{ from: next, to: next }, morrow],
				[{ from: date }, [...own, ...morrow]], [{ to: date }, [...eve, ...own]],
				[{ from: next }, morrow], [{ to: before }, eve],
				[{ from: begin, to: end }, own], [{ from: plus(begin, 1), to: plus(end, 1) }, [...own.slice(1), end]],
			];
			const filters = expected.map(([filter]) => filter);
			assert.deepEqual((await found(tenant, filters)).map((calls, i) => [filters[i], calls]), expected);
		});
});
