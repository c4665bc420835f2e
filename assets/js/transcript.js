/*
 * The exchange: marks the utterance being said, and lets a click on a time
 * or on the words go there. Knows nothing of the sound.
 */

/* Index of the last start at or before the time; -1 before the first. */
function findTurn(starts, seconds) {
	let low = 0, high = starts.length;

	while (low < high) {
		const middle = (low + high) >> 1;

		/* a hair of tolerance: seeking lands a sample early */
		if (starts[middle] <= seconds + 0.02)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

/* The time becomes a button, the one way in for the keyboard. */
function addButton(turn, label) {
	const time = turn.querySelector(".turn-time");
	const button = document.createElement("button");

	button.type = "button";
	button.textContent = time.textContent;
	button.setAttribute("aria-label", `${label} ${time.textContent}`);
	time.replaceChildren(button);
}

function startJumps(element, turns, jump) {
	for (const turn of turns)
		addButton(turn, element.dataset.jump);
	element.classList.add("can-jump");
	element.addEventListener("click", (event) => {
		const target = event.target.closest(".turn-time button, .turn-text");

		/* dragging over words selects them */
		if (target && (target.type === "button" ||
		    getSelection().isCollapsed))
			jump(Number(target.closest(".turn").dataset.start));
	});
}

/* jump(seconds) is called for a click, if there is something to jump in.
 * Returns null when the call has no transcript yet. */
export function startTranscript(article, jump) {
	const element = article.querySelector("#transcript");

	if (!element)
		return null;
	const turns = [...element.querySelectorAll(".turn")];
	const starts = turns.map((turn) => Number(turn.dataset.start));
	const listeners = [];
	let at = -1;

	if (jump)
		startJumps(element, turns, jump);
	return {
		element, turns, starts,
		/* index of the utterance being said, -1 before the first */
		get at() { return at; },
		find: (seconds) => findTurn(starts, seconds),
		/* called when another utterance is marked */
		onTurn: (listener) => listeners.push(listener),
		mark(seconds) {
			const next = findTurn(starts, seconds);

			if (next === at)
				return;
			turns[at]?.removeAttribute("aria-current");
			turns[next]?.setAttribute("aria-current", "true");
			at = next;
			for (const listener of listeners)
				listener(turns[at]);
		}
	};
}
