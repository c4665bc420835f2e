/*
 * One call: the player and its transcript. Ties the two together; each knows
 * nothing of the other.
 */
import { startPlayer } from "./player.js";
import { startTranscript } from "./transcript.js";
import { markWords } from "./words.js";

/* Seconds asked for by #t=83.42 (Media Fragments), or nothing. */
function askedSeconds() {
	const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);

	return found ? Number(found[1]) : null;
}

export function startCall() {
	const call = document.getElementById("call");

	if (!call)
		return;
	const player = startPlayer();
	const transcript = startTranscript(player && ((seconds) => {
		player.seek(seconds);
		player.play();
	}));
	const arrive = () => {
		const seconds = askedSeconds();

		if (seconds === null)
			return;
		player?.seek(seconds);
		transcript?.follow(seconds);
		transcript?.scrollTo(seconds);
	};

	player?.onTime((seconds) => transcript?.follow(seconds));
	if (transcript && call.dataset.query)
		markWords(transcript.element, call.dataset.query);
	addEventListener("hashchange", arrive);
	arrive();
}
