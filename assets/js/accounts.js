/*
 * The tab Activation: saves a checkbox or a mode when it changes, and searches
 * while the person types. Posts the page's own form, and replaces the parts
 * marked data-refresh by those of the response.
 */
import { loadPage } from "./dom.js";

const TYPING_MS = 300;

let form, find, failed, why;
let busy = false, again = null;
let timer;

function refresh(page) {
	const focus = document.activeElement?.id;

	for (const part of document.querySelectorAll("[data-refresh]")) {
		const fresh = page.getElementById(part.id);

		if (!fresh)
			continue;
		if (part.dataset.refresh !== "text" ||
		    part.textContent !== fresh.textContent)
			part.replaceChildren(...fresh.childNodes);
	}
	if (focus && document.activeElement?.id !== focus)
		document.getElementById(focus)?.focus({ preventScroll: true });
}

/* The message of a failure when the server gives none. */
const reason = (body) => body ? why.dataset.change : why.dataset.list;

/* Loads a page (body: posts it). Resolves with its document, or with null after
 * it showed why there is none. */
async function load(url, body) {
	try {
		const { page, status, url: at } = await loadPage(url, null, body);

		if (status === 200 && !page.getElementById("accounts")) {
			location.assign(at);	/* the session has ended */
			return null;
		}
		if (status === 200)
			return page;
		why.textContent = page.querySelector(".problem-detail")?.textContent ??
		    reason(body);
	} catch {
		why.textContent = reason(body);
	}
	failed.hidden = false;
	return null;
}

/* Saves the form. One request at a time: a change made meanwhile is saved next.
 * */
async function save(submitter) {
	if (busy) {
		again = { submitter };
		return;
	}
	busy = true;
	failed.hidden = true;
	const page = await load(form.action, new URLSearchParams(new FormData(form, submitter)));
	const next = again;

	busy = false;
	again = null;
	if (next)
		save(next.submitter);
	else if (page) {
		refresh(page);
		/* restart the animation that shows the message for a while */
		for (const animation of document.getElementById("said").getAnimations())
			animation.play();
	} else {	/* not saved: show the state before the change */
		form.reset();
	}
}

async function search() {
	const query = new URLSearchParams(new FormData(find));
	const url = `${find.action}?${query}`;
	const page = await load(url);

	/* responses may arrive out of order */
	if (!page || busy || query.toString() !== new URLSearchParams(new FormData(find)).toString())
		return;
	failed.hidden = true;
	refresh(page);
	history.replaceState(null, "", url);
}

function searchSoon() {
	clearTimeout(timer);
	timer = setTimeout(search, TYPING_MS);
}

export function startAccounts() {
	form = document.getElementById("accounts");
	if (!form)
		return;
	find = document.getElementById("find");
	failed = document.getElementById("failed");
	why = failed.querySelector("span");
	form.classList.add("is-live");
	form.addEventListener("change", ({ target }) => {
		if (target.name !== "all")
			save();
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		save(event.submitter);
	});
	find.addEventListener("input", searchSoon);
	find.addEventListener("submit", (event) => {
		event.preventDefault();
		search();
	});
}
