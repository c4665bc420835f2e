/*
 * Shows a call over the list, in a dialog: loads the call's page and shows its
 * article; the address becomes the call's. Going back closes the dialog.
 * list.js calls followAddress() when the address changes.
 */
import { startCall } from "./call.js";
import { loadPage } from "./dom.js";
import { takeOver } from "./listen.js";

const SLOW_MS = 200;	/* a faster load shows no waiting state */

let sheet, body, heard, listTitle, listPath;
let loading = new AbortController();
let call = null;	/* started in the dialog */
let shown = null;	/* path of the call shown or being loaded */
let more = null;	/* adds the list's next rows */
let leaving = false;	/* history is going back to the list */
let wanted = null;	/* address of a call opened meanwhile */

const pathOf = (href) => new URL(href, location.href).pathname;
const links = () => [...document.querySelectorAll("#rows .subject")];
const indexOf = (path) =>
    links().findIndex((link) => pathOf(link.href) === path);

function empty() {
	loading.abort();
	call?.stop();
	call = null;
	body.replaceChildren();
}

/* Updates the previous and next buttons; a disabled one can still get the
 * focus. */
function showSteps() {
	const i = indexOf(shown);
	const last = links().length - 1;
	const ends = i === last && !document.querySelector("#more a");

	sheet.querySelector("[data-step='-1']")
	    .setAttribute("aria-disabled", String(i <= 0));
	sheet.querySelector("[data-step='1']")
	    .setAttribute("aria-disabled", String(i < 0 || ends));
}

function open() {
	if (!sheet.open)
		sheet.showModal();
	showSteps();
}

function showWaiting() {
	open();
	body.setAttribute("aria-busy", "true");
	body.replaceChildren(document.getElementById("sheet-waiting")
	    .content.cloneNode(true));
}

/* Continues the audio that was playing in the list's row. */
function continueAudio(article, sounding) {
	const audio = article.querySelector("audio");

	if (!sounding || !audio)
		return;
	audio.currentTime = sounding.seconds;
	if (sounding.playing)
		audio.play().catch(() => {});
}

/* Moves the focus to the searched words, else to the subject. */
function focusFirst(article, heading) {
	const found = location.hash.startsWith("#t=") &&
	    article.querySelector(".turn[aria-current] button");

	(found || heading).focus({ preventScroll: true });
}

function mount(article, title, arriving) {
	const heading = article.querySelector("h1");

	empty();
	body.removeAttribute("aria-busy");
	body.append(article);
	body.scrollTop = 0;
	document.title = title;
	sheet.setAttribute("aria-label", heading.textContent);
	heading.tabIndex = -1;
	open();
	const sounding = takeOver(shown);
	call = startCall(article);
	continueAudio(article, sounding);
	if (arriving)
		focusFirst(article, heading);
	else
		heard.textContent = heading.textContent;
}

/* Loads the call of the current address. On a failure reloads that address, so
 * that the server shows the error. */
async function load(href, arriving) {
	loading.abort();
	loading = new AbortController();
	const { signal } = loading;
	const timer = setTimeout(showWaiting, SLOW_MS);

	signal.addEventListener("abort", () => clearTimeout(timer));
	try {
		const { page, status } = await loadPage(href, signal);
		const article = page?.getElementById("call");

		if (status !== 200 || !article)
			throw new Error(`status ${status}`);
		clearTimeout(timer);
		/* imported: media elements of another document do not load */
		mount(document.importNode(article, true), page.title, arriving);
	} catch {
		location.reload();
	}
}

/* Opens a call from the list, and sets the address. */
export function openCall(href) {
	if (leaving) {
		wanted = href;
		return;
	}
	if (shown === null)
		history.pushState(null, "", href);
	else
		history.replaceState(null, "", href);
	shown = pathOf(href);
	load(href, true);
}

async function step(by) {
	let to = links()[indexOf(shown) + by];

	if (!to && by > 0) {
		await more();
		to = links()[indexOf(shown) + by];
	}
	if (!to)
		return;
	history.replaceState(null, "", to.href);
	shown = pathOf(to.href);
	load(to.href, false);
}

/* Called when the dialog closes: goes back to the list's address and moves the
 * focus to the last call shown. */
function closed() {
	const link = links()[indexOf(shown)];

	empty();
	shown = null;
	document.title = listTitle;
	heard.textContent = "";
	leaving = location.pathname !== listPath;
	if (leaving)
		history.back();
	link?.focus({ preventScroll: true });
	link?.closest("tr").scrollIntoView({ block: "nearest" });
}

/* Called when the address has changed, by Back or Forward. Links inside a call
 * may have added steps between the call and the list. */
export function followAddress() {
	if (location.pathname === listPath) {
		leaving = false;
		if (sheet.open)
			sheet.close();
		else if (shown !== null)
			closed();
		if (wanted)
			openCall(wanted);
		wanted = null;
	} else if (leaving) {
		history.back();
	} else if (location.pathname !== shown) {
		shown = location.pathname;
		load(location.href, true);
	}
}

function startClosing() {
	let pressed = null;

	sheet.addEventListener("pointerdown", (e) => { pressed = e.target; });
	sheet.addEventListener("click", (event) => {
		/* outside it; not when a selection of text only ends there */
		if (event.target === sheet && pressed === sheet)
			sheet.close();
	});
	sheet.querySelector("[data-close]")
	    .addEventListener("click", () => sheet.close());
	sheet.addEventListener("close", closed);
}

/* Starts for the list at path; showMore() adds its next rows, if any. */
export function startSheet(path, showMore) {
	sheet = document.getElementById("sheet");
	body = document.getElementById("sheet-body");
	heard = document.getElementById("sheet-heard");
	listTitle = document.title;
	listPath = path;
	more = showMore;
	for (const button of sheet.querySelectorAll("[data-step]"))
		button.addEventListener("click", () => {
			if (button.ariaDisabled !== "true")
				step(Number(button.dataset.step));
		});
	startClosing();
}
