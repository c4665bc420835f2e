/*
 * The list follows its filters: the form's state goes to the address, the
 * page at that address comes back, and its parts marked data-refresh take
 * the place of those on screen. The server makes all the HTML.
 */
import { loadPage } from "./dom.js";
import { startListen, stopIfGone } from "./listen.js";
import { startNews } from "./news.js";
import { isReturn, keepPlace, placeOf } from "./places.js";
import { followAddress, openCall, startSheet } from "./sheet.js";

const TYPING_MS = 300;
const PAGES_MAX = 20;	/* of one list, brought back on return */

let form, results, failed, path;
let loading = new AbortController();
let timer;
let shown;		/* address of the list on screen */
let pages = 1;		/* of it on screen */

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

function showFailure(text) {
	if (text)
		failed.querySelector("span").textContent = text;
	failed.hidden = false;
}

/* text: only the words change, so that a live region says them;
 * menu: label and look of a menu's button. */
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

/* The form says what the page says that was asked for by a link. */
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

/* Resolves with the page asked for, or with nothing when another request
 * took over, it failed, or the session ended. */
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
		showFailure(answer.page?.querySelector(".problem-detail")?.textContent);
	} catch {
		showFailure();
	} finally {
		if (!signal.aborted)
			results.removeAttribute("aria-busy");
	}
	return null;
}

/* Where one is in the list on screen. A call that is open in front of it has
 * the address, not the list. */
function remember() {
	keepPlace({ address: shown, pages, y: scrollY,
		call: document.activeElement.closest?.(".subject")
		    ?.getAttribute("href") });
}

/* The form has changed. typing: an unfinished word, which replaces the
 * address it grew from. */
async function update({ typing = false } = {}) {
	clearTimeout(timer);
	const page = await fetchList(address(typing));

	if (!page)
		return;
	remember();
	refresh(page);
	if (typing)
		history.replaceState(null, "", address(false));
	else
		history.pushState(null, "", address(false));
	shown = here();
}

/* The list at another address, its form with it: a link of the list's own,
 * or, back and forward, the address that is there already. Resolves with
 * whether it came. */
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

function later() {
	clearTimeout(timer);
	timer = setTimeout(() => update({ typing: true }), TYPING_MS);
}

/* Rows that joined the list lead back to all of it, not to their own page. */
function forgetPage(link) {
	const url = new URL(link.href);

	url.searchParams.delete("after");
	link.href = url.pathname + url.search + url.hash;
}

/* The next rows join the list; resolves with the first of their links. */
async function showMore() {
	const link = document.querySelector("#more a");
	const page = link && await fetchList(link.href);
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

/* Back at a list: as far down as one was. */
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

/* The newest, from the top: no step of the way back. */
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

/* A click anywhere on a row opens it; the subject remains the real link. */
function openRow(event) {
	const row = event.target.closest("tr.call");

	if (row && !event.target.closest("a, button, details, input, label") &&
	    getSelection().isCollapsed)
		row.querySelector(".subject").click();
}

function onChange(event) {
	/* A date typed digit by digit passes by years like 0002. */
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
			later();
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
