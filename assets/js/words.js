/*
 * Finds words in a text, blind to accents and case. A word is found by its
 * beginning, as it is typed, or by its stem, as the list's search does.
 */

const WORD = /[\p{L}\p{N}]+/gu;
const ENDING = /(issements?|ations?|ements?|ments?|euses?|eurs?|antes?|ants?|ees?|ent|er|ez|es|e|s|x)$/;

/* The same words come back all through a call. */
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

/* -word excludes: it is in no transcript found. Words of one or two letters
 * would light up everything, unless there are no others; figures would not. */
function wanted(query) {
	const words = (query.replace(/(^|\s)-\S+/g, " ").match(WORD) ?? [])
	    .map(fold);
	const long = words.filter((word) => word.length > 2 || /\p{N}/u.test(word));

	return (long.length > 0 ? long : words)
	    .map((word) => ({ word, stem: stem(word) }));
}

/* Which of the words wanted this one is, or -1. */
function which(words, text) {
	return words.findIndex(({ word, stem: root }) =>
	    text.startsWith(word) || (root.length > 2 &&
	    text.startsWith(root) && stem(text) === root));
}

/*
 * What a query looks for: a function from a text to [from, to] of each
 * place, words of the query that follow one another being one place; null
 * when the query looks for nothing.
 */
export function finder(query) {
	const words = wanted(query);

	if (words.length === 0)
		return null;
	return (text) => {
		const places = [];
		let last = -2;

		for (const { 0: found, index } of text.matchAll(WORD)) {
			const n = which(words, fold(found));

			if (n > 0 && n === last + 1)
				places.at(-1)[1] = index + found.length;
			else if (n >= 0)
				places.push([index, index + found.length]);
			last = n < 0 ? -2 : n;
		}
		return places;
	};
}
