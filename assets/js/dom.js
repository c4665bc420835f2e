/* Functions that several modules share. */

/* Sets which icon of the sprite an element shows. */
export function setIcon(element, name) {
	const use = element.querySelector("use");

	use.setAttribute("href",
	    use.getAttribute("href").replace(/#.*/, `#${name}`));
}

/* Returns "01:02", from an hour on "1:01:02", as the server writes durations.
 * */
export function clock(seconds) {
	const whole = Math.max(0, Math.floor(seconds));
	const two = (n) => String(n).padStart(2, "0");
	const hours = Math.floor(whole / 3600);
	const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;

	return hours > 0 ? `${hours}:${rest}` : rest;
}

const STEP_S = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5,
	PageDown: -60, PageUp: 60, Home: -Infinity, End: Infinity };

/* Returns the seconds by which a key moves a seek bar, or undefined. The native
 * steps of a range are too small or too large. */
export function stepOf(event) {
	return event.altKey || event.ctrlKey || event.metaKey ? undefined :
	    STEP_S[event.key];
}

/* Returns "1 minute 23 secondes", for screen readers. */
export function spoken(seconds) {
	const lang = document.documentElement.lang;
	const whole = Math.floor(seconds);
	const parts = [["hour", Math.floor(whole / 3600)],
	    ["minute", Math.floor(whole / 60) % 60], ["second", whole % 60]];

	return parts.filter(([unit, n]) => n > 0 || unit === "second")
	    .map(([unit, n]) => new Intl.NumberFormat(lang,
		{ style: "unit", unit, unitDisplay: "long" }).format(n))
	    .join(" ");
}

/*
 * Loads a page, or posts a form (body: URLSearchParams); resolves with { page:
 * its document, status, url }, rejects when the network fails. XMLHttpRequest
 * parses the HTML, without running scripts and without a Trusted Types sink.
 */
export function loadPage(url, signal, body) {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();

		request.open(body ? "POST" : "GET", url);
		request.responseType = "document";
		request.timeout = 20000;
		request.onload = () => resolve({
			page: request.response,
			status: request.status,
			url: request.responseURL
		});
		request.onerror = request.ontimeout = () =>
		    reject(new Error("network"));
		signal?.addEventListener("abort", () => request.abort());
		request.send(body ?? null);
	});
}
