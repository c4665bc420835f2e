/*
 * The waveform under the seek bar: the part of the call that it shows, and how
 * pointers move it. The native range lies over it and remains the seek bar for
 * keyboards and assistive technology. The canvas is painted only after a
 * change.
 */
import { clock } from "./dom.js";
import { bars, coloursOf, draw } from "./draw.js";
import { flatLanes, levelLanes } from "./lanes.js";
import { startPeaks } from "./peaks.js";

const CLOSEST_S = 15;	/* seconds shown at the largest zoom */
const WORTH_S = 60;	/* shorter calls have no zoom */
const AHEAD = 0.1;	/* part of the window before the position after a move */

const span = (element) =>
    [Number(element.dataset.start), Number(element.dataset.end)];

/* Returns when each party speaks: [[start, end], …] of the caller, then of the
 * callee. */
function speech(turns) {
	return ["caller", "callee"].map((speaker) =>
	    turns.filter((turn) => turn.classList.contains(speaker)).map(span));
}

/* Returns the window on the call: from and to in seconds, and its methods. */
function makeView(length) {
	const view = { from: 0, to: length };
	const put = (from, size) => {
		const start = Math.min(Math.max(0, from), length - size);

		view.from = start;
		view.to = start + size;
	};

	return Object.assign(view, {
		size: () => view.to - view.from,
		holds: (seconds) => seconds >= view.from && seconds <= view.to,
		put,
		/* enlarges it; a moment in the window stays at the same point
		 * */
		zoom(times, moment) {
			const size = Math.min(length, Math.max(
			    Math.min(CLOSEST_S, length), view.size() / times));
			const part = view.holds(moment) ?
			    (moment - view.from) / view.size() : 0.5;

			put(moment - part * size, size);
		}
	});
}

/* Handles pointers: click and drag choose a moment, two fingers or Ctrl and the
 * wheel zoom, the wheel sideways moves the window. */
function startPointers(element, { view, momentAt, look, choose, hover, signal }) {
	const down = new Map();
	let before = null;	/* distance of two fingers, or null */

	const apart = () => {
		const [a, b] = [...down.values()];

		return Math.abs(a.clientX - b.clientX);
	};
	const pinch = () => {
		const [a, b] = [...down.values()];
		const now = Math.max(10, apart());

		view.zoom(now / Math.max(10, before),
		    momentAt((a.clientX + b.clientX) / 2));
		before = now;
		look();
	};
	const release = (event) => {
		down.delete(event.pointerId);
		if (down.size === 0)
			before = null;
	};

	element.addEventListener("pointerdown", (event) => {
		if (event.button !== 0)
			return;
		down.set(event.pointerId, event);
		element.setPointerCapture(event.pointerId);
		before = down.size === 2 ? apart() : null;
		choose(down.size === 1 ? momentAt(event.clientX) : null, false);
	});
	element.addEventListener("pointermove", (event) => {
		hover(event);
		if (!down.has(event.pointerId))
			return;
		down.set(event.pointerId, event);
		if (down.size === 2)
			pinch();
		else if (before === null)
			choose(momentAt(event.clientX), false);
	});
	element.addEventListener("pointerup", (event) => {
		if (down.has(event.pointerId) && before === null)
			choose(momentAt(event.clientX), true);
		release(event);
	});
	element.addEventListener("pointercancel", (event) => {
		release(event);
		choose(null, false);
	});
	element.addEventListener("pointerleave", () => hover(null));
	element.addEventListener("wheel", (event) => {
		const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);

		if (event.ctrlKey)
			view.zoom(Math.exp(-event.deltaY / 200),
			    momentAt(event.clientX));
		else if (sideways)
			view.put(view.from + sideways / element.clientWidth *
			    view.size(), view.size());
		else
			return;
		event.preventDefault();
		look();
	}, { passive: false, signal });
}

