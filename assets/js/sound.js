/* One audio at a time: when one starts, all others of the page pause. */
export function startSound() {
	document.addEventListener("play", (event) => {
		for (const audio of document.querySelectorAll("audio"))
			if (audio !== event.target)
				audio.pause();
	}, true);
}
