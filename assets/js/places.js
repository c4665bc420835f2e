/*
 * How far down each list one was, for whoever comes back to it: kept for this
 * tab alone, forgotten at sign-out. A browser that refuses storage forgets.
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

/* {address, …}: what is known of the list at the address. */
export function keepPlace(place) {
	const others = read().filter((p) => p.address !== place.address);

	try {
		sessionStorage.setItem(KEY,
		    JSON.stringify([...others, place].slice(-KEPT)));
	} catch {
		/* nothing to do: it is a comfort */
	}
}

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

/* Has one come back to this page, rather than come to it? path: the list's;
 * its calls' pages are below it. */
export function isReturn(path) {
	const [navigation] = performance.getEntriesByType("navigation");

	return ["back_forward", "reload"].includes(navigation?.type) ||
	    (document.referrer !== "" &&
	    new URL(document.referrer).pathname.startsWith(`${path}/`));
}
