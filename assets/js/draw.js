/*
 * Paints the waveform: lanes, what was heard of them, pauses, the utterance
 * being said, places found, and where the window stands in the call. Knows
 * nothing of where all that comes from.
 */

const BAR = 2, STEP = 3;	/* CSS pixels: a bar, and from one to the next */
const HATCH = 6;
const EDGE = 5;			/* above and below the lanes, for the marks */

export const bars = (width) => Math.max(1, Math.floor(width / STEP));

/* Custom properties of the element: the style sheet knows the colours. */
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

/* One lane alone grows both ways, the upper of two up, the other down. */
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

/* size { width, height } in CSS pixels; view { from, to }, now, turn and
 * pauses [start, end], places [seconds], place (the one stood at) in
 * seconds; whole: the call's length; lanes as lanes.js makes them. */
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
	for (const seconds of s.places)
		if (seconds >= s.view.from && seconds <= s.view.to)
			c.fillRect(x(seconds) - 1, 0, 2, EDGE);
	if (s.place !== null)
		c.fillRect(x(s.place) - 1.5, 0, 3, height);
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
