/*
 * Marks in the transcript the words that were searched, blind to accents,
 * case and common endings, as the search itself is.
 */

const WORD = /[\p{L}\p{N}]+/gu;
const ENDING = /(issements?|ations?|ements?|ments?|euses?|eurs?|antes?|ants?|ees?|ent|er|ez|es|e|s|x)$/;

function fold(word) {
	return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
	    .replaceAll("œ", "oe").replaceAll("æ", "ae");
}

function stem(word) {
	const folded = fold(word);
	const short = folded.replace(ENDING, "");

	return short.length >= 3 ? short : folded;
}

/* -word excludes: it is in no transcript found. Words of one or two letters
 * would light up everything. */
function wanted(query) {
	const words = query.replace(/(^|\s)-\S+/g, " ").match(WORD) ?? [];

	return new Set(words.filter((w) => w.length > 2).map(stem));
}

function markText(node, stems) {
	const text = node.data;
	const parts = [];
	let from = 0;

	for (const found of text.matchAll(WORD)) {
		if (!stems.has(stem(found[0])))
			continue;
		const mark = document.createElement("mark");

		mark.textContent = found[0];
		parts.push(text.slice(from, found.index), mark);
		from = found.index + found[0].length;
	}
	if (parts.length > 0)
		node.replaceWith(...parts, text.slice(from));
}

export function markWords(element, query) {
	const stems = wanted(query);

	if (stems.size === 0)
		return;
	for (const paragraph of element.querySelectorAll(".turn-text"))
		for (const text of [...paragraph.childNodes])
			markText(text, stems);
}
