/*
 * Finds words in a text, without regard to accents and case. A word matches by
 * its beginning, while it is typed, or by its stem, as in the list's search.
 */

const WORD = /[\p{L}\p{N}]+/gu;
const ENDING = /(issements?|ations?|ements?|ments?|euses?|eurs?|antes?|ants?|ees?|ent|er|ez|es|e|s|x)$/;

/* A cache: the same words occur all through a call. */
const folded = new Map();

function fold(word) {
	let text = folded.get(word);

	if (text === undefined) {
		text = word.normalize("NFD").replace(/\p{M}/gu, "")
		    .toLowerCase().replaceAll("œ", "oe").replaceAll("æ", "ae");
		folded.set(word, text);
	}
	return text;
}

function stem(text) {
	const short = text.replace(ENDING, "");

	return short.length >= 3 ? short : text;
}

/* Returns the words of a query with their stems, without -exclusions. Leaves
 * out words of one or two letters, which would match too much, unless there are
 * no others; keeps numbers. */
function wanted(query) {
	const words = (query.replace(/(^|\s)-\S+/g, " ").match(WORD) ?? [])
	    .map(fold);
	const long = words.filter((word) => word.length > 2 || /\p{N}/u.test(word));

	return (long.length > 0 ? long : words)
	    .map((word) => ({ word, stem: stem(word) }));
}

/* Returns the index of the wanted word that a folded word matches, or -1. */
function which(words, text) {
	return words.findIndex(({ word, stem: root }) =>
	    text.startsWith(word) || (root.length > 2 &&
	    text.startsWith(root) && stem(text) === root));
}

/*
 * Returns a function from a text to its matches, [[from, to], …]: consecutive
 * words of the query are one match. Returns null when the query has no words.
 */
export function finder(query) {
	const words = wanted(query);

	if (words.length === 0)
		return null;
	return (text) => {
		const matches = [];
		let last = -2;

		for (const { 0: found, index } of text.matchAll(WORD)) {
			const n = which(words, fold(found));

			if (n > 0 && n === last + 1)
				matches.at(-1)[1] = index + found.length;
			else if (n >= 0)
				matches.push([index, index + found.length]);
			last = n < 0 ? -2 : n;
		}
		return matches;
	};
}
