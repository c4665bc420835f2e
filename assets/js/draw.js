/*
 * Paints the waveform: lanes, the part already played, pauses, the current
 * utterance, matches of a search, and the window's position in the call.
 */

const BAR = 2, STEP = 3;	/* CSS pixels: width and distance of bars */
const HATCH = 6;
const EDGE = 5;			/* above and below the lanes, for the marks */

export const bars = (width) => Math.max(1, Math.floor(width / STEP));

/* Returns the colours, from the element's custom properties. */
export function coloursOf(element) {
	const style = getComputedStyle(element);

	return Object.fromEntries(["rest", "done", "turn", "pause", "mark",
	    "head", "line"].map((name) =>
		[name, style.getPropertyValue(`--wave-${name}`).trim()]));
}

function hatch(c, left, width, height) {
	c.save();
	c.beginPath();
	c.rect(left, 0, width, height);
	c.clip();
	c.beginPath();
	for (let x = Math.floor((left - height) / HATCH) * HATCH;
	    x < left + width; x += HATCH) {
		c.moveTo(x, height);
		c.lineTo(x + height, 0);
	}
	c.lineWidth = 1.25;
	c.stroke();
	c.restore();
}

/* Adds a lane's bars to the path: a single lane grows both ways, the upper of
 * two up, the lower down. */
function lane(c, heights, { top, bottom }, split) {
	const middle = (top + bottom) / 2;
	const room = (bottom - top) / 2 - 1;
	const up = heights.length === 1 || split === 0;
	const down = heights.length === 1 || split === 1;
	const list = heights[split];

	for (let i = 0; i < list.length; i++) {
		const tall = list[i] > 0 ? Math.max(1.5, list[i] * room) : 0;

		if (tall > 0)
			c.rect(i * STEP, middle - (up ? tall + 0.5 : -0.5), BAR,
			    (up && down ? 2 * tall + 1 : tall));
	}
}

/* Paints on the 2D context c of a size in CSS pixels. The state s, in seconds:
 * view { from, to }, now, turn and pauses [start, end], matches [seconds],
 * match (the current one or null), whole (the call's length); lanes are those
 * of lanes.js. */
export function draw(c, { width, height }, s, colours) {
	const scale = width / (s.view.to - s.view.from);
	const x = (seconds) => (seconds - s.view.from) * scale;
	const box = { top: EDGE, bottom: height - EDGE };
	const seen = ([start, end]) => end > s.view.from && start < s.view.to;

	c.clearRect(0, 0, width, height);
	if (s.turn && seen(s.turn)) {
		c.fillStyle = colours.turn;
		c.fillRect(x(s.turn[0]), 0, Math.max(2, x(s.turn[1]) -
		    x(s.turn[0])), height);
	}
	c.strokeStyle = colours.pause;
	for (const [start, end] of s.pauses.filter(seen))
		hatch(c, x(start), Math.max(2, x(end) - x(start)), height);
	c.fillStyle = colours.line;
	c.fillRect(0, height / 2 - 0.5, width, 1);
	const paint = (colour, left, right) => {
		c.save();
		c.beginPath();
		c.rect(left, 0, right - left, height);
		c.clip();
		c.beginPath();
		s.lanes.forEach((_, i) => lane(c, s.lanes, box, i));
		c.fillStyle = colour;
		c.fill();
		c.restore();
	};
	const head = Math.min(width, Math.max(0, x(s.now)));

	paint(colours.done, 0, head);
	paint(colours.rest, head, width);
	c.fillStyle = colours.mark;
	for (const seconds of s.matches)
		if (seconds >= s.view.from && seconds <= s.view.to)
			c.fillRect(x(seconds) - 1, 0, 2, EDGE);
	if (s.match !== null)
		c.fillRect(x(s.match) - 1.5, 0, 3, height);
	c.fillStyle = colours.head;
	if (s.now >= s.view.from && s.now <= s.view.to)
		c.fillRect(head - 1, 0, 2, height);
	if (s.view.to - s.view.from < s.whole) {
		c.fillStyle = colours.line;
		c.fillRect(0, height - 3, width, 3);
		c.fillStyle = colours.head;
		c.fillRect(width * s.view.from / s.whole, height - 3, Math.max(6,
		    width * (s.view.to - s.view.from) / s.whole), 3);
	}
}
