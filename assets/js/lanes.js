/*
 * Computes the heights of the waveform's bars, 0 to 1, one array per lane:
 * upper (caller) and lower (callee), or one lane for a mono recording. A view
 * is { from, to } in seconds.
 */

const LOW = 0.14, HIGH = 0.5;	/* range of a bar of flatLanes() */
const QUIET = 0.04;		/* lower levels are noise of the line */

/* Returns n bars from the spans of speech ([[start, end], …] for each lane),
 * for the time before the levels arrive: higher where more of a bar is speech.
 * */
export function flatLanes(spans, { from, to }, n) {
	const step = (to - from) / n;

	return spans.map((lane) => {
		const bars = new Float32Array(n);

		for (const [start, end] of lane) {
			const first = Math.max(0, Math.floor((start - from) / step));
			const last = Math.min(n - 1, Math.floor((end - from) / step));

			for (let i = first; i <= last; i++)
				bars[i] += (Math.min(end, from + (i + 1) * step) -
				    Math.max(start, from + i * step)) / step;
		}
		return bars.map((part) => part > 0.01 ?
		    LOW + (HIGH - LOW) * Math.min(1, part) : 0);
	});
}

/* Returns n bars from levels (0 to 255) over a stretch that covers the view. */
export function levelLanes({ from: start, to: end, lanes }, { from, to }, n) {
	return lanes.map((levels) => {
		const bars = new Float32Array(n);
		const ratio = levels.length / (end - start);

		for (let i = 0; i < n; i++) {
			const at = (from - start + i * (to - from) / n) * ratio;
			const next = at + ratio * (to - from) / n;
			let most = 0;

			for (let j = Math.max(0, Math.floor(at));
			    j < Math.min(levels.length, Math.ceil(next)); j++)
				most = Math.max(most, levels[j]);
			bars[i] = most / 255 < QUIET ? 0 : most / 255;
		}
		return bars;
	});
}
