// The table's ratios as an SVG chart: a bar from 1 to the ratio on a logarithmic
// scale, and a mark at the goal. Generic fonts, no script; readable in light and
// in dark, and without colour.
const width = 1080, left = 480, right = 220, line = 36, head = 88;

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

// A ratio with two digits after the point, or two that are not 0.
export const ratioText = (ratio) => ratio >= 0.1 || ratio === 0 ? ratio.toFixed(2) : String(Number(ratio.toPrecision(2)));

// Returns { value, met } of a goal such as "<= 3" for a ratio, or null.
export function goalOf(goal, ratio) {
	const [, sign, digits] = /^([<>]=?|)\s*([\d.]+)$/.exec(goal) ?? [];
	if (digits === undefined)
		return null;
	const value = Number(digits);
	return { value, met: sign.startsWith(">") ? ratio >= value : ratio <= value };
}

// Returns the position of a ratio, and the powers of ten to be marked.
function scale(rows) {
	const all = rows.flatMap((r) => [r.ratio, goalOf(r.goal, r.ratio)?.value ?? 1]).filter((x) => x > 0);
	const low = Math.min(-1, Math.floor(Math.log10(Math.min(...all))));
	const high = Math.max(1, Math.ceil(Math.log10(Math.max(...all))));
	const unit = (width - left - right) / (high - low);
	return { x: (ratio) => left + (Math.min(Math.max(Math.log10(ratio), low), high) - low) * unit,
		powers: Array.from({ length: high - low + 1 }, (_, i) => low + i) };
}

function bar(r, y, x) {
	const goal = goalOf(r.goal, r.ratio), at = x(r.ratio), one = x(1);
	const state = goal === null ? "plain" : goal.met ? "met" : "missed";
	const words = { plain: "", met: "reached", missed: "not reached" }[state];
	const mark = goal && `<path class="goal" d="M${x(goal.value).toFixed(1)} ${y}v22"/>`;
	return `<text x="${left - 12}" y="${y + 9}" class="what">${escaped(r.what)}</text>
<text x="${left - 12}" y="${y + 23}" class="what small">${escaped(`${r.ours}, ${r.against}`)}</text>
<rect class="${state}" x="${Math.min(at, one).toFixed(1)}" y="${y + 4}" width="${Math.max(1.5, Math.abs(at - one)).toFixed(1)}" height="14"/>
${mark ?? ""}<text x="${width - right + 12}" y="${y + 15}"><tspan class="ratio">${ratioText(r.ratio)}</tspan>${
    escaped(goal ? ` (${r.goal} ${words})` : r.goal && ` (${r.goal})`)}</text>`;
}

// rows: as run.js collects them. Rows whose ratio is no number are left out.
export function chart(title, rows) {
	const shown = rows.filter((r) => Number.isFinite(r.ratio) && r.ratio > 0);
	const { x, powers } = scale(shown);
	const out = [];
	let y = head, part;
	for (const r of shown) {
		if (r.part !== part)
			out.push(`<text x="20" y="${(y += 26) - 8}" class="part">${escaped(part = r.part)}</text>`);
		out.push(bar(r, y, x));
		y += line;
	}
	const height = y + 44;
	const grid = powers.map((p) => `<path class="${p === 0 ? "one" : "grid"}" d="M${x(10 ** p)} ${head - 10}V${y + 6}"/>` +
	    `<text class="tick" x="${x(10 ** p)}" y="${y + 24}">${10 ** p}</text>`);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
svg { background: #fff; color: #1c1c1c; font: 13px sans-serif }
text { fill: currentColor } .what { text-anchor: end } .tick { text-anchor: middle; font-size: 11px }
.part { font-weight: bold; font-size: 14px } .head { font-size: 17px; font-weight: bold } .ratio { font-weight: bold }
.small { font-size: 11px; opacity: 0.75 }
.grid { stroke: #d5d5d5 } .one { stroke: #6b6b6b } .goal { stroke: #1c1c1c; stroke-width: 3; fill: none }
.met { fill: #2a7f9e } .missed { fill: #d9731a; stroke: #1c1c1c; stroke-dasharray: 3 2 } .plain { fill: #9a9a9a }
@media (prefers-color-scheme: dark) {
svg { background: #16181b; color: #e8e8e8 } .grid { stroke: #3a3d42 } .one { stroke: #9a9a9a }
.goal { stroke: #fff } .met { fill: #58b3d4 } .missed { fill: #f0933f; stroke: #fff } .plain { fill: #777c84 }
}
</style>
<rect width="100%" height="100%" fill="none"/>
<text x="20" y="32" class="head">${escaped(title)}</text>
<text x="20" y="56">Ratio of ours to a peer or a limit of the same run. Thick mark: the goal. Dashed: not reached. Grey: no goal.</text>
${grid.join("\n")}
${out.join("\n")}
</svg>
`;
}