/* Shows the time under the pointer, and who speaks then. */
function startTip(element, transcript, momentAt) {
	const tip = element.querySelector(".wave-tip");

	return (event) => {
		tip.hidden = event?.pointerType !== "mouse";
		if (tip.hidden)
			return;
		const moment = momentAt(event.clientX);
		const turn = transcript?.turns[transcript.find(moment)];
		const name = turn && moment <= Number(turn.dataset.end) ?
		    turn.querySelector(".turn-name").textContent : "";
		const { left, width } = element.getBoundingClientRect();

		tip.textContent = clock(moment) + (name && ` · ${name}`);
		tip.style.left = `${Math.min(Math.max(event.clientX - left,
		    tip.offsetWidth / 2), width - tip.offsetWidth / 2)}px`;
	};
}

/* Starts the waveform. Returns { showMatches(matches, current) } for find.js.
 * */
export function startWave(article, player, transcript, signal) {
	const element = article.querySelector("#wave");
	const canvas = element.querySelector("canvas");
	const c = canvas.getContext("2d");
	const { audio, length } = player;
	const view = makeView(length);
	const spoken = speech(transcript?.turns ?? []);
	const size = { width: 0, height: 0 };
	const state = { view, whole: length, now: 0, turn: null, matches: [],
		match: null, lanes: [],
		pauses: [...article.querySelectorAll(".pause")].map(span) };
	let colours = coloursOf(element);
	let asked = 0;		/* requested animation frame, or 0 */
	let shaped = false;	/* the lanes are up to date with the view */
	let chosen = null;	/* moment under a dragging pointer, or null */
	let levels = () => null;

	const paint = () => {
		asked = 0;
		if (size.width === 0)
			return;
		if (!shaped) {
			const n = bars(size.width);
			const stretch = levels(view, n);

			state.lanes = stretch ? levelLanes(stretch, view, n) :
			    flatLanes(spoken, view, n);
			shaped = true;
		}
		const ratio = canvas.width / size.width;

		c.setTransform(ratio, 0, 0, ratio, 0, 0);
		draw(c, size, { ...state, now: chosen ?? state.now }, colours);
	};
	const again = () => {
		asked ||= requestAnimationFrame(paint);
	};
	const look = () => {
		shaped = false;
		again();
	};
	const momentAt = (clientX) => {
		const { left, width } = element.getBoundingClientRect();
		const part = Math.min(1, Math.max(0, (clientX - left) / width));

		return view.from + part * view.size();
	};
	const choose = (moment, sure) => {
		chosen = sure ? null : moment;
		again();
		if (sure) {
			element.querySelector("input").focus({ preventScroll: true });
			player.seek(moment);
		}
	};
	const resize = () => {
		size.width = element.clientWidth;
		size.height = element.clientHeight;
		canvas.width = Math.round(size.width * devicePixelRatio);
		canvas.height = Math.round(size.height * devicePixelRatio);
		look();
	};
	const column = (seconds) => Math.round((seconds - view.from) /
	    view.size() * canvas.width);

	player.onTime((now) => {
		const leaves = view.holds(state.now) && !view.holds(now);

		if (leaves && !audio.paused) {
			view.put(now - AHEAD * view.size(), view.size());
			shaped = false;
		} else if (column(now) === column(state.now)) {
			state.now = now;
			return;
		}
		state.now = now;
		again();
	});
	player.onSeek((now) => {
		if (view.holds(now))
			return;
		view.put(now - view.size() / 2, view.size());
		look();
	});
	transcript?.onTurn((turn) => {
		state.turn = turn ? span(turn) : null;
		again();
	});
	for (const button of article.querySelectorAll("[data-zoom]")) {
		button.hidden = length < WORTH_S;
		button.addEventListener("click", () => {
			view.zoom(Number(button.dataset.zoom), audio.currentTime);
			look();
		});
	}
	startPointers(element, { view, momentAt, look, choose, signal,
	    hover: startTip(element, transcript, momentAt) });
	new ResizeObserver(resize).observe(element);
	addEventListener("resize", resize, { signal });
	for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
		matchMedia(query).addEventListener("change", () => {
			colours = coloursOf(element);
			again();
		}, { signal });
	if (player.element.dataset.peaks)
		levels = startPeaks(player.element.dataset.peaks, length, look,
		    signal);
	return {
		showMatches(matches, current) {
			state.matches = matches.map(({ seconds }) => seconds);
			state.match = matches[current]?.seconds ?? null;
			again();
		}
	};
}
