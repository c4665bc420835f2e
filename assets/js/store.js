/*
 * Keeps settings in this browser's localStorage. A browser may refuse: nothing
 * is then kept, and nothing fails.
 */

const PREFIX = "smartrecord.";

/* Returns the value kept under the name, or null. */
export function recall(name) {
	try {
		return JSON.parse(localStorage.getItem(PREFIX + name));
	} catch {
		return null;
	}
}

/* Keeps a value, which JSON can hold, under the name. */
export function keep(name, value) {
	try {
		localStorage.setItem(PREFIX + name, JSON.stringify(value));
	} catch {
		/* full or forbidden */
	}
}
