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

/*
 * Brings to life the article of a call, wherever it stands in the page; the
 * address in the bar is the call's, its title is the opener's affair.
 * stop() takes back all that was left outside the article and ends the
 * sound: call it before the article goes away.
 */
export function startCall(article) {
	const life = new AbortController();
	const { signal } = life;
	const player = startPlayer(article, signal);
	const transcript = startTranscript(article, player && ((seconds) => {
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
	if (transcript && article.dataset.query)
		markWords(transcript.element, article.dataset.query);
	addEventListener("hashchange", arrive, { signal });
	arrive();
	return { stop: () => life.abort() };
}
