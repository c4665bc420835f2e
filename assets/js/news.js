/*
 * "3 nouveaux enregistrements – Afficher": the recordings that have arrived
 * since and match the filters. Rows appear only after a click. One tab listens
 * to the server for all tabs of its surface, since a browser has six
 * connections to a host; hidden tabs do not listen.
 */
const CALM_MS = 400;	/* arrivals come in groups */

let timer, channel, name;
let watching = null;	/* AbortController while this tab is visible */

const button = () => document.querySelector("#news button");

function show({ total, total_is_capped: capped }) {
	const { one, many } = button().dataset;
	const n = new Intl.NumberFormat(document.documentElement.lang)
	    .format(total) + (capped ? "+" : "");

	button().querySelector("span").textContent =
	    (total === 1 ? one : many).replace("{n}", n);
	button().hidden = total === 0;
}

/* Loads and shows the number; a failure is repaired by the next event. */
async function check() {
	const asked = button();

	try {
		const answer = await fetch(asked.dataset.href);

		if (answer.ok && asked.isConnected)
			show(await answer.json());
	} catch {
		/* no network: the list shows that when it is used */
	}
}

function checkSoon() {
	clearTimeout(timer);
	timer = setTimeout(check, CALM_MS);
}

function tell() {
	channel.postMessage("recordings");
	checkSoon();
}

/* Listens until the signal aborts or the server refuses. */
function listen(signal) {
	return new Promise((resolve) => {
		const source = new EventSource(button().dataset.events);

		source.addEventListener("recordings", tell);
		source.addEventListener("listening", (event) => {
			if (JSON.parse(event.data).missed)
				tell();
		});
		source.addEventListener("error", () => {
			if (source.readyState === EventSource.CLOSED)
				resolve();
		});
		signal.addEventListener("abort", () => {
			source.close();
			resolve();
		});
	});
}

function watch() {
	watching?.abort();
	watching = null;
	if (document.visibilityState !== "visible")
		return;
	watching = new AbortController();
	const { signal } = watching;

	navigator.locks.request(name, { signal }, () => listen(signal))
	    .catch(() => { /* hidden while it waited for the lock */ });
}

/* Starts for the list at path; refresh() reloads the list from its top. */
export function startNews(path, refresh) {
	name = `smartrecord.events${path}`;
	channel = new BroadcastChannel(name);
	channel.addEventListener("message", checkSoon);
	document.getElementById("news").addEventListener("click", (event) => {
		if (event.target.closest("button"))
			refresh();
	});
	document.addEventListener("visibilitychange", () => {
		watch();
		if (watching)
			checkSoon();
	});
	watch();
}
