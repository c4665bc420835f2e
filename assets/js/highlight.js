/*
 * Shows places of the transcript: painted by the browser where it can
 * (CSS.highlights, no change to the page), else wrapped in <mark>. A place
 * is { text: element of nothing but text, from, to }.
 */

const painted = "highlights" in CSS && typeof Highlight === "function";

function range({ text, from, to }) {
	const range = new Range();

	range.setStart(text.firstChild, from);
	range.setEnd(text.firstChild, to);
	return range;
}

const paint = {
	show(places) {
		CSS.highlights.set("found",
		    new Highlight(...places.map(range)));
	},
	point(place) {
		const one = new Highlight(range(place));

		one.priority = 1;
		CSS.highlights.set("found-now", one);
		return range(place);
	},
	clear() {
		CSS.highlights.delete("found");
		CSS.highlights.delete("found-now");
	}
};

function wrap(text, places) {
	const words = text.textContent;
	const parts = [];
	let from = 0;

	for (const place of places) {
		place.mark = document.createElement("mark");
		place.mark.textContent = words.slice(place.from, place.to);
		parts.push(words.slice(from, place.from), place.mark);
		from = place.to;
	}
	text.replaceChildren(...parts, words.slice(from));
}

let wrapped = new Map();
let pointed = null;

const marks = {
	show(places) {
		marks.clear();
		for (const place of places) {
			if (!wrapped.has(place.text))
				wrapped.set(place.text, []);
			wrapped.get(place.text).push(place);
		}
		wrapped.forEach((list, text) => wrap(text, list));
	},
	point(place) {
		pointed?.classList.remove("is-now");
		pointed = place.mark;
		pointed.classList.add("is-now");
		return pointed;
	},
	clear() {
		for (const text of wrapped.keys())
			text.textContent = text.textContent;
		wrapped = new Map();
	}
};

/* show(places), clear(), and point(place): the one stood at, which returns
 * something with a getBoundingClientRect. */
export const highlight = painted ? paint : marks;
