/*
 * Searching inside the transcript: field, count, previous and next. Words to
 * say come from the page; what is found, from words.js; how it shows, from
 * highlight.js.
 */
import { highlight } from "./highlight.js";
import { finder } from "./words.js";

const TYPING_MS = 150;

/* Places of the query in the exchange, each with its moment, for which a
 * voice is taken to be steady. */
function search(turns, query) {
	const find = finder(query);
	const places = [];

	if (!find)
		return places;
	for (const [at, turn] of turns.entries()) {
		const text = turn.querySelector(".turn-text");
		const words = text.textContent;
		const start = Number(turn.dataset.start);
		const length = Number(turn.dataset.end) - start;

		for (const [from, to] of find(words))
			places.push({ at, text, from, to,
			    seconds: start + length * from / words.length });
	}
	return places;
}

/* Brings words to the middle, a long utterance being laid out first. */
function reveal(place) {
	place.text.scrollIntoView({ block: "center" });
	const { top, bottom } = highlight.point(place).getBoundingClientRect();

	if (top < innerHeight / 4 || bottom > innerHeight * 3 / 4)
		place.text.scrollIntoView({
		    block: top < innerHeight / 4 ? "start" : "end" });
}

/* found(places, current) is called at each change, leave() when the view
 * goes to a place. Returns { focus() }. */
export function startFind(article, transcript, { found, leave }, signal) {
	const form = article.querySelector("#find");
	const field = form.elements.words;
	const said = form.querySelector("#find-said");
	const shown = form.querySelector("#find-shown");
	let places = [], current = 0, timer;

	const say = () => {
		const words = places.length === 0 ? said.dataset.none :
		    places.length === 1 ? said.dataset.one : said.dataset.many;
		const any = field.value.trim() !== "";

		said.textContent = any ? words.replace("{i}", current + 1)
		    .replace("{n}", places.length) : "";
		shown.textContent = any ?
		    `${places.length ? current + 1 : 0}/${places.length}` : "";
		form.classList.toggle("is-on", any);
		form.classList.toggle("has-places", places.length > 0);
	};
	const point = (n, go) => {
		current = (n + places.length) % places.length;
		if (go) {
			leave();
			reveal(places[current]);
		}
		highlight.point(places[current]);
	};
	const update = (go) => {
		clearTimeout(timer);
		places = search(transcript.turns, field.value);
		highlight.clear();
		if (places.length > 0) {
			highlight.show(places);
			point(Math.max(0, places.findIndex(({ at }) =>
			    at >= transcript.at)), go);
		}
		say();
		found(places, current);
	};
	const step = (by) => {
		if (places.length === 0)
			return;
		point(current + by, true);
		say();
		found(places, current);
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
			/* and not the dialog around it */
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
		/* the words the list was searched for */
		begin(query) {
			field.value = query;
			update(false);
		}
	};
}
