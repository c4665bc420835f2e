/*
 * One call: connects the player, the transcript, the waveform and the search,
 * which know little of each other.
 */
import { startFind } from "./find.js";
import { startFollow } from "./follow.js";
import { startKeys } from "./keys.js";
import { startResume } from "./resume.js";
import { startPlayer } from "./player.js";
import { startShare } from "./share.js";
import { startSystem } from "./system.js";
import { startTranscript } from "./transcript.js";
import { startWave } from "./wave.js";

/* Returns the seconds of #t=83.42 (W3C Media Fragments), or null. */
function askedSeconds() {
	const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);

	return found ? Number(found[1]) : null;
}

/* Seeks to the utterance that many steps from the current one. */
function step(player, { at, starts }, by) {
	const next = Math.min(Math.max(0, at + by), starts.length - 1);

	player.seek(starts[next]);
}

function actsOf(player, transcript, find) {
	const acts = {};

	if (player)
		Object.assign(acts, { k: player.toggle, " ": player.toggle,
			j: () => player.skip(-10), l: () => player.skip(10),
			arrowleft: () => player.skip(-5),
			arrowright: () => player.skip(5) });
	if (player && transcript)
		Object.assign(acts, {
			arrowup: () => step(player, transcript, -1),
			arrowdown: () => step(player, transcript, 1) });
	if (find)
		acts["/"] = find.focus;
	return acts;
}

/* Sets the height of the fixed player, which the scroll margins use. */
function setPlayerHeight(article, player) {
	new ResizeObserver(() => article.style.setProperty("--player-height",
	    `${player.element.offsetHeight}px`)).observe(player.element);
}

function startSound(article, player, transcript, follow, signal) {
	player.onTime((seconds) => transcript?.mark(seconds));
	player.onSeek(() => follow?.resume());
	player.audio.addEventListener("play", () => follow?.begin());
	const wave = startWave(article, player, transcript, signal);

	startShare(player);
	startSystem(article, player, signal);
	startResume(player, askedSeconds() !== null, signal);
	setPlayerHeight(article, player);
	return wave;
}

/*
 * Starts the article of a call, in a page or in a dialog. The address must be
 * the call's; the caller sets the title. Returns { stop() }, which removes
 * everything outside the article and ends the audio: call it before the article
 * is removed.
 */
export function startCall(article) {
	const life = new AbortController();
	const { signal } = life;
	const player = startPlayer(article);
	const transcript = startTranscript(article, player && ((seconds) => {
		player.seek(seconds);
		player.play();
	}));
	const follow = transcript && startFollow(article, transcript, signal);
	const wave = player &&
	    startSound(article, player, transcript, follow, signal);
	const find = transcript && startFind(article, transcript,
	    { found: wave?.showMatches ?? (() => {}), leave: follow.leave }, signal);
	const arrive = () => {
		const seconds = askedSeconds();

		if (seconds === null)
			return;
		player?.seek(seconds);
		transcript?.mark(seconds);
		follow?.resume();
	};

	startKeys(article, actsOf(player, transcript, find), signal);
	addEventListener("hashchange", arrive, { signal });
	arrive();
	if (article.dataset.query)
		find?.begin(article.dataset.query);
	return {
		stop() {
			life.abort();
			player?.end();
		}
	};
}
