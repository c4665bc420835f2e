/*
 * Listening from the list: the link to a call's sound plays it in its row.
 * One call at a time. Without script the link opens the sound itself.
 */
import { clock, setIcon } from "./dom.js";

const audio = new Audio();
let link = null;	/* of the row that plays or waits */
let whole = "";		/* its duration, in words */

function show(playing) {
	link.classList.toggle("is-playing", playing);
	link.setAttribute("aria-pressed", String(playing));
	setIcon(link, playing ? "pause" : "play");
}

function showTime(text) {
	link.querySelector(".listen-time").textContent = text;
}

function leave() {
	audio.pause();
	if (link) {
		show(false);
		showTime(whole);
	}
	link = null;
}

function start(next) {
	leave();
	link = next;
	whole = link.querySelector(".listen-time").textContent;
	audio.src = link.href;
}

function toggle(next) {
	if (link !== next)
		start(next);
	if (audio.paused)
		audio.play().catch(() => {});
	else
		audio.pause();
}

/* The row that plays has left the list. */
export function stopIfGone() {
	if (link && !link.isConnected)
		leave();
}

export function startListen(list) {
	list.addEventListener("click", (event) => {
		const wanted = event.target.closest("a.listen");

		if (!wanted || event.button !== 0 || event.ctrlKey ||
		    event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		toggle(wanted);
	});
	audio.addEventListener("play", () => show(true));
	audio.addEventListener("pause", () => link && show(false));
	audio.addEventListener("timeupdate", () => link &&
	    showTime(`${clock(audio.currentTime)} — ${whole}`));
	audio.addEventListener("ended", leave);
	audio.addEventListener("error", () => {
		if (!link)
			return;
		show(false);
		showTime(link.dataset.failed);
	});
}
