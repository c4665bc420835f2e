/*
 * A call over the list, in a dialog: its page is fetched, its article shown,
 * the address in the bar is the call's own. Going back closes it. The list
 * tells what the address says; knows nothing of filters.
 */
import { startCall } from "./call.js";
import { loadPage } from "./dom.js";
import { takeOver } from "./listen.js";

const SLOW_MS = 200;	/* before this, waiting is not worth showing */

let sheet, body, heard, listTitle, listPath;
let loading = new AbortController();
let call = null;	/* running in the sheet */
let shown = null;	/* path of the call in the sheet, or on its way */
let more = null;	/* brings the list's next rows */
let leaving = false;	/* on the way back to the list */
let wanted = null;	/* call asked for meanwhile */

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

/* Steps that lead nowhere stay in reach of the keyboard. */
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

/* The list's own player hands over what it was saying. */
function goOn(article, sounding) {
	const audio = article.querySelector("audio");

	if (!sounding || !audio)
		return;
	audio.currentTime = sounding.seconds;
	if (sounding.playing)
		audio.play().catch(() => {});
}

/* At the words that were searched, else at the subject. */
function arrive(article, heading) {
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
	goOn(article, sounding);
	if (arriving)
		arrive(article, heading);
	else
		heard.textContent = heading.textContent;
}

/* The page of a call that the address in the bar names. What can't be shown
 * here is the server's to say, at that address. */
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
		/* a copy: sound that began elsewhere has failed there */
		mount(document.importNode(article, true), page.title, arriving);
	} catch {
		location.reload();
	}
}

/* From the list to a call: the address follows. */
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

/* Focus goes to the call last seen, wherever one started from. */
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

/* The address has changed by itself, back or forward. Links inside a call may
 * have put more than one step between it and the list. */
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
		/* beside it; a selection that ends there is no click there */
		if (event.target === sheet && pressed === sheet)
			sheet.close();
	});
	sheet.querySelector("[data-close]")
	    .addEventListener("click", () => sheet.close());
	sheet.addEventListener("close", closed);
}

/* path: the list's; showMore() brings its next rows, if there are any. */
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
