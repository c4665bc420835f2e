/*
 * Loads the levels of the audio: once for the whole call, then finer ones for
 * the part in view. Without them the waveform shows flatLanes().
 */

const WHOLE = 2000, MOST = 4000;	/* levels of a request: first, at most */
const LOOKING_MS = 150;			/* wait for zooms and moves to end */

/* Calls changed() when more levels have arrived. Returns a function (view,
 * number of bars) that returns the finest stretch that covers the view: { from,
 * to, lanes: [levels of the caller, of the callee] }, or null. */
export function startPeaks(href, length, changed, signal) {
	let whole = null, part = null, timer, loading;

	async function load(from, to, n) {
		loading?.abort();
		loading = new AbortController();
		const query = new URLSearchParams({ from_ms: Math.round(from * 1000),
			to_ms: Math.round(to * 1000), n });

		try {
			const answer = await fetch(`${href}?${query}`,
			    { signal: loading.signal });

			if (!answer.ok)
				return null;
			const { from_ms, to_ms, lanes } = await answer.json();
			const upper = ({ speaker }) => speaker !== "callee";

			lanes.sort((a, b) => upper(b) - upper(a));
			/* the requested fineness: a repeated request gives no
			 * more */
			return { from: from_ms / 1000, to: to_ms / 1000,
				fineness: n / (to - from),
				lanes: lanes.map(({ levels }) => levels) };
		} catch {
			return null;
		}
	}

	const covers = (stretch, { from, to }) =>
	    stretch && stretch.from <= from + 0.01 && stretch.to >= to - 0.01;

	async function refine({ from, to }, n) {
		const margin = (to - from) / 2;
		const finer = await load(Math.max(0, from - margin),
		    Math.min(length, to + margin), Math.min(MOST, 4 * n));

		part = finer ?? part;
		if (finer)
			changed();
	}

	load(0, length, WHOLE).then((stretch) => {
		whole = stretch;
		if (whole)
			changed();
	});
	signal.addEventListener("abort", () => {
		clearTimeout(timer);
		loading?.abort();
	});
	return (view, n) => {
		const needed = n / (view.to - view.from);

		clearTimeout(timer);
		if (covers(part, view) && part.fineness >= needed)
			return part;
		if (whole && whole.fineness < needed)
			timer = setTimeout(() => refine(view, n), LOOKING_MS);
		return covers(part, view) &&
		    part.fineness > whole.fineness ? part : whole;
	};
}
