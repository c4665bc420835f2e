/* One sound at a time: whatever starts stops all others of the page. */
export function startSound() {
	document.addEventListener("play", (event) => {
		for (const audio of document.querySelectorAll("audio"))
			if (audio !== event.target)
				audio.pause();
	}, true);
}
