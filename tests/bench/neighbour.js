// How long a neighbour's lists and first sounds take while another customer
// asks for as much as it can, against the same minute without.
import { attacks, idOf, loadCrowd, Neighbour, connections, all } from "../lib/crowd.js";
import { password, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

const calls = 3000, seconds = 6;

const p95 = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.95)] * 1000;
const pause = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000));

async function alone(server, client, id) {
	const neighbour = new Neighbour(server, client, id);
	await pause(seconds);
	return neighbour.stop();
}

// Repeats the attack for some seconds, or holds what it holds.
async function attacked(server, client, id, attack) {
	const neighbour = new Neighbour(server, client, id);
	const since = performance.now(), held = [];
	const elapsed = () => (performance.now() - since) / 1000;
	do
		held.push(await attack());
	while (elapsed() < seconds && !held[0].holds);
	await pause(Math.max(0, seconds - elapsed()));
	held.forEach((result) => result.close());
	return neighbour.stop();
}

// 64 lists at once, again and again: the load that costs the database most.
const lists = {
	"64 lists at once": async (server, session) => {
		const clients = connections(server, 64, session);
		await all(clients, (client) => client.get("/console/recordings"));
		return { close: () => clients.forEach((c) => c.close()) };
	},
};

export async function measureNeighbour(row) {
	const database = await freshDatabase({ fixtures: true });
	await loadCrowd(database, { copies: calls, utterances: 3000 });
	const server = await startServer({ database });
	const session = await server.client().signIn(people.supervisor.email);
	const client = await server.client().signIn(people.neighbour.email);
	const id = await idOf(database, "neighbour_own"), long = await idOf(database, "crowd_long");
	for (const [name, attack] of Object.entries({ ...attacks, ...lists })) {
		await database.sql("delete from sign_in_failure");
		const quiet = await alone(server, client, id);
		const loud = await attacked(server, client, id, () => attack(server, session, { long, password }));
		for (const [what, kind] of [["list", "lists"], ["first sound", "plays"]])
			row(`neighbour's ${what} during ${name}: p95, ${loud.wrong.length} errors`,
			    `${p95(loud[kind]).toFixed(1)} ms`, `without ${p95(quiet[kind]).toFixed(1)} ms`,
			    p95(loud[kind]) / p95(quiet[kind]), "<= 3");
	}
	session.close();
	client.close();
	await server.stop();
}
