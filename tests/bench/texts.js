// The texts of the largest customer as the peers of tests/bench/search.js get
// them, and words and pairs of words of known frequency in them.
import { createReadStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { cleanEnvironment, run } from "../lib/process.js";
import { functions } from "../lib/pg.js";

// Of each row; the start in milliseconds follows them.
export const columns = ["text", "mood", "account", "site", "name", "number", "ending"];

// Between a subject, a summary and utterances: no phrase matches across it, as
// in the product.
const border = "zqz";

// Writes the visible calls of a tenant, oldest first, a line each.
export async function exportTexts(database, tenant, folder) {
	const file = path.join(folder, "texts.tsv");
	await run("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-o", file, "-d",
	    database.cluster.conninfo(database.name, "postgres")],
	    { env: cleanEnvironment({ PGOPTIONS: `-c search_path=${functions()},public` }), input: `copy (
		select translate(concat_ws(' ${border} ', r.subject, u.summary, (
			select string_agg(e ->> 3, ' ${border} ' order by n)
			from jsonb_array_elements(u.utterances) with ordinality x (e, n))), E'\\t\\n\\r\\\\', '    '),
			r.mood, 'a' || a.id, 's' || r.site_id, a.first_name || ' ' || a.last_name,
			concat_ws(' ', ltrim(r.caller_value, '+'), ltrim(r.callee_value, '+')),
			concat_ws(' ', reverse(ltrim(r.caller_value, '+')), reverse(ltrim(r.callee_value, '+'))),
			floor(extract(epoch from r.started_at) * 1000)::bigint
		from recording r
		join utterance u on u.tenant_id = r.tenant_id and u.id = r.id
		join account a on a.tenant_id = r.tenant_id and a.id = r.account_id
		where r.tenant_id = ${tenant} and r.expires_at > now() order by r.id) to stdout` });
	return file;
}

const fold = (word) => word.normalize("NFD").replace(/\p{M}/gu, "");

// How many rows have each word, and each pair of neighbours in every tenth row.
async function count(file) {
	const words = new Map(), pairs = new Map(), starts = [], numbers = [];
	for await (const line of createInterface({ input: createReadStream(file) })) {
		const cells = line.split("\t"), list = cells[0].toLowerCase().split(/[^\p{L}\p{N}]+/u);
		for (const word of new Set(list))
			words.set(word, (words.get(word) ?? 0) + 1);
		if (starts.length % 10 === 0)
			for (const pair of new Set(list.slice(1).map((word, i) => `${list[i]} ${word}`)))
				pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
		starts.push(Number(cells[7]));
		numbers.push(cells[5].split(" ")[0]);
	}
	return { words, pairs, starts, numbers };
}

// The lexemes by which the product finds each word; without stop words.
async function lexemesOf(database, words) {
	const out = await database.sql(`
		create temporary table word (w text);
		copy word from stdin;\n${words.join("\n")}\n\\.
		select w, array_to_string(array(select unnest(tsvector_to_array(to_tsvector('search_folded', w)))
			union select unnest(tsvector_to_array(to_tsvector('search_plain', w)))
			union select unaccent(unnest(tsvector_to_array(to_tsvector('search_stemmed', w))))), ' ')
		from word where search_sift(w) <> 'e'`);
	return new Map(out.split("\n").map((line) => line.split("|")).map(([w, list]) => [w, list.split(" ")]));
}

// Returns [{ word, rows, others }]: how many rows have the word, however it is
// accented, and at most how many more the product finds, which stems.
function classes(words, lexemes) {
	const folded = new Map(), of = new Map();
	for (const [word, list] of lexemes) {
		const key = fold(word), one = folded.get(key) ?? { word, rows: 0, best: 0, lexemes: new Set() };
		const rows = words.get(word);
		if (rows > one.best)
			Object.assign(one, { word, best: rows });
		one.rows += rows;
		list.forEach((l) => one.lexemes.add(l));
		folded.set(key, one);
	}
	for (const one of folded.values())
		for (const l of one.lexemes)
			of.set(l, [...of.get(l) ?? [], one]);
	return [...folded.values()].map((one) => {
		const same = new Set([...one.lexemes].flatMap((l) => of.get(l)));
		same.delete(one);
		return { word: one.word, rows: one.rows, others: [...same].reduce((sum, { rows }) => sum + rows, 0) };
	});
}

// Returns what queries are made of: { words, pairs, starts (of each row, ms),
// numbers (one of each row), known(word) }. Words are those that stemming and
// names least confuse; pairs [{ words, rows }], most frequent first, rows being
// an estimate.
export async function readTexts(database, tenant, file) {
	const { words, pairs, starts, numbers } = await count(file);
	const names = new Set((await database.sql(`select distinct lower(regexp_split_to_table(
		first_name || ' ' || last_name || ' ' || key || ' ' || email, '[^[:alnum:]]+'))
		from account where tenant_id = ${tenant}`)).split("\n"));
	const lexemes = await lexemesOf(database, [...words.keys()].filter((w) => /^\p{L}+$/u.test(w)));
	const plain = classes(words, lexemes).filter(({ word, rows, others }) => /^[a-zà-ÿ]{4,}$/.test(word)
	    && !names.has(word) && word !== border && others <= rows / 2);
	const usable = new Map(plain.filter(({ rows, others }) => others <= rows / 20).map((one) => [one.word, one]));
	return { words: plain, starts, numbers, known: (word) => words.has(word),
		pairs: [...pairs].map(([pair, n]) => ({ words: pair.split(" "), rows: n * 10 }))
		    .filter((pair) => pair.words.every((w) => usable.has(w)))
		    .toSorted((a, b) => b.rows - a.rows || (a.words < b.words ? -1 : 1)) };
}
