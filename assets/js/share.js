/*
 * A link to the moment being heard. Rights are asked for again where it is
 * opened. The clipboard may be refused: the link is then shown to be copied
 * by hand.
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
	/* another moment, another link */
	player.onSeek(() => {
		said.textContent = "";
		byHand.hidden = true;
	});
}
