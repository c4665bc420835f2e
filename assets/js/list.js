/*
 * Updates the list when a filter changes: puts the form's state in the address,
 * loads the page at that address, and replaces the parts marked data-refresh.
 * The server makes all the HTML.
 */
import { loadPage } from "./dom.js";
import { startListen, stopIfGone } from "./listen.js";
import { startNews } from "./news.js";
import { isReturn, keepPlace, placeOf } from "./places.js";
import { followAddress, openCall, startSheet } from "./sheet.js";

const TYPING_MS = 300;
const PAGES_MAX = 20;	/* pages of a list restored on return */

let form, results, failed, path;
let away;		/* message of a failure when the server gives none */
let loading = new AbortController();
let timer;
let shown;		/* address of the list on screen */
let pages = 1;		/* pages of it on screen */

const here = () => location.pathname + location.search;

function address(typing) {
	const query = new URLSearchParams();

	for (const [name, value] of new FormData(form))
		if (value.trim() !== "")
			query.append(name, value);
	if (typing && query.has("q"))
		query.append("typing", "1");
	return query.size > 0 ? `${path}?${query}` : path;
}

function showFailure(text = away) {
	failed.querySelector("span").textContent = text;
	failed.hidden = false;
}

/* Returns the text of a page of an error, with the id for support. */
function problemOf(page) {
	const detail = page?.querySelector(".problem-detail")?.textContent;

	return detail && [detail, page.querySelector(".problem-id")?.textContent]
	    .join(" ").trim();
}

/* Replaces the parts marked data-refresh. "text" changes only a text that
 * differs, so that a live region announces it. */
function refresh(page) {
	for (const part of document.querySelectorAll("[data-refresh]")) {
		const fresh = page.getElementById(part.id);

		if (!fresh)
			continue;
		if (part.dataset.refresh === "text") {
			if (part.textContent !== fresh.textContent)
				part.textContent = fresh.textContent;
			continue;
		}
		part.className = fresh.className;
		part.replaceChildren(...fresh.childNodes);
	}
	pages = 1;
	stopIfGone();
}

/* Sets the form's fields to those of a page that was loaded by a link. */
function refreshForm(page) {
	const fresh = [...page.getElementById("filters").elements];

	for (const field of form.elements) {
		const box = field.type === "checkbox";
		const same = fresh.find((f) => f.name === field.name &&
		    (!box || f.value === field.value));

		if (box)
			field.checked = Boolean(same?.checked);
		else if (field.name)
			field.value = same?.value ?? "";
	}
}

/* Resolves with the document of the page; with null when another request
 * replaced this one, it failed, or the session has ended. */
async function fetchList(url) {
	loading.abort();
	loading = new AbortController();
	failed.hidden = true;
	results.setAttribute("aria-busy", "true");
	const { signal } = loading;
	try {
		const answer = await loadPage(url, signal);

		if (new URL(answer.url).pathname !== path) {
			location.assign(url);
			return null;
		}
		if (answer.status === 200)
			return answer.page;
		showFailure(problemOf(answer.page));
	} catch {
		showFailure();
	} finally {
		if (!signal.aborted)
			results.removeAttribute("aria-busy");
	}
	return null;
}

/* Keeps the scroll position of the list on screen, under its own address: an
 * open call has changed location. */
function remember() {
	keepPlace({ address: shown, pages, y: scrollY,
		call: document.activeElement.closest?.(".subject")
		    ?.getAttribute("href") });
}

/* Loads the list after a change of the form. It adds a step to the history,
 * except while the person types or when the address is the same. */
async function update({ typing = false } = {}) {
	clearTimeout(timer);
	const page = await fetchList(address(typing));

	if (!page)
		return;
	remember();
	refresh(page);
	const url = address(false);

	if (typing || url === here())
		history.replaceState(null, "", url);
	else
		history.pushState(null, "", url);
	shown = here();
}

/* Loads the list at another address, and sets the form: for a link of the list,
 * or (arrived) for the address that Back or Forward has set. Resolves with true
 * when it was loaded. */
async function visit(url, { arrived = false } = {}) {
	clearTimeout(timer);
	const page = await fetchList(url);

	if (!page)
		return false;
	if (!arrived) {
		remember();
		history.pushState(null, "", url);
	}
	refresh(page);
	refreshForm(page);
	shown = here();
	return true;
}

