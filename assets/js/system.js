/*
 * Controls the call from the system's player (Media Session): lock screen,
 * media keys, headset.
 */

const SKIP_S = 10;

export function startSystem(article, player, signal) {
	const session = navigator.mediaSession;
	const { audio, length, seek, skip } = player;

	if (!session)
		return;
	const actions = {
		play: player.play,
		pause: () => audio.pause(),
		seekbackward: ({ seekOffset }) => skip(-(seekOffset ?? SKIP_S)),
		seekforward: ({ seekOffset }) => skip(seekOffset ?? SKIP_S),
		seekto: ({ seekTime }) => seek(seekTime)
	};
	const handle = (name, action) => {
		try {
			session.setActionHandler(name, action);
		} catch {
			/* an action this browser does not know */
		}
	};
	const tellPosition = () => session.setPositionState?.({ duration: length,
		playbackRate: audio.playbackRate,
		position: Math.min(audio.currentTime, length) });

	/* only once the call plays */
	audio.addEventListener("play", () => {
		session.metadata = new MediaMetadata({
		    title: article.querySelector("h1").textContent,
		    artist: [...article.querySelectorAll(".call-facts .party-name")]
			.map((name) => name.textContent).join(" – ") });
		for (const [name, action] of Object.entries(actions))
			handle(name, action);
		session.playbackState = "playing";
		tellPosition();
	});
	audio.addEventListener("pause", () => {
		session.playbackState = "paused";
	});
	for (const type of ["seeked", "ratechange", "pause"])
		audio.addEventListener(type, () => session.metadata && tellPosition());
	signal.addEventListener("abort", () => {
		for (const name of Object.keys(actions))
			handle(name, null);
		session.metadata = null;
		session.playbackState = "none";
		session.setPositionState?.();
	});
}
