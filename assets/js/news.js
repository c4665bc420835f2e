/*
 * "3 nouveaux enregistrements – Afficher": what has arrived while one looks,
 * and fits the filters. Rows never come by themselves. One tab listens to the
 * server for all tabs of its surface, since a browser has six connections to
 * a host; while nobody looks, none does.
 */
const CALM_MS = 400;	/* arrivals come in groups */

let timer, channel, name;
let watching = null;	/* AbortController while this tab is looked at */

const button = () => document.querySelector("#news button");

function show({ total, total_is_capped: capped }) {
	const { one, many } = button().dataset;
	const n = new Intl.NumberFormat(document.documentElement.lang)
	    .format(total) + (capped ? "+" : "");

	button().querySelector("span").textContent =
	    (total === 1 ? one : many).replace("{n}", n);
	button().hidden = total === 0;
}

/* Asks how many there are; what goes wrong is asked again another time. */
async function check() {
	const asked = button();

	try {
		const answer = await fetch(asked.dataset.href);

		if (answer.ok && asked.isConnected)
			show(await answer.json());
	} catch {
		/* away from the server: the list says so when it is used */
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

/* Listens until the signal aborts or the server will not have it. */
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
	    .catch(() => { /* hidden while it waited for its turn */ });
}

/* refresh() shows the list anew, from its top. */
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
