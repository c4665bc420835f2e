/*
 * The tab Activation: a tick or a mode takes effect at once, a search as one
 * types. The page's own form is posted; what comes back takes the place of
 * its parts marked data-refresh.
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

/* Asks for a page; resolves with whether it came. */
async function load(url, body) {
	try {
		const { page, status, url: at } = await loadPage(url, null, body);

		if (status === 200 && !page.getElementById("accounts")) {
			location.assign(at);	/* the session has ended */
			return null;
		}
		if (status === 200)
			return page;
		why.textContent = page.querySelector(".problem-detail")?.textContent ?? why.dataset.why;
	} catch {
		why.textContent = why.dataset.why;
	}
	failed.hidden = false;
	return null;
}

/* One change at a time; what is ticked meanwhile follows. */
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
		/* in sight again, for a while */
		for (const sight of document.getElementById("said").getAnimations())
			sight.play();
	} else {	/* as it is, not as it was wished */
		form.reset();
	}
}

async function search() {
	const query = new URLSearchParams(new FormData(find));
	const url = `${find.action}?${query}`;
	const page = await load(url);

	/* answers may come out of order */
	if (!page || busy || query.toString() !== new URLSearchParams(new FormData(find)).toString())
		return;
	refresh(page);
	history.replaceState(null, "", url);
}

function later() {
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
	why.dataset.why = why.textContent;
	form.classList.add("is-live");
	form.addEventListener("change", ({ target }) => {
		if (target.name !== "all")
			save();
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		save(event.submitter);
	});
	find.addEventListener("input", later);
	find.addEventListener("submit", (event) => {
		event.preventDefault();
		search();
	});
}
