/*
 * The player's keys, and the dialog that lists them and can switch them off
 * (WCAG 2.1, criterion 2.1.4). A key is ignored where it has another meaning:
 * in fields, on controls that use it, with modifiers, under another dialog.
 */
import { keep, recall } from "./store.js";

const FIELDS = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]";
const PRESSED = "a, button, summary, input, audio";	/* these use Space */
const LETTERS = { play: "K", "skip-back": "J", "skip-ahead": "L",
	"find-words": "/", help: "?" };

/* Accepts Shift for / and ? only, which need it on many keyboards. */
function isPlain(event) {
	return !event.ctrlKey && !event.altKey && !event.metaKey &&
	    !event.isComposing && !event.defaultPrevented &&
	    (!event.shiftKey || event.key === "/" || event.key === "?");
}

function isTheirs(key, target) {
	if (target.closest(FIELDS))
		return true;
	return key === " " && target.closest(PRESSED) !== null;
}

function isCovered(article) {
	return [...document.querySelectorAll("dialog:modal")]
	    .some((dialog) => !dialog.contains(article));
}

/* Announces the keys to assistive technology while they are on. */
function announceKeys(article, on) {
	for (const [id, key] of Object.entries(LETTERS)) {
		const control = article.querySelector(`#${id}`);

		if (on)
			control?.setAttribute("aria-keyshortcuts", key);
		else
			control?.removeAttribute("aria-keyshortcuts");
	}
}

/* Starts the keys. acts: { key in lower case: function }. */
export function startKeys(article, acts, signal) {
	const dialog = article.querySelector("#keys");
	const box = dialog.querySelector("input");
	const button = article.querySelector("#help");
	const help = () => dialog.showModal();

	/* no audio and no transcript: no keys */
	if (Object.keys(acts).length === 0)
		return;
	box.checked = recall("keys") !== false;
	announceKeys(article, box.checked);
	box.addEventListener("change", () => {
		keep("keys", box.checked);
		announceKeys(article, box.checked);
	});
	button.addEventListener("click", help);
	button.hidden = false;
	dialog.addEventListener("click", (event) => {
		/* a click outside, for browsers without closedby */
		if (event.target === dialog)
			dialog.close();
	});
	document.addEventListener("keydown", (event) => {
		const key = event.key.toLowerCase();
		const act = key === "?" ? help : acts[key];

		if (!act || !box.checked || !isPlain(event) ||
		    isTheirs(key, event.target) || isCovered(article))
			return;
		event.preventDefault();
		if (!event.repeat || key.startsWith("arrow"))
			act();
	}, { signal });
}
