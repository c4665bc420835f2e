/*
 * Listening from the list: the link to a call's sound plays it in its row,
 * where a slim bar then shows and sets the position. Without script the link
 * opens the sound itself.
 */
import { clock, setIcon, spoken } from "./dom.js";

const audio = document.createElement("audio");
let link = null;	/* of the row that plays or waits */
let bar = null;		/* its position */

function show(playing) {
	link.classList.toggle("is-playing", playing);
	link.querySelector(".sr").textContent =
	    playing ? link.dataset.pause : link.dataset.play;
	setIcon(link, playing ? "pause" : "play");
}

function showText(text) {
	link.querySelector(".listen-time").textContent = text;
}

function showPosition() {
	const now = audio.currentTime;

	showText(`${clock(now)} — ${link.dataset.whole}`);
	bar.value = now;
	bar.style.setProperty("--done", `${100 * now / Number(bar.max)}%`);
	bar.setAttribute("aria-valuetext", `${spoken(now)} ${bar.dataset.of}`);
}

function leave() {
	audio.pause();
	if (link) {
		show(false);
		showText(`00:00 — ${link.dataset.whole}`);
		bar.hidden = true;
	}
	link = null;
	audio.removeAttribute("src");
}

function start(next) {
	leave();
	link = next;
	bar = link.parentElement.querySelector(".listen-seek");
	bar.hidden = false;
	audio.src = link.href;
	showPosition();
}

function toggle(next) {
	if (link !== next)
		start(next);
	if (audio.paused)
		audio.play().catch(() => {});
	else
		audio.pause();
}

function failed() {
	if (!link)
		return;
	show(false);
	bar.hidden = true;
	showText(link.dataset.failed);
}

/* The row that plays has left the list. */
export function stopIfGone() {
	if (link && !link.isConnected)
		leave();
}

/* What a call at this path is saying here, {seconds, playing}; it then
 * falls silent. Null when it says nothing. */
export function takeOver(path) {
	if (!link || !new URL(link.href).pathname.startsWith(`${path}/`))
		return null;
	const sounding = { seconds: audio.currentTime, playing: !audio.paused };

	leave();
	return sounding;
}

function startSound() {
	document.body.append(audio);
	audio.addEventListener("play", () => link && show(true));
	audio.addEventListener("pause", () => link && show(false));
	audio.addEventListener("timeupdate", () => link && showPosition());
	audio.addEventListener("ended", leave);
	audio.addEventListener("error", failed);
}

export function startListen(list) {
	startSound();
	list.addEventListener("click", (event) => {
		const wanted = event.target.closest("a.listen");

		if (!wanted || event.button !== 0 || event.ctrlKey ||
		    event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		toggle(wanted);
	});
	/* what plays and pauses is a button to the keyboard as well */
	list.addEventListener("keydown", (event) => {
		if (event.key === " " && event.target.matches("a.listen")) {
			event.preventDefault();
			toggle(event.target);
		}
	});
	list.addEventListener("input", (event) => {
		if (event.target !== bar)
			return;
		audio.currentTime = Number(bar.value);
		showPosition();
	});
}
