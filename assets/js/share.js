/*
 * Copies a link to the current position of a call. The server checks rights
 * when it is opened. If the browser refuses the clipboard, shows the link to
 * copy by hand.
 */

export function startShare(player) {
	const said = player.element.querySelector("#share-said");
	const byHand = player.element.querySelector("#share-by-hand");
	const field = byHand.querySelector("input");
	const copied = (yes) => {
		byHand.hidden = yes;
		said.textContent = yes ? said.dataset.done : "";
		if (!yes)
			field.select();
	};

	player.element.querySelector("#share").addEventListener("click",
	    async () => {
		const seconds = Math.floor(player.audio.currentTime);

		said.textContent = "";
		field.value = `${location.origin}${location.pathname}#t=${seconds}`;
		try {
			await navigator.clipboard.writeText(field.value);
			copied(true);
		} catch {
			copied(false);
		}
	});
	/* after a seek, what was said about the link is no longer true */
	player.onSeek(() => {
		said.textContent = "";
		byHand.hidden = true;
	});
}
