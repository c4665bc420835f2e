/*
 * Highlights matches in the transcript: with CSS.highlights where the browser
 * has it (no change to the page), else with <mark>. A match is { text: an
 * element that contains only text, from, to }.
 */

const painted = "highlights" in CSS && typeof Highlight === "function";

function range({ text, from, to }) {
	const range = new Range();

	range.setStart(text.firstChild, from);
	range.setEnd(text.firstChild, to);
	return range;
}

const paint = {
	show(matches) {
		CSS.highlights.set("found",
		    new Highlight(...matches.map(range)));
	},
	point(match) {
		const one = new Highlight(range(match));

		one.priority = 1;
		CSS.highlights.set("found-now", one);
		return range(match);
	},
	clear() {
		CSS.highlights.delete("found");
		CSS.highlights.delete("found-now");
	}
};

function wrap(text, matches) {
	const words = text.textContent;
	const parts = [];
	let from = 0;

	for (const match of matches) {
		match.mark = document.createElement("mark");
		match.mark.textContent = words.slice(match.from, match.to);
		parts.push(words.slice(from, match.from), match.mark);
		from = match.to;
	}
	text.replaceChildren(...parts, words.slice(from));
}

let wrapped = new Map();
let pointed = null;

const marks = {
	show(matches) {
		marks.clear();
		for (const match of matches) {
			if (!wrapped.has(match.text))
				wrapped.set(match.text, []);
			wrapped.get(match.text).push(match);
		}
		wrapped.forEach((list, text) => wrap(text, list));
	},
	point(match) {
		pointed?.classList.remove("is-now");
		pointed = match.mark;
		pointed.classList.add("is-now");
		return pointed;
	},
	clear() {
		for (const text of wrapped.keys())
			text.textContent = text.textContent;
		wrapped = new Map();
	}
};

/* show(matches), clear(), and point(match), which marks the current one and
 * returns an object with getBoundingClientRect(). */
export const highlight = painted ? paint : marks;
