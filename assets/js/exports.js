/*
 * Follows archives being made: their page shows the progress, a small one
 * downloads once it is ready, and the list tells a person who went back to it.
 * The server makes all the HTML; this module reloads it.
 */
import { loadPage } from "./dom.js";

const SOON_MS = 1000, LATER_MS = 3000;
/* in sessionStorage: ids that this tab follows; set when it has just requested
 * one */
const KEY = "exports", ASKED = "export-asked";

const followed = () => JSON.parse(sessionStorage.getItem(KEY) ?? "[]");

function follow(id, on) {
	const others = followed().filter((one) => one !== id);

	sessionStorage.setItem(KEY, JSON.stringify(on ? [...others, id] : others));
}

/* Shows a notification, if the person has allowed it before. */
function notify(text) {
	if (document.hidden && globalThis.Notification?.permission === "granted")
		new Notification(text);
}

const isActive = (state) => ["queued", "running"].includes(state);

async function loadExport(id, url) {
	try {
		const { page, status } = await loadPage(url);

		/* of another tenant or person, or deleted: more requests would
		 * only keep the session alive */
		if (status === 403 || status === 404)
			follow(id, false);
		return status === 200 ? page : null;
	} catch {
		return null;
	}
}

/* --- the page of an archive ----------------------------------------------- */

function refresh(fresh) {
	for (const id of ["export-state", "export-said"]) {
		const part = document.getElementById(id);
		const other = fresh.getElementById(id);

		if (part.textContent === other.textContent)
			continue;
		part.replaceChildren(...other.childNodes);
		Object.assign(part.dataset, other.dataset);
	}
	showProgress(fresh);
}

/* Updates the bar, also when no text has changed. */
function showProgress(fresh) {
	const bar = document.getElementById("progress");
	const value = fresh.getElementById("progress")?.getAttribute("value");

	if (bar && value)
		bar.value = value;
}

function offerNotice() {
	const button = document.getElementById("export-notify");

	document.getElementById("export-refresh")?.remove();
	if (!button || globalThis.Notification?.permission !== "default")
		return;
	button.hidden = false;
	button.onclick = async () => {
		await Notification.requestPermission();
		button.hidden = true;
	};
}

function showEnd(root, state) {
	const archive = document.getElementById("export-archive");

	follow(root.dataset.id, false);
	if (state !== "ready" || !archive)
		return;
	notify(document.getElementById("export-said").textContent);
	if (root.dataset.small)
		location.assign(archive.href);
}

/* Returns a function that waits for the server's next event: at least a second,
 * at most three, or one without a connection. */
function listen(id) {
	const source = new EventSource(`/api/v1/exports/${id}/events`);
	let news;

	source.addEventListener("export", ({ data }) => {
		if (!isActive(JSON.parse(data).state))
			source.close();
		news?.();
	});
	return () => Promise.all([
		new Promise((resolve) => setTimeout(resolve, SOON_MS)),
		new Promise((resolve) => {
			news = resolve;
			setTimeout(resolve, source.readyState === EventSource.OPEN ?
			    LATER_MS : SOON_MS);
		})]);
}

async function watchOne(root) {
	const part = document.getElementById("export-state");

	const change = listen(root.dataset.id);

	while (isActive(part.dataset.state) &&
	    followed().includes(root.dataset.id)) {
		offerNotice();
		await change();
		const fresh = await loadExport(root.dataset.id, location.href);

		if (fresh)
			refresh(fresh);
	}
	showEnd(root, part.dataset.state);
}

/* --- the list ------------------------------------------------------------- */

function showReady(notice, page) {
	const link = notice.querySelector("a");

	link.href = page.getElementById("export-archive").href;
	link.onclick = () => { notice.hidden = true; };
	notice.hidden = false;
	notify(notice.querySelector("span").textContent);
}

/* Tells the person when an archive of this tab is ready. */
async function checkFollowed(id, notice) {
	const page = await loadExport(id, `/console/exports/${id}`);
	const state = page?.getElementById("export-state").dataset.state;

	if (!page || isActive(state))
		return;
	follow(id, false);
	if (state === "ready")
		showReady(notice, page);
}

async function watchFollowed(notice) {
	while (followed().length > 0) {
		for (const id of followed())
			await checkFollowed(id, notice);
		await new Promise((resolve) => setTimeout(resolve, LATER_MS));
	}
}

/* Returns true once after the list's form was sent: this page is its response.
 * */
function wasAsked() {
	const asked = sessionStorage.getItem(ASKED);

	sessionStorage.removeItem(ASKED);
	return asked !== null;
}

export function startExports() {
	const root = document.getElementById("export");
	const notice = document.getElementById("export-notice");

	document.getElementById("selection")?.addEventListener("submit",
	    ({ submitter }) => submitter?.name === "content" &&
	    sessionStorage.setItem(ASKED, "1"));
	if (root && (wasAsked() ||
	    isActive(document.getElementById("export-state").dataset.state))) {
		follow(root.dataset.id, true);
		watchOne(root);
	} else if (notice) {
		watchFollowed(notice);
	}
}
