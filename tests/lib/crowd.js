// A crowd and its neighbour: one customer asks for as much as it can while
// another one lists and plays. For tests of who slows whom.
import { request } from "node:https";
import { copyCall, loadCalls, people } from "./fixtures.js";
import { Client } from "./client.js";
import { until } from "./process.js";

// Fifty words that the crowd's calls contain; a search has 200 characters.
export const fiftyWords = "ami art bal bec bol bus but cas cap car col cri duo eau fil fin gaz gel jeu job jus lac lit loi mal" +
    " mer mot mur nez nid nom pot pub rat riz roi rue sac sel six sol sud vol vin zoo gag kit mil lot tri";
const vocabulary = fiftyWords.split(" ");

const sentence = (i) => Array.from({ length: 12 }, (_, k) => vocabulary[(i * 7 + k * 5) % vocabulary.length]).join(" ");

// Long calls of the crowd: many words, minutes of audio; and many calls of
// both customers.
export async function loadCrowd(database, { copies = 1000, utterances = 600, seconds = 200 } = {}) {
	const words = Array.from({ length: utterances }, (_, i) => sentence(i));
	await loadCalls(database, {
		crowd_long: { account: "supervisor", ago: 2, mood: "neutral", subject: "Long appel", seconds, words,
		    hertz: [0, 440], when: [[0, 0], [0, 1]] },
		crowd_short: { account: "user", ago: 2, mood: "neutral", subject: "Appel court", words: words.slice(0, 8) },
	});
	const id = await idOf(database, "crowd_short");
	const own = await idOf(database, "neighbour_own");
	await copyCall(database, id, copies);
	await copyCall(database, own, copies);
	await database.sql("analyze");
}

export const idOf = (database, key) =>
	database.sql(`select recording_id from recording_source where source_id = '${key}'`);

// Connections that share the session of a client; without one, a stranger's.
export function connections(server, n, session) {
	return Array.from({ length: n }, () => {
		const client = new Client(server);
		for (const [name, value] of session?.cookies ?? [])
			client.cookies.set(name, value);
		client.csrf = session?.csrf ?? null;
		return client;
	});
}

// Sends a request on each connection at once. Returns the answers. Once
// enough(answers so far) is true, closes the connections; a request that got no
// answer then has none in the list.
export async function all(clients, send, enough) {
	const answers = [];
	let cut = false, done = false;
	const asked = Promise.all(clients.map((client, i) => Promise.resolve(send(client, i))
	    .catch((error) => ({ status: cut ? null : 0, headers: {}, text: error.message }))
	    .then((answer) => answers.push(answer))));
	if (enough !== undefined)
		await Promise.race([asked.then(() => { done = true; }),
			until("enough answers", () => done || enough(answers), 120000)]);
	cut = !done && enough !== undefined;
	if (cut)
		clients.forEach((client) => client.close());
	await asked;
	return answers.filter((answer) => answer.status !== null);
}

const seconds = (since) => (performance.now() - since) / 1000;

// The neighbour: lists and plays in turn, until stop() returns what happened:
// { answers, lists, plays (seconds each), wrong }.
export class Neighbour {
	#running = true;
	#done;

	constructor(server, client, id) {
		this.seen = { lists: [], plays: [], wrong: [] };
		this.#done = this.#run(client, id);
	}

	async #timed(list, client, target, headers) {
		const since = performance.now();
		try {
			const answer = await client.send("GET", target, { headers });
			list.push(seconds(since));
			if (![200, 206].includes(answer.status))
				this.seen.wrong.push(`${target}: ${answer.status} ${answer.text.slice(0, 300)}`);
		} catch (error) {
			this.seen.wrong.push(`${target}: ${error.message}`);
		}
	}

	async #run(client, id) {
		while (this.#running) {
			await this.#timed(this.seen.lists, client, "/api/v1/recordings");
			await this.#timed(this.seen.plays, client, `/api/v1/recordings/${id}/audio.mp3`,
			    { range: "bytes=0-8191" });
		}
	}

	// How many it has listed and played.
	get rounds() {
		return this.seen.plays.length;
	}

	async stop() {
		this.#running = false;
		await this.#done;
		return this.seen;
	}
}

// Reads the head of a download and then no further. Returns the answer and
// close(); { status } for a refusal.
export function slowReader(server, session, target) {
	return new Promise((resolve, reject) => {
		const asked = request({ host: "localhost", port: server.port, path: target, agent: false, ca: server.ca,
		    headers: { cookie: [...session.cookies].map(([k, v]) => `${k}=${v}`).join("; ") } }, (answer) => {
			answer.pause();
			answer.on("error", () => {});
			if (answer.statusCode !== 200)
				answer.resume();
			resolve({ status: answer.statusCode, headers: answer.headers, close: () => asked.destroy() });
		});
		asked.on("error", reject);
		asked.end();
	});
}

// The attacks by name: each runs once, or until enough(answers so far). Returns
// its answers, and close(), which ends what it still holds.
export const attacks = {
	"32 searches of fifty words": async (server, session, { enough } = {}) => {
		const clients = connections(server, 32, session);
		const answers = await all(clients, (client, i) =>
		    client.get(`/api/v1/recordings?q=${encodeURIComponent(fiftyWords)}&limit=${20 + i}`), enough);
		return { answers, close: () => clients.forEach((c) => c.close()) };
	},
	"8 documents of long calls": async (server, session, { long }) => {
		const clients = connections(server, 8, session);
		const answers = await all(clients, (client) => client.get(`/api/v1/recordings/${long}/transcript.pdf`));
		return { answers, close: () => clients.forEach((c) => c.close()) };
	},
	"50 sign-ins of one person": async (server, session, { password, enough }) => {
		const clients = connections(server, 50);
		const answers = await all(clients, (client) => client.post("/api/v1/session",
		    { json: { email: people.colleague.email, password } }), enough);
		return { answers, close: () => clients.forEach((c) => c.close()) };
	},
	"27 slow readers of archives": async (server, session, { long }) => {
		const answers = await Promise.all(Array.from({ length: 27 }, () =>
		    slowReader(server, session, `/api/v1/recordings/${long}/archive.zip`)));
		return { answers, holds: true, close: () => answers.forEach((a) => a.close?.()) };
	},
};
