/*
 * The player's own controls over the native audio element. Knows seconds,
 * not words. Returns null when the call has no sound yet.
 */
import { clock, setIcon, spoken } from "./dom.js";

const SPEED_KEY = "smartrecord.speed";

/* The browser may refuse storage: the speed is then not remembered. */
function remembered() {
	try {
		return localStorage.getItem(SPEED_KEY);
	} catch {
		return null;
	}
}

function remember(speed) {
	try {
		localStorage.setItem(SPEED_KEY, speed);
	} catch {
		/* nothing to do: it is a comfort */
	}
}

function startSpeed(audio, select) {
	const apply = () => {
		audio.defaultPlaybackRate = Number(select.value);
		audio.playbackRate = audio.defaultPlaybackRate;
	};

	if ([...select.options].some((o) => o.value === remembered()))
		select.value = remembered();
	apply();
	select.addEventListener("change", () => {
		apply();
		remember(select.value);
	});
}

/* Pointing at each frame while playing keeps the mark with the voice;
 * timeupdate alone comes four times a second. */
function everyFrame(audio, tell) {
	const frame = () => {
		tell();
		if (!audio.paused)
			requestAnimationFrame(frame);
	};

	audio.addEventListener("play", frame);
	audio.addEventListener("timeupdate", tell);
	audio.addEventListener("seeked", tell);
}

function startButtons(player, audio, seek) {
	const play = player.querySelector("#play");
	const show = () => {
		setIcon(play, audio.paused ? "play" : "pause");
		play.setAttribute("aria-label",
		    audio.paused ? play.dataset.play : play.dataset.pause);
	};

	play.addEventListener("click", () => {
		if (audio.paused)
			audio.play().catch(() => {});
		else
			audio.pause();
	});
	for (const button of player.querySelectorAll("[data-skip]"))
		button.addEventListener("click", () =>
		    seek(audio.currentTime + Number(button.dataset.skip)));
	audio.addEventListener("play", show);
	audio.addEventListener("pause", show);
}

/* Ends the download with the sound. */
function silence(audio) {
	audio.pause();
	audio.removeAttribute("src");
	audio.load();
}

/* The sound ends when the signal aborts. */
export function startPlayer(article, signal) {
	const player = article.querySelector("#player");

	if (!player)
		return null;
	const byId = (id) => player.querySelector(`#${id}`);
	const audio = byId("audio");
	const range = byId("seek");
	const length = Number(range.max);
	const listeners = [];
	const tell = () => {
		const now = audio.currentTime;

		range.value = now;
		range.style.setProperty("--done", `${100 * now / length}%`);
		range.setAttribute("aria-valuetext",
		    `${spoken(now)} ${range.dataset.of}`);
		byId("now").textContent = clock(now);
		for (const listener of listeners)
			listener(now);
	};
	const seek = (seconds) => {
		audio.currentTime = Math.min(Math.max(0, seconds), length);
		tell();
	};

	range.addEventListener("input", () => seek(Number(range.value)));
	audio.addEventListener("error", () => { byId("audio-failed").hidden = false; });
	audio.addEventListener("playing", () => { byId("audio-failed").hidden = true; });
	signal.addEventListener("abort", () => silence(audio));
	startSpeed(audio, byId("speed"));
	startButtons(player, audio, seek);
	everyFrame(audio, tell);
	tell();
	audio.controls = false;
	audio.hidden = true;
	byId("player-bar").hidden = false;
	return {
		seek,
		play: () => audio.play().catch(() => {}),
		onTime: (listener) => listeners.push(listener)
	};
}
