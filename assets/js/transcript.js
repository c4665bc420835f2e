/*
 * The transcript: marks the current utterance, and jumps when a time or a text
 * is clicked. Knows nothing of the audio.
 */

/* Returns the index of the last start at or before the time; -1 if none. */
function findTurn(starts, seconds) {
	let low = 0, high = starts.length;

	while (low < high) {
		const middle = (low + high) >> 1;

		/* tolerance: a seek may end one sample early */
		if (starts[middle] <= seconds + 0.02)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

/* Makes the time a button, for the keyboard. */
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

/* Starts the transcript; jump(seconds), if given, is called for a click.
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
		/* index of the current utterance, -1 before the first */
		get at() { return at; },
		find: (seconds) => findTurn(starts, seconds),
		/* adds a listener, called when another utterance is marked */
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
