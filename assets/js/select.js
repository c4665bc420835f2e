/*
 * Selects many recordings of a list: single rows, the page, or all that the
 * filter found except some. The selection stays when the list is filtered or
 * grows. Without script the checkboxes of the same form select the rows on
 * screen.
 */

const MANY = 1000;	/* ids that a request may name */

const ticked = new Set();	/* selected ids */
const spared = new Set();	/* ids excepted, when all are selected */
let all = false;
let form, results, bar, said, page;

const boxes = () => [...results.querySelectorAll("input[name=id]")];
const chosen = (id) => all ? !spared.has(id) : ticked.has(id);

function total() {
	return Number(form.elements.all.dataset.total);
}

function count() {
	return all ? Math.max(0, total() - spared.size) : ticked.size;
}

function words(n) {
	const { one, many, out, over } = said.dataset;
	const shown = boxes();
	const hidden = all ? 0 : n - shown.filter((box) => ticked.has(box.value)).length;
	const number = n.toLocaleString(document.documentElement.lang);

	if ((all ? spared : ticked).size > MANY)
		return over;
	const text = n === 1 ? one : many.replace("{}", number);

	return hidden > 0 ? `${text}, ${out.replace("{}", hidden)}` : text;
}

/* Updates the checkboxes and the bar to the selection. */
function show() {
	const n = count();
	const list = boxes();
	const on = list.filter((box) => chosen(box.value)).length;

	for (const box of list)
		box.checked = chosen(box.value);
	page.checked = on > 0 && on === list.length;
	page.indeterminate = on > 0 && on < list.length;
	form.elements.all.checked = all;
	bar.hidden = n === 0;
	form.classList.toggle("is-on", n > 0);
	const text = n === 0 ? "" : words(n);

	if (said.textContent !== text)
		said.textContent = text;
	for (const button of form.querySelectorAll("button:not([type])"))
		button.disabled = (all ? spared : ticked).size > MANY;
}

function choose(id, on) {
	const list = all ? spared : ticked;

	if (on === all)
		list.delete(id);
	else
		list.add(id);
}

function clear() {
	all = false;
	ticked.clear();
	spared.clear();
}

function onChange(event) {
	const box = event.target;

	if (box.form !== form)
		return;
	if (box.name === "id") {
		choose(box.value, box.checked);
	} else if (box === page) {
		for (const one of boxes())
			choose(one.value, page.checked);
	} else if (box.name === "all") {
		clear();
		all = box.checked;
	}
	show();
}

/* Adds the selected ids, also of rows that are no longer on screen. */
function onFormData({ formData }) {
	formData.delete("id");
	formData.set("ids", [...ticked].join());
	formData.set("except", [...spared].join());
}

/* Called when the list has changed. With another filter "all" would mean other
 * recordings, so it clears the selection. Returns the filter. */
function onList(filter) {
	const now = new URLSearchParams(new FormData(form));

	for (const name of ["id", "csrf", "as_of", "all", "ids", "except"])
		now.delete(name);
	if (all && String(now) !== filter)
		clear();
	show();
	return String(now);
}

export function startSelect() {
	form = document.getElementById("selection");
	results = document.getElementById("results");
	if (!form)
		return;
	bar = document.getElementById("bulk-bar");
	said = document.getElementById("selected");
	page = document.querySelector("#tick-page input");
	page.parentElement.hidden = false;
	form.classList.add("is-live");
	for (const box of boxes())
		if (box.checked)
			ticked.add(box.value);
	const clearing = document.getElementById("clear-selection");

	clearing.hidden = false;
	clearing.addEventListener("click", () => {
		clear();
		show();
		page.focus();
	});
	document.addEventListener("change", onChange);
	form.addEventListener("formdata", onFormData);
	let filter = onList("");
	const watch = new MutationObserver(() => { filter = onList(filter); });

	for (const part of [results, document.getElementById("selection-filter"),
		document.getElementById("tick-all")])
		watch.observe(part, { childList: true, subtree: true });
}
