/*
 * Keeps the current utterance in view, and stops when the person looks
 * elsewhere: wheel, touch, keys, scroll bar, selection, search. A button then
 * leads back. Measures the page only when the utterance changes or something
 * scrolls.
 */

const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown",
	"Home", "End", " "]);
const FIELDS = "input, select, textarea, #keys";
const PRESSED = "a, button, summary";
const OURS_MS = 1000;	/* longest scroll of this module, without scrollend */

/* Returns what scrolls around the element: a dialog's body, or the window. */
function scrollerOf(element) {
	for (let e = element.parentElement; e && e !== document.body;
	    e = e.parentElement)
		if (/auto|scroll/.test(getComputedStyle(e).overflowY))
			return e;
	return document.scrollingElement;
}

const smooth = () =>
    !matchMedia("(prefers-reduced-motion: reduce)").matches;

/* Returns the band between the fixed parts: top and bottom in pixels. */
function readingBand(scroller, article) {
	const whole = scroller === document.scrollingElement;
	const box = whole ? { top: 0, bottom: innerHeight } :
	    scroller.getBoundingClientRect();
	const head = article.querySelector(".transcript-head");
	const player = article.querySelector("#player");
	let { top, bottom } = box;

	for (const part of [head, player]) {
		const side = part?.getBoundingClientRect();

		if (!side)
			continue;
		if (part === player && getComputedStyle(part).position === "fixed")
			bottom = Math.min(bottom, side.top);
		else
			top = Math.max(top, side.bottom);
	}
	return { top, bottom };
}

/* Starts following. Before the first play it scrolls nothing, and ignores the
 * person's scrolling. */
export function startFollow(article, transcript, signal) {
	const button = article.querySelector("#follow");
	const scroller = scrollerOf(article);
	let begun = false;
	let following = true;
	let ours = 0;		/* timer of this module's scroll, or 0 */
	let held = false;	/* the view is where this module scrolled it */

	const set = (on) => {
		following = on;
		button.hidden = on;
	};
	const leave = () => {
		held = false;
		if (following && begun)
			set(false);
	};
	/* How far to scroll to the utterance: 0 inside the upper three
	 * quarters of the band. */
	const distance = () => {
		const { top, bottom } = readingBand(scroller, article);
		const turn = transcript.turns[transcript.at]
		    .getBoundingClientRect();
		const room = bottom - top;

		if (turn.top >= top && turn.bottom <= bottom - room / 4)
			return { by: 0, room };
		return { by: turn.top - top - Math.max(12, Math.min(room / 4,
		    room - turn.height - 12)), room };
	};
	const move = (kind) => {
		const { by, room } = distance();

		if (Math.abs(by) < 1)
			return;
		clearTimeout(ours);
		ours = setTimeout(settled, OURS_MS);
		scroller.scrollBy({ top: by, behavior: kind === "smooth" &&
		    smooth() && Math.abs(by) < 2 * room ? kind : "instant" });
	};
	const settled = () => {
		clearTimeout(ours);
		ours = 0;
	};
	const show = () => {
		held = transcript.at >= 0;
		if (held)
			move("smooth");
	};
	const resume = () => {
		set(true);
		show();
	};
	const onScroll = (event) => {
		if (ours || !held ||
		    (event.target !== document && event.target !== scroller))
			return;
		const { top, bottom } = readingBand(scroller, article);
		const turn = transcript.turns[transcript.at]
		    .getBoundingClientRect();

		if (turn.bottom < top || turn.top > bottom)
			leave();
	};
	const onKey = (event) => {
		const theirs = event.key === " " ? `${FIELDS}, ${PRESSED}` : FIELDS;

		if (SCROLL_KEYS.has(event.key) && !event.defaultPrevented &&
		    !event.target.closest(theirs))
			leave();
	};
	const onSelect = () => {
		const selection = getSelection();

		if (!selection.isCollapsed &&
		    transcript.element.contains(selection.anchorNode))
			leave();
	};

	/* Sections that come near get their real height, which moves what is
	 * below them. */
	const heights = new ResizeObserver(() => {
		if (held)
			move("instant");
	});

	for (const section of transcript.element.children)
		heights.observe(section);
	signal.addEventListener("abort", () => heights.disconnect());
	for (const type of ["wheel", "touchmove"])
		scroller.addEventListener(type, (event) => {
			/* the waveform handles its own wheel events */
			if (!event.defaultPrevented)
				leave();
		}, { passive: true, signal });
	document.addEventListener("scroll", onScroll,
	    { capture: true, passive: true, signal });
	document.addEventListener("scrollend", settled,
	    { capture: true, signal });
	document.addEventListener("selectionchange", onSelect, { signal });
	addEventListener("keydown", onKey, { signal });
	button.addEventListener("click", () => {
		const turn = transcript.turns[transcript.at];

		resume();
		/* the button disappears: move the focus to the utterance */
		if (turn) {
			turn.tabIndex = -1;
			turn.focus({ preventScroll: true });
		}
	});
	transcript.onTurn(() => {
		held = false;
		if (following && begun)
			show();
	});
	return {
		leave, resume,
		/* called when the audio starts */
		begin() {
			begun = true;
			if (following)
				show();
		}
	};
}
