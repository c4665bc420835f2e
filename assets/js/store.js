/*
 * What this browser remembers between pages. It may refuse: nothing is then
 * remembered, and nothing fails, for all of it is comfort.
 */

const PREFIX = "smartrecord.";

/* What was kept under the name, or nothing. */
export function recall(name) {
	try {
		return JSON.parse(localStorage.getItem(PREFIX + name));
	} catch {
		return null;
	}
}

export function keep(name, value) {
	try {
		localStorage.setItem(PREFIX + name, JSON.stringify(value));
	} catch {
		/* full or forbidden */
	}
}
