/*
 * The list follows its filters: the form's state goes to the address, the
 * page at that address comes back, and its parts marked data-refresh take
 * the place of those on screen. The server makes all the HTML.
 */
import { loadPage } from "./dom.js";
import { startListen, stopIfGone } from "./listen.js";

const TYPING_MS = 300;

let form, results, failed;
let loading = new AbortController();
let timer;

function address(typing) {
	const query = new URLSearchParams();

	for (const [name, value] of new FormData(form))
		if (value.trim() !== "")
			query.append(name, value);
	if (typing && query.has("q"))
		query.append("typing", "1");
	return query.size > 0 ? `${form.action}?${query}` : form.action;
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
	stopIfGone();
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

		if (new URL(answer.url).pathname !== new URL(url).pathname) {
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

/* typing: an unfinished word, which replaces the address it grew from. */
async function update({ typing = false } = {}) {
	clearTimeout(timer);
	const page = await fetchList(address(typing));

	if (!page)
		return;
	refresh(page);
	if (typing)
		history.replaceState(null, "", address(false));
	else
		history.pushState(null, "", address(false));
}

function later() {
	clearTimeout(timer);
	timer = setTimeout(() => update({ typing: true }), TYPING_MS);
}

async function showMore(link) {
	const page = await fetchList(link.href);
	const rows = page?.getElementById("rows");

	if (!rows)
		return;
	const first = rows.querySelector("a");

	document.getElementById("rows").append(...rows.children);
	document.getElementById("more").replaceChildren(
	    ...page.getElementById("more").childNodes);
	first?.focus();
}

function clearForm() {
	for (const field of form.elements) {
		if (field.type === "checkbox")
			field.checked = false;
		else if (field.name)
			field.value = "";
	}
}

function onClick(event) {
	if (event.button !== 0 || event.ctrlKey || event.metaKey ||
	    event.shiftKey)
		return;
	const link = event.target.closest("a");

	if (link?.rel === "next") {
		event.preventDefault();
		showMore(link);
	} else if (link?.matches(".reset")) {
		event.preventDefault();
		clearForm();
		update();
		form.elements.q.focus();
	} else if (link?.matches(".preset")) {
		event.preventDefault();
		form.elements.from.value = link.dataset.from;
		form.elements.to.value = link.dataset.to;
		link.closest("details").open = false;
		update();
	} else {
		openRow(event);
	}
}

/* A click anywhere on a row opens it; the subject remains the real link. */
function openRow(event) {
	const row = event.target.closest("tr.call");

	if (row && !event.target.closest("a, button, summary") &&
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

export function startList() {
	form = document.getElementById("filters");
	results = document.getElementById("results");
	failed = document.getElementById("failed");
	if (!form)
		return;
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
	document.addEventListener("click", onClick);
	addEventListener("popstate", () => location.reload());
	startListen(results);
}
