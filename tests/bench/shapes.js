// The shapes of searches that tests/bench/search.js measures, each as queries
// in the languages of the product, FTS5 and Sphinx.
const day = 86400000;
const moods = ["neutral", "positive", "frustrated", "relieved", "angry"];

// Random numbers from a fixed seed (mulberry32).
export function randomness(seed) {
	const next = () => {
		seed = seed + 0x6d2b79f5 | 0;
		let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
		t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
		return ((t ^ t >>> 14) >>> 0) / 4294967296;
	};
	return (list) => list[Math.floor(next() * list.length)];
}

// At most 60 words of about this share of the calls, those first that stemming
// confuses least.
function wordsOf(texts, share) {
	const wanted = share * texts.starts.length, away = ({ rows }) => Math.abs(Math.log(rows / wanted));
	// only a few words are in most calls
	const near = [1.25, 1.6, 2.5, 5, 100].map((f) => texts.words.filter((w) => away(w) <= Math.log(f)))
	    .find((list) => list.length >= (share > 0.5 ? 1 : 5)) ?? texts.words;
	return near.toSorted((a, b) => a.others / a.rows - b.others / b.rows || away(a) - away(b)).slice(0, 60);
}

const pairsOf = (texts, from, to) => {
	const list = texts.pairs.filter(({ rows }) => rows >= from && rows <= to);
	return list.length > 0 ? list.slice(0, 200) : texts.pairs.slice(0, 200);
};

// Returns [{ name, as, loose, make }]. make() returns a query: { words, phrase,
// without, half, named, number, ending, nothing, mood, days, account, site }.
// loose: the share by which hits may differ; as: a key of people.
export function shapes(texts, places, pick) {
	const w = Object.fromEntries([85, 12, 1, 0.1, 0.01].map((p) => [p, wordsOf(texts, p / 100)]));
	const n = texts.starts.length, top = texts.pairs.slice(0, 60);
	const middle = pairsOf(texts, n / 20000, top.at(-1)?.rows / 2), rare = pairsOf(texts, 0, n / 20000);
	const several = (share, count) => () => {
		const words = new Set();
		while (words.size < count)
			words.add(pick(w[share]));
		return { words: [...words] };
	};
	const phrase = (list) => () => ({ phrase: pick(list).words });
	const word = (share, more = () => ({})) => () => ({ words: [pick(w[share])], ...more() });
	const mood = (days) => () => ({ mood: pick(moods), days });
	const account = () => ({ account: pick(places.accounts) }), site = () => ({ site: pick(places.sites) });
	// others are also the beginning of numbers
	const endings = texts.numbers.map((number) => number.slice(-4)).filter((e) => /^(?!0|33)\d{4}$/.test(e));
	const nothing = () => ({ nothing: `${pick(w[1]).word}xqz` });
	const some = [["list without words", () => ({})], ["word in 85 %", word(85)], ["word in 12 %", word(12)],
		["word in 1 %", word(1)], ["word in 0.01 %", word(0.01)], ["two words of 12 %", several(12, 2)],
		["phrase, most frequent pairs", phrase(top), 0.1], ["word in 12 % + mood, 7 days", word(12, mood(7))],
		["no result", nothing]];
	const all = [...some, ["mood only", () => ({ mood: pick(moods) })], ["word in 0.1 %", word(0.1)],
		["two words of 1 %", several(1, 2)], ["three words of 12 %", several(12, 3)],
		["phrase, middle", phrase(middle), 0.1], ["phrase, rare", phrase(rare), 0.1],
		["word - word, 12 %", () => ({ ...word(12)(), without: pick(w[1]) })],
		["word in 12 % + mood, 1 day", word(12, mood(1))], ["word in 12 % + mood, 30 days", word(12, mood(30))],
		["word in 1 % + mood, 30 days", word(1, mood(30))], ["word in 12 % + account", word(12, account)],
		["word in 12 % + site", word(12, site)], ["word in 1 % + site", word(1, site)],
		["word in 12 % + number", word(12, () => ({ number: pick(texts.numbers) }))],
		["number", () => ({ number: pick(texts.numbers) })],
		["number, its ending", () => ({ ending: pick(endings) }), 0.2],
		["half-typed word", () => ({ half: pick(w[1]).word.slice(0, 4) }), 0.3],
		["name of an account", () => ({ named: pick(places.accounts).name }), 0.2]];
	const row = (as) => ([name, make, loose = 0]) => ({ name, make, loose, as });
	return [...all.map(row("boss")), ...some.map(row("limited")), ...some.map(row("user"))];
}

const said = (q) => [...q.words?.map(({ word }) => word) ?? [], ...q.phrase ? [`"${q.phrase.join(" ")}"`] : [],
	...q.without ? [`-${q.without.word}`] : [], ...[q.half, q.named, q.nothing].filter(Boolean),
	...q.number && !q.words ? [`+${q.number}`] : [], ...q.ending ? [q.ending] : []].join(" ");

// Whether a query has words, without which FTS5 is no peer of a list.
export const matches = (q) => said(q) !== "" || q.mood !== undefined;

// The product's filter as JSON, and the same as the fields of a request.
export function filterOf(q, from) {
	const filter = {};
	if (said(q) !== "")
		filter.q = said(q);
	if (q.half)
		filter.typing = true;
	if (q.number && q.words)
		filter.number = `+${q.number}`;
	if (q.mood)
		filter.mood = [q.mood];
	if (q.days)
		filter.from = new Date(from).toISOString();
	if (q.account)
		filter.account = q.account.public;
	if (q.site)
		filter.site = [q.site.public];
	return filter;
}

export const fieldsOf = (filter) => new URLSearchParams(Object.entries(filter).map(([k, v]) =>
    [k, v === true ? "1" : String(v)])).toString();

const reversed = (text) => [...text].reverse().join("");

// Columns with what they must have; a person's scope is one more.
function columnsOf(q, scope) {
	return [["mood", q.mood], ["account", q.account && `a${q.account.id}`], ["site", q.site && `s${q.site.id}`],
		["number", q.number], ["ending", q.ending && `${reversed(q.ending)}*`], ...Object.entries(scope)]
	    .filter(([, value]) => value);
}

export function fts5Of(q, scope) {
	const text = [...q.words?.map(({ word }) => word) ?? [], ...q.phrase ? [`"${q.phrase.join(" ")}"`] : [],
		...q.half ? [`${q.half}*`] : [], ...q.nothing ? [q.nothing] : []].map((t) => `text:${t}`);
	const names = q.named ? [`{text name}:${q.named}`] : [];
	const wanted = [...text, ...names, ...columnsOf(q, scope).map(([k, v]) => `${k}:${v}`)].join(" AND ");
	return q.without ? `(${wanted}) NOT text:${q.without.word}` : wanted;
}

export function sphinxOf(q, scope) {
	const text = [...q.words?.map(({ word }) => word) ?? [], ...q.phrase ? [`"${q.phrase.join(" ")}"`] : [],
		...q.without ? [`-${q.without.word}`] : [], ...q.half ? [`${q.half}*`] : [],
		...q.nothing ? [q.nothing] : []].join(" ");
	return [...text ? [`@text ${text}`] : [], ...q.named ? [`@(text,name) ${q.named}`] : [],
		...columnsOf(q, scope).map(([k, v]) => `@${k} ${v}`)].join(" ");
}

// How many more or fewer the product may find: words with the same stem.
export const slack = (q) => [...q.words ?? [], ...q.without ? [q.without] : []]
    .reduce((sum, { others }) => sum + others, 0);

// The start of the first call of a query's days.
export const since = (q, now) => q.days ? now - q.days * day : 0;
