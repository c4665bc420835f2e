/*
 * Searches in the transcript: field, count, previous and next. The page has the
 * texts to show; words.js finds the matches, highlight.js shows them.
 */
import { highlight } from "./highlight.js";
import { finder } from "./words.js";

const TYPING_MS = 150;

/* Returns the matches of the query in the transcript. The second of a match is
 * estimated from its position in the utterance's text. */
function search(turns, query) {
	const find = finder(query);
	const matches = [];

	if (!find)
		return matches;
	for (const [at, turn] of turns.entries()) {
		const text = turn.querySelector(".turn-text");
		const words = text.textContent;
		const start = Number(turn.dataset.start);
		const length = Number(turn.dataset.end) - start;

		for (const [from, to] of find(words))
			matches.push({ at, text, from, to,
			    seconds: start + length * from / words.length });
	}
	return matches;
}

/* Scrolls to a match. Scrolls to its utterance first, so that a long one is
 * laid out. */
function reveal(match) {
	match.text.scrollIntoView({ block: "center" });
	const { top, bottom } = highlight.point(match).getBoundingClientRect();

	if (top < innerHeight / 4 || bottom > innerHeight * 3 / 4)
		match.text.scrollIntoView({
		    block: top < innerHeight / 4 ? "start" : "end" });
}

/* Calls found(matches, current) at each change, leave() when it scrolls to a
 * match. Returns { focus(), begin(query) }. */
export function startFind(article, transcript, { found, leave }, signal) {
	const form = article.querySelector("#find");
	const field = form.elements.words;
	const said = form.querySelector("#find-said");
	const shown = form.querySelector("#find-shown");
	let matches = [], current = 0, timer;

	const say = () => {
		const words = matches.length === 0 ? said.dataset.none :
		    matches.length === 1 ? said.dataset.one : said.dataset.many;
		const any = field.value.trim() !== "";

		said.textContent = any ? words.replace("{i}", current + 1)
		    .replace("{n}", matches.length) : "";
		shown.textContent = any ?
		    `${matches.length ? current + 1 : 0}/${matches.length}` : "";
		form.classList.toggle("is-on", any);
		form.classList.toggle("has-places", matches.length > 0);
	};
	const point = (n, go) => {
		current = (n + matches.length) % matches.length;
		if (go) {
			leave();
			reveal(matches[current]);
		}
		highlight.point(matches[current]);
	};
	const update = (go) => {
		clearTimeout(timer);
		matches = search(transcript.turns, field.value);
		highlight.clear();
		if (matches.length > 0) {
			highlight.show(matches);
			point(Math.max(0, matches.findIndex(({ at }) =>
			    at >= transcript.at)), go);
		}
		say();
		found(matches, current);
	};
	const step = (by) => {
		if (matches.length === 0)
			return;
		point(current + by, true);
		say();
		found(matches, current);
	};
	const clear = () => {
		field.value = "";
		update(false);
	};

	form.addEventListener("submit", (event) => event.preventDefault());
	field.addEventListener("input", () => {
		leave();
		clearTimeout(timer);
		timer = setTimeout(() => update(true), TYPING_MS);
	});
	field.addEventListener("keydown", (event) => {
		if (event.isComposing)
			return;
		if (event.key === "Enter") {
			event.preventDefault();
			step(event.shiftKey ? -1 : 1);
		} else if (event.key === "Escape" && field.value !== "") {
			/* Escape must not close the dialog around it */
			event.preventDefault();
			event.stopPropagation();
			clear();
		}
	});
	for (const button of form.querySelectorAll("[data-step]"))
		button.addEventListener("click", () =>
		    step(Number(button.dataset.step)));
	signal.addEventListener("abort", () => {
		clearTimeout(timer);
		highlight.clear();
	});
	form.hidden = false;
	return {
		focus() {
			field.focus({ preventScroll: true });
			field.select();
		},
		/* starts with the words of the list's search */
		begin(query) {
			field.value = query;
			update(false);
		}
	};
}
