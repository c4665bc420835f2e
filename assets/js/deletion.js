/*
 * Deleting asks first: the page that would ask is fetched and asks in a
 * dialog. The receipt of a big deletion follows its progress.
 */
import { loadPage } from "./dom.js";

const POLL_MS = 1500;

let dialog;

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

/* What comes back asks, tells what is wrong, or is the receipt. */
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
		form.submit();
	}
}

function onSubmit(event) {
	const { target: form, submitter } = event;
	const action = submitter?.getAttribute("formaction") ??
	    form.getAttribute("action");

	if (!/\/deletions(\/count)?$/.test(action))
		return;
	event.preventDefault();
	post(form, submitter);
}

async function follow() {
	const receipt = document.getElementById("deletion");

	if (receipt?.dataset.state !== "running")
		return;
	try {
		const { page, status } = await loadPage(location.href);
		const fresh = page?.getElementById("deletion");

		if (status === 200 && fresh)
			receipt.replaceWith(fresh);
	} catch {
		/* the next time */
	}
	setTimeout(follow, POLL_MS);
}

export function startDeletion() {
	document.addEventListener("submit", onSubmit);
	setTimeout(follow, POLL_MS);
}
