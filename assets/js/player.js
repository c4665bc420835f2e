/*
 * The audio of a call and its controls, over the native audio element.
 */
import { clock, setIcon, spoken, stepOf } from "./dom.js";
import { keep, recall } from "./store.js";

function startSpeed(audio, select) {
	const apply = () => {
		audio.preservesPitch = true;
		audio.defaultPlaybackRate = Number(select.value);
		audio.playbackRate = audio.defaultPlaybackRate;
	};
	const before = recall("speed");

	if ([...select.options].some((o) => Number(o.value) === before))
		select.value = before;
	apply();
	select.addEventListener("change", () => {
		apply();
		keep("speed", Number(select.value));
	});
}

/* Calls tell() at each frame while the audio plays: timeupdate alone comes four
 * times a second. */
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

function startButtons(element, { audio, toggle, skip }) {
	const play = element.querySelector("#play");
	const show = () => {
		setIcon(play, audio.paused ? "play" : "pause");
		play.setAttribute("aria-label",
		    audio.paused ? play.dataset.play : play.dataset.pause);
	};

	play.addEventListener("click", toggle);
	for (const button of element.querySelectorAll("[data-skip]"))
		button.addEventListener("click", () =>
		    skip(Number(button.dataset.skip)));
	audio.addEventListener("play", show);
	audio.addEventListener("pause", show);
}

/* The seek bar: announces the position once a second, and has its own key
 * steps. */
function startRange(range, { now, seek, skip, onTime }) {
	let said = -1;

	onTime((seconds) => {
		range.value = seconds;
		if (said === Math.floor(seconds))
			return;
		said = Math.floor(seconds);
		range.setAttribute("aria-valuetext",
		    `${spoken(seconds)} ${range.dataset.of}`);
		now.textContent = clock(seconds);
	});
	range.addEventListener("input", () => seek(Number(range.value)));
	range.addEventListener("keydown", (event) => {
		const by = stepOf(event);

		if (by === undefined)
			return;
		event.preventDefault();
		skip(by);
	});
}

function startFailure(audio, failed) {
	audio.addEventListener("error", () => { failed.hidden = false; });
	audio.addEventListener("playing", () => { failed.hidden = true; });
}

/* Starts the player of an article. Returns null when the call has no audio yet.
 * */
export function startPlayer(article) {
	const element = article.querySelector("#player");

	if (!element)
		return null;
	const byId = (id) => element.querySelector(`#${id}`);
	const audio = byId("audio");
	const length = Number(byId("seek").max);
	const onTime = [], onSeek = [];
	const tell = () => {
		for (const listener of onTime)
			listener(audio.currentTime);
	};
	const stand = (seconds) => {
		audio.currentTime = Math.min(Math.max(0, seconds), length);
		tell();
	};
	const seek = (seconds) => {
		stand(seconds);
		for (const listener of onSeek)
			listener(audio.currentTime);
	};
	/* after a failure loads the audio again, at the same position */
	const play = () => {
		const at = audio.currentTime;

		if (audio.error) {
			audio.load();
			audio.currentTime = at;
		}
		audio.play().catch(() => {});
	};
	const player = {
		element, audio, length, seek, play,
		/* moves without calling the listeners of onSeek */
		stand,
		now: byId("now"),
		skip: (seconds) => seek(audio.currentTime + seconds),
		toggle: () => audio.paused ? play() : audio.pause(),
		/* adds a listener, called whenever the position changes */
		onTime: (listener) => onTime.push(listener),
		/* adds a listener, called when the person chose a position */
		onSeek: (listener) => onSeek.push(listener),
		/* stops the audio and its download */
		end() {
			audio.pause();
			audio.removeAttribute("src");
			audio.load();
		}
	};

	/* an element from a loaded document has not selected its source */
	audio.load();
	startFailure(audio, byId("audio-failed"));
	startSpeed(audio, byId("speed"));
	startButtons(element, player);
	startRange(byId("seek"), player);
	everyFrame(audio, tell);
	tell();
	audio.controls = false;
	audio.hidden = true;
	byId("player-bar").hidden = false;
	return player;
}
