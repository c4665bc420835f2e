/*
 * Keeps the scroll position of each list, for a return to it: in this tab only,
 * until sign-out. Without storage nothing is kept.
 */
const KEY = "smartrecord.places";
const KEPT = 20;

function read() {
	try {
		return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
	} catch {
		return [];
	}
}

/* Keeps { address, … }: the state of the list at that address. */
export function keepPlace(place) {
	const others = read().filter((p) => p.address !== place.address);

	try {
		sessionStorage.setItem(KEY,
		    JSON.stringify([...others, place].slice(-KEPT)));
	} catch {
		/* full or forbidden: not kept */
	}
}

/* Returns what was kept of the list at the address, or undefined. */
export function placeOf(address) {
	return read().find((place) => place.address === address);
}

export function forgetPlaces() {
	try {
		sessionStorage.removeItem(KEY);
	} catch {
		/* nothing was kept */
	}
}

/* Returns true when the person has returned to this page: by Back, by a reload,
 * or from a page of a call, which is below the list's path. */
export function isReturn(path) {
	const [navigation] = performance.getEntriesByType("navigation");

	return ["back_forward", "reload"].includes(navigation?.type) ||
	    (document.referrer !== "" &&
	    new URL(document.referrer).pathname.startsWith(`${path}/`));
}
