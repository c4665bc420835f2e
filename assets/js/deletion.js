/*
 * Shows the page that confirms a deletion in a dialog, and updates the receipt
 * of a big deletion while it runs.
 */
import { loadPage } from "./dom.js";

const POLL_MS = 1500;

let dialog;
let theirs = null;	/* form that the browser must send itself */

function show(part) {
	if (!dialog) {
		dialog = document.createElement("dialog");
		dialog.className = "asking";
		dialog.addEventListener("click", (event) => {
			if (event.target === dialog ||
			    event.target.closest("[data-dismiss]")) {
				event.preventDefault();
				dialog.close();
			}
		});
		document.body.append(dialog);
	}
	dialog.replaceChildren(document.importNode(part, true));
	dialog.setAttribute("aria-labelledby",
	    dialog.querySelector("h1").id);
	if (!dialog.open)
		dialog.showModal();
	dialog.querySelector("input:not([type=hidden]), [data-dismiss], a")
	    ?.focus();
}

/* Posts the form and shows the response: a confirmation, a problem, or the
 * receipt. If the network fails, the browser sends the form again itself, by
 * the same button, whose name and address are part of the request. */
async function post(form, submitter) {
	const action = submitter?.getAttribute("formaction") ?? form.action;
	const body = new URLSearchParams(new FormData(form, submitter));

	try {
		const { page, url } = await loadPage(action, null, body);
		const part = page.querySelector("#confirm, .problem");

		if (part)
			show(part);
		else
			location.assign(url);
	} catch {
		theirs = form;
		form.requestSubmit(submitter);
	}
}

function onSubmit(event) {
	const { target: form, submitter } = event;
	const action = submitter?.getAttribute("formaction") ??
	    form.getAttribute("action");

	if (!/\/deletions(\/count)?$/.test(action))
		return;
	if (form === theirs) {
		theirs = null;
		return;
	}
	event.preventDefault();
	post(form, submitter);
}

/* Replaces the receipt; the focus stays on the same link. */
function replaceReceipt(receipt, fresh) {
	const link = receipt.contains(document.activeElement) &&
	    document.activeElement.getAttribute("href");

	receipt.replaceWith(fresh);
	if (link)
		(fresh.querySelector(`a[href="${CSS.escape(link)}"]`) ??
		    fresh.querySelector("a")).focus({ preventScroll: true });
}

async function follow() {
	const receipt = document.getElementById("deletion");

	if (receipt?.dataset.state !== "running")
		return;
	try {
		const { page, status } = await loadPage(location.href);
		const fresh = page?.getElementById("deletion");

		/* the session has ended, or is another tenant's: more requests
		 * would only keep it alive */
		if (!fresh && status < 500)
			return;
		if (fresh)
			replaceReceipt(receipt, fresh);
	} catch {
		/* no network: retried below */
	}
	setTimeout(follow, POLL_MS);
}

export function startDeletion() {
	document.addEventListener("submit", onSubmit);
	setTimeout(follow, POLL_MS);
}
