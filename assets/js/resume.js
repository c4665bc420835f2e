/*
 * Keeps the position at which a call was left, and starts there the next time.
 * Only of the last calls; a call played to its end is forgotten.
 */
import { clock } from "./dom.js";
import { keep, recall } from "./store.js";

const NAME = "left";
const CALLS = 50;
const STEP_S = 5;	/* between two writes; also the margin at both ends */

function positions() {
	const list = recall(NAME);

	return Array.isArray(list) ? list.filter(Array.isArray) : [];
}

/* Keeps the position of a call, by its path; seconds null forgets it. */
function remember(call, seconds) {
	const others = positions().filter(([name]) => name !== call);

	keep(NAME, (seconds === null ? others :
	    [[call, seconds], ...others]).slice(0, CALLS));
}

function startWriting({ audio, length, onTime, onSeek }, call, signal) {
	let written = null, heard = false;
	const write = () => {
		const now = audio.currentTime;

		if (!heard)
			return;
		written = now;
		remember(call, now > length - STEP_S || now < STEP_S ? null :
		    Math.round(now));
	};

	audio.addEventListener("play", () => { heard = true; }, { signal });
	audio.addEventListener("pause", write, { signal });
	onSeek(write);
	onTime((now) => {
		if (!audio.paused && Math.abs(now - written) >= STEP_S)
			write();
	});
	addEventListener("pagehide", write, { signal });
	signal.addEventListener("abort", write);
}

/* Moves to the position at which the call was left, unless the address asked
 * for one (asked). */
export function startResume(player, asked, signal) {
	const notice = player.element.querySelector("#resumed");
	const call = new URL(player.audio.src).pathname;
	const found = positions().find(([name]) => name === call)?.[1];

	startWriting(player, call, signal);
	if (asked || !(found > 0 && found < player.length))
		return;
	player.stand(found);
	notice.querySelector("span").textContent = clock(found);
	notice.hidden = false;
	notice.querySelector("button").addEventListener("click", () => {
		player.seek(0);
		player.element.querySelector("#play").focus();
	});
	player.onTime((now) => {
		if (Math.abs(now - found) > STEP_S)
			notice.hidden = true;
	});
}
