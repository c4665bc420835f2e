/*
 * Archives in the making: their page follows them, a small one downloads by
 * itself once it is ready, and the list says so to those who went back there.
 * The server makes all the HTML; this asks for it again.
 */
import { loadPage } from "./dom.js";

const SOON_MS = 1000, LATER_MS = 3000;
/* of this tab: ids that it follows, and whether it has just asked */
const KEY = "exports", ASKED = "export-asked";

const followed = () => JSON.parse(sessionStorage.getItem(KEY) ?? "[]");

function follow(id, on) {
	const others = followed().filter((one) => one !== id);

	sessionStorage.setItem(KEY, JSON.stringify(on ? [...others, id] : others));
}

/* Only who has said yes before is told so. */
function notify(text) {
	if (document.hidden && globalThis.Notification?.permission === "granted")
		new Notification(text);
}

const isActive = (state) => ["queued", "running"].includes(state);

async function look(id, url) {
	try {
		const { page, status } = await loadPage(url);

		/* of another customer, of who was here before, or gone: asking
		 * on would keep the session alive for nothing */
		if (status === 403 || status === 404)
			follow(id, false);
		return status === 200 ? page : null;
	} catch {
		return null;
	}
}

/* --- the page of one ---------------------------------------------------- */

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

/* The bar alone moves when no word changes. */
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

function ended(root, state) {
	const archive = document.getElementById("export-archive");

	follow(root.dataset.id, false);
	if (state !== "ready" || !archive)
		return;
	notify(document.getElementById("export-said").textContent);
	if (root.dataset.small)
		location.assign(archive.href);
}

/* Resolves when the server tells of a change, at most once a second; where it
 * can't, after a while. */
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
		const fresh = await look(root.dataset.id, location.href);

		if (fresh)
			refresh(fresh);
	}
	ended(root, part.dataset.state);
}

/* --- the list ------------------------------------------------------------- */

function tell(notice, page) {
	const link = notice.querySelector("a");

	link.href = page.getElementById("export-archive").href;
	link.onclick = () => { notice.hidden = true; };
	notice.hidden = false;
	notify(notice.querySelector("span").textContent);
}

/* What became of an archive that this tab asked for. */
async function lookAt(id, notice) {
	const page = await look(id, `/console/exports/${id}`);
	const state = page?.getElementById("export-state").dataset.state;

	if (!page || isActive(state))
		return;
	follow(id, false);
	if (state === "ready")
		tell(notice, page);
}

async function watchFollowed(notice) {
	while (followed().length > 0) {
		for (const id of followed())
			await lookAt(id, notice);
		await new Promise((resolve) => setTimeout(resolve, LATER_MS));
	}
}

/* The list's form was sent: what comes next is its answer. */
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
