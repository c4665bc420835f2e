/*
 * Plays calls in the list: the link to a call's audio plays it in its row, from
 * the searched words, where a bar shows and sets the position. Without script
 * the link opens the audio.
 */
import { clock, setIcon, spoken, stepOf } from "./dom.js";

const audio = document.createElement("audio");
let link = null;	/* of the row that plays or is paused */
let bar = null;		/* seek bar of that row */

function show(playing) {
	link.classList.toggle("is-playing", playing);
	link.querySelector(".sr").textContent =
	    playing ? link.dataset.pause : link.dataset.play;
	setIcon(link, playing ? "pause" : "play");
}

/* Shows a text in place of the time; role "alert" makes screen readers announce
 * it. */
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

/* Hides the bar; a focus on it moves to the link. */
function hideBar() {
	if (document.activeElement === bar)
		link.focus({ preventScroll: true });
	bar.hidden = true;
}

function leave() {
	audio.pause();
	if (link) {
		show(false);
		showText(`${clock(link.dataset.from)} — ${link.dataset.whole}`);
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
	audio.currentTime = Number(link.dataset.from);
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

/* Stops the audio when its row has left the list. */
export function stopIfGone() {
	if (link && !link.isConnected)
		leave();
}

/* Stops the audio of the call at this path. Returns { seconds, playing } of it,
 * or null when it was not playing here. */
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
	/* failed audio still sends timeupdate */
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
	/* Space works on the link as on a button */
	list.addEventListener("keydown", onKey);
	list.addEventListener("input", (event) => {
		if (event.target === bar)
			seek(Number(bar.value));
	});
}