function searchSoon() {
	clearTimeout(timer);
	timer = setTimeout(() => update({ typing: true }), TYPING_MS);
}

/* Removes the page from a row's link, so that the call leads back to the list's
 * beginning. */
function forgetPage(link) {
	const url = new URL(link.href);

	url.searchParams.delete("after");
	link.href = url.pathname + url.search + url.hash;
}

/* Adds the next rows; resolves with the first of their links, or with null when
 * there are none or another list is being loaded. */
async function showMore() {
	const link = document.querySelector("#more a");

	if (!link || results.hasAttribute("aria-busy"))
		return null;
	const page = await fetchList(link.href);
	const rows = page?.getElementById("rows");

	if (!rows)
		return null;
	const first = rows.querySelector("a");

	pages++;
	rows.querySelectorAll(".subject").forEach(forgetPage);
	document.getElementById("rows").append(...rows.children);
	document.getElementById("more").replaceChildren(
	    ...page.getElementById("more").childNodes);
	return first;
}

/* Restores the pages and the scroll position of a list. */
async function restore() {
	const place = placeOf(shown);

	if (!place)
		return;
	while (pages < Math.min(place.pages, PAGES_MAX))
		if (!await showMore())
			break;
	if (place.call)
		document.querySelector(`#rows a[href="${CSS.escape(place.call)}"]`)
		    ?.focus({ preventScroll: true });
	scrollTo(0, place.y);
}

async function onAddress() {
	followAddress();
	if (location.pathname !== path || here() === shown)
		return;
	remember();
	await visit(location.href, { arrived: true });
	await restore();
}

/* Loads the list from its top, without a step in the history. */
async function showNews() {
	if (!await visit(address(false), { arrived: true }))
		return;
	history.replaceState(null, "", shown = address(false));
	scrollTo(0, 0);
	document.getElementById("total").focus({ preventScroll: true });
}

function onLink(link) {
	if (link.rel === "next") {
		showMore().then((first) => first?.focus());
	} else if (link.matches(".subject")) {
		remember();
		openCall(link.href);
	} else {
		link.closest("details")?.removeAttribute("open");
		visit(link.href).then(() => link.isConnected ||
		    document.getElementById("total").focus({ preventScroll: true }));
	}
}

function onClick(event) {
	if (event.button !== 0 || event.ctrlKey || event.metaKey ||
	    event.shiftKey || event.altKey)
		return;
	const link = event.target.closest(
	    "#rows .subject, #list a[href]:not(.listen)");

	if (!link)
		openRow(event);
	else if (link.matches(".subject") ||
	    new URL(link.href).pathname === path) {
		event.preventDefault();
		onLink(link);
	}
}

/* Opens the row that was clicked anywhere; its subject is the real link. */
function openRow(event) {
	const row = event.target.closest("tr.call");

	if (row && !event.target.closest("a, button, details, input, label") &&
	    getSelection().isCollapsed)
		row.querySelector(".subject").click();
}

function onChange(event) {
	/* while a date is typed its year may be 0002 */
	if (event.target.type === "date" && event.target.value !== "" &&
	    event.target.value < "2000")
		return;
	if (event.target.type !== "search")
		update();
}

function startForm() {
	form.classList.add("is-live");
	form.addEventListener("change", onChange);
	form.addEventListener("input", (event) => {
		if (event.target.type === "search")
			searchSoon();
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		update();
	});
}

export function startList() {
	form = document.getElementById("filters");
	results = document.getElementById("results");
	failed = document.getElementById("failed");
	if (!form)
		return;
	away = failed.querySelector("span").textContent;
	path = new URL(form.action).pathname;
	shown = here();
	history.scrollRestoration = "manual";
	startForm();
	startListen(results);
	startSheet(path, showMore);
	startNews(path, showNews);
	document.addEventListener("click", onClick);
	failed.querySelector("button").addEventListener("click", () => {
		document.getElementById("total").focus({ preventScroll: true });
		update();
	});
	addEventListener("popstate", onAddress);
	addEventListener("pagehide", remember);
	if (isReturn(path))
		restore();
}
