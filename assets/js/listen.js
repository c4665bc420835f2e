/*
 * Listening from the list: the link to a call's sound plays it in its row,
 * where a slim bar then shows and sets the position. Without script the link
 * opens the sound itself.
 */
import { clock, setIcon, spoken, stepOf } from "./dom.js";

const audio = document.createElement("audio");
let link = null;	/* of the row that plays or waits */
let bar = null;		/* its position */

function show(playing) {
	link.classList.toggle("is-playing", playing);
	link.querySelector(".sr").textContent =
	    playing ? link.dataset.pause : link.dataset.play;
	setIcon(link, playing ? "pause" : "play");
}

/* What is wrong is said aloud, the time that goes by is not. */
function showText(text, role = null) {
	const time = link.querySelector(".listen-time");

	time.role = role;
	time.textContent = text;
}

function showPosition() {
	const now = audio.currentTime;

	showText(`${clock(now)} — ${link.dataset.whole}`);
	bar.value = now;
	bar.style.setProperty("--done", `${100 * now / Number(bar.max)}%`);
	bar.setAttribute("aria-valuetext", `${spoken(now)} ${bar.dataset.of}`);
}

/* Who was on the bar stays in the row. */
function hideBar() {
	if (document.activeElement === bar)
		link.focus({ preventScroll: true });
	bar.hidden = true;
}

function leave() {
	audio.pause();
	if (link) {
		show(false);
		showText(`00:00 — ${link.dataset.whole}`);
		hideBar();
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
	if (link !== next || audio.error)
		start(next);
	if (audio.paused)
		audio.play().catch(() => {});
	else
		audio.pause();
}

function seek(seconds) {
	audio.currentTime = Math.min(Math.max(0, seconds), Number(bar.max));
	showPosition();
}

function onKey(event) {
	const onBar = event.target === bar;
	const by = onBar ? stepOf(event) : undefined;

	if (by !== undefined)
		seek(audio.currentTime + by);
	else if (event.key === " " && (onBar || event.target.matches("a.listen")))
		toggle(onBar ? link : event.target);
	else
		return;
	event.preventDefault();
}

function failed() {
	if (!link)
		return;
	show(false);
	hideBar();
	showText(link.dataset.failed, "alert");
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
	/* a sound that failed still tells its time */
	audio.addEventListener("timeupdate", () =>
	    link && !audio.error && showPosition());
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
	list.addEventListener("keydown", onKey);
	list.addEventListener("input", (event) => {
		if (event.target === bar)
			seek(Number(bar.value));
	});
}
