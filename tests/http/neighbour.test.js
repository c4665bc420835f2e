// One customer asks for as much as it can, on every route; another one lists
// and plays meanwhile, and gets no error. A route without a row fails. The
// figures are those of `make bench`.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { all, attacks, connections, fiftyWords, idOf, loadCrowd, Neighbour, slowReader } from "../lib/crowd.js";
import { accountIds, password, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { allRoutes, endless, sent } from "../lib/requests.js";
import { startServer } from "../lib/server.js";

const parallel = 64;

// Who asks on a route, and what, where it is not the request of lib/requests.js.
const rows = (by, routes, what = {}) => Object.fromEntries(routes.map((route) => [route, { by, ...what }]));
const on = (bases, method, ...paths) => bases.flatMap((base) => paths.map((path) => `${method} ${base}${path}`));
const api = "/api/v1", pages = ["/console", "/board"], every = [api, ...pages], both = [api, "/console"];
const search = `?q=${encodeURIComponent(fiftyWords)}`;
const wrong = (i) => ({ email: `${i}@flood.test`, password: "a guess of sorts" });

const table = {
	...rows("stranger", [...on([""], "GET", "/", "/healthz", "/readyz", "/assets/{version}/{file}", "/brand/{file}"),
		...on(pages, "GET", "/accessibility", "/sign-in", "/invitations", "/password-resets", "/invitations/{id}",
		    "/password-resets/{id}"),
		...on(every, "POST", "/invitations", "/password-resets", "/invitations/{id}", "/password-resets/{id}"),
		...on(pages, "POST", "/language")]),
	...rows("stranger", on([api], "POST", "/session"), { each: (i) => ({ json: wrong(i) }) }),
	...rows("stranger", on(pages, "POST", "/session"), { each: (i) => ({ fields: wrong(i) }) }),
	...rows("supervisor", [...on(every, "GET", "/sessions"), ...on(every, "POST", "/session/tenant"),
		...on([api], "GET", "/session"), ...on(pages, "GET", "/password", "/help"),
		...on(pages, "POST", "/sessions/end", "/sessions/{id}/end"),
		...on([api], "DELETE", "/sessions", "/sessions/{id}"), ...on(pages, "GET", "")]),
	...rows("supervisor", on([api], "PUT", "/session/password"),
	    { each: (i) => ({ json: { current: `a wrong one ${i}`, password: "another-horse-battery-staple" } }) }),
	...rows("supervisor", on(pages, "POST", "/session/password"),
	    { each: (i) => ({ fields: { current: `a wrong one ${i}`, password: "another-horse-battery-staple" } }) }),
	...rows("leaver", [...on([api], "DELETE", "/session"), ...on(pages, "POST", "/session/end")]),
	...rows("supervisor", [...on(both, "GET", "/accounts", "/accounts/{id}", "/telephony", "/telephony/activation", "/audit"),
		...on(["/console"], "GET", "/audit.csv"), ...on(["/console"], "POST", "/accounts/recording", "/accounts/{id}/telephones"),
		...on([api], "PATCH", "/accounts", "/telephones/{id}"), ...on([api], "GET", "/telephones/{id}")]),
	...rows("stranger", [...on(["/console"], "GET", "/confirmation-links/{id}"),
		...on(["/console"], "POST", "/confirmation-links/{id}")]),
	...rows("supervisor", [...on(both, "GET", "/confirmations"), ...on(both, "POST", "/confirmations/{id}", "/notices/{id}/seen")]),
	...rows("administrator", [...on(["/console"], "GET", "/accounts/imports", "/accounts.csv"), ...on(both, "GET", "/accounts/invitations"),
		...on(both, "POST", "/accounts/imports", "/accounts/invitations", "/accounts/{id}/invitation"),
		...on([api], "PUT", "/accounts/{id}/profiles"), ...on(["/console"], "POST", "/accounts/{id}/profiles"),
		...on([api], "GET", "/recording-policy"), ...on([api], "POST", "/recording-policy/decisions"),
		...on(both, "POST", "/erasures"), ...on(both, "GET", "/erasures", "/erasures/{id}", "/erasures/{id}/receipt.pdf"),
		...on([api], "DELETE", "/erasures/{id}"), ...on(["/console"], "POST", "/erasures/{id}/withdraw")]),
	...rows("supervisor", [...on(every, "GET", "/recordings"), ...on([api], "GET", "/recordings/days")], { query: search }),
	...rows("supervisor", [...on([api], "GET", "/events"), ...on(every, "GET", "/recordings/{id}",
		"/recordings/{id}/audio.mp3", "/recordings/{id}/peaks", "/recordings/{id}/transcript.pdf",
		"/recordings/{id}/archive.zip")]),
	...rows("supervisor", on([api], "POST", "/deletions/count"),
	    { each: () => ({ json: { select: { filter: { q: fiftyWords }, as_of: new Date().toISOString() } } }) }),
	...rows("supervisor", on(["/console"], "POST", "/deletions/count"),
	    { each: () => ({ fields: { all: "1", q: fiftyWords, as_of: new Date().toISOString() } }) }),
	...rows("supervisor", [...on(both, "POST", "/deletions", "/exports"),
		...on(both, "GET", "/deletions/{id}", "/exports", "/exports/{id}", "/exports/{id}/archive.zip"),
		...on([api], "GET", "/exports/{id}/events"), ...on([api], "DELETE", "/exports/{id}"),
		...on(["/console"], "POST", "/exports/{id}/cancel"), ...on(["/console"], "GET", "/erasures/{id}/deletion"),
		...on(both, "POST", "/erasures/{id}/deletion")]),
};

const routes = await allRoutes();
let server, session, crowds, leavers, neighbour, colleague, accounts, asset;
const ids = {};

before(async () => {
	const database = await freshDatabase({ fixtures: true });
	await loadCrowd(database);
	server = await startServer({ database });
	for (const key of ["crowd_long", "crowd_short", "neighbour_own"])
		ids[key] = await idOf(database, key);
	accounts = await accountIds(database);
	// a browser that its person signed in with before
	colleague = await server.client().signIn(people.colleague.email);
	colleague.cookies.delete("__Host-session");
	neighbour = await server.client().signIn(people.neighbour.email);
	leavers = await Promise.all([1, 2, 3].map(() => server.client().signIn(people.user.email)));
	session = {};
	for (const role of ["supervisor", "administrator"])
		session[role] = await server.client().signIn(people[role].email);
	asset = /\/assets\/[^/"]+\/app\.css/.exec((await server.client().get("/console/sign-in")).text)[0];
	crowds = { stranger: connections(server, parallel),
		...Object.fromEntries(Object.entries(session).map(([role, s]) => [role, connections(server, parallel, s)])) };
});
after(async () => {
	[...Object.values(crowds ?? {}).flat(), ...leavers ?? [], ...Object.values(session ?? {}), neighbour, colleague]
	    .forEach((client) => client?.close());
	await server?.stop();
});

// Runs an attack while the neighbour lists and plays, at least twice. The attack
// gets a function that returns whether it has. Returns what the attack returns.
async function besideNeighbour(attack) {
	const beside = new Neighbour(server, neighbour, ids.neighbour_own);
	const served = () => beside.rounds >= 2;
	try {
		const [result] = await Promise.all([attack(served), until("the neighbour to list and play", served)]);
		return result;
	} finally {
		assert.deepEqual((await beside.stop()).wrong, [], "the neighbour's errors");
	}
}

// A refusal says whose bound it is and when to come back.
function checkRefusal(answer) {
	if (answer.status !== 429 && answer.status !== 503)
		return;
	assert.ok(Number(answer.headers["retry-after"]) > 0, `${answer.status} without Retry-After: ${answer.text}`);
}

const pathOf = (route, { query = "" }) => route.path.replace("/assets/{version}/{file}", asset)
	.replace("/brand/{file}", "/brand/1f5fa8.css")
	.replace("/accounts/{id}", `/accounts/${accounts.user}`)
	.replace("/recordings/{id}", `/recordings/${/audio|pdf|zip/.test(route.path) ? ids.crowd_short : ids.crowd_long}`)
	.replace("{id}", randomUUID()) + query;

// Work that takes long ends, unanswered, once the neighbour was served.
const long = /\/(session|session\/password|recordings|deletions\/count|archive\.zip|transcript\.pdf|audit\.csv)$/;

async function ask(route, row, served) {
	const crowd = crowds[row.by] ?? connections(server, parallel, leavers.pop());
	const target = pathOf(route, row);
	const method = endless.includes(route.key) ? "HEAD" : route.method;
	const answers = await all(crowd, (client, i) => client.send(method, target, row.each?.(i) ?? sent[route.key]),
	    long.test(route.path) ? served : undefined);
	if (crowd !== crowds[row.by])
		crowd.forEach((client) => client.close());
	return answers;
}

test("the routes and the rows are the same", () => {
	assert.deepEqual(routes.map((r) => r.key).sort(), Object.keys(table).sort());
});

describe("64 in parallel of one person, or of strangers, on each route", () => {
	for (const route of routes.filter((r) => r.key in table))
		test(route.key, async () => {
			const answers = await besideNeighbour((served) => ask(route, table[route.key], served));
			for (const answer of answers) {
				assert.ok(answer.status > 0 && answer.status !== 500, `${answer.status} ${answer.text}`);
				checkRefusal(answer);
			}
		});
});

describe("by name", () => {
	// Runs an attack, and during() once it has been sent; checks the refusals.
	const attack = async (name, options = {}, during = async () => {}) => {
		const { answers } = await besideNeighbour(async (served) => {
			const result = await attacks[name](server, session.supervisor,
			    { long: ids.crowd_long, password, ...options.enough && { enough: options.enough(served) } });
			try {
				await during();
			} finally {
				result.close();
			}
			return result;
		});
		answers.forEach(checkRefusal);
		return answers.map((answer) => answer.status);
	};

	test("32 searches of fifty words", async () => {
		const statuses = await attack("32 searches of fifty words",
		    { enough: (served) => (answers) => served() && answers.some((answer) => answer.status === 200) });
		assert.ok(statuses.includes(200), `${statuses}`);
	});

	test("8 documents of long calls", async () => {
		const statuses = await attack("8 documents of long calls");
		assert.deepEqual([...new Set(statuses)], [200]);
	});

	test("50 sign-ins of one person: others sign in, from a known browser and a new one", async () => {
		await server.database.sql("delete from sign_in_failure");
		let entered;
		const attacked = attack("50 sign-ins of one person", { enough: (served) => () => served() && entered !== undefined });
		const stranger = server.client();
		entered = await Promise.all([
			colleague.post("/api/v1/session", { json: { email: people.colleague.email, password } }),
			stranger.post("/api/v1/session", { json: { email: people.stranger.email, password } }),
		]);
		assert.deepEqual(entered.map((answer) => answer.status), [201, 201]);
		stranger.close();
		assert.ok((await attacked).every((status) => [201, 429].includes(status)));
	});

	test("27 slow readers of archives: the neighbour's archive arrives, the crowd's own bound answers", async () => {
		const user = await server.client().signIn(people.user.email);
		const statuses = await attack("27 slow readers of archives", {}, async () => {
			const archive = await neighbour.get(`/api/v1/recordings/${ids.neighbour_own}/archive.zip`);
			assert.equal(archive.status, 200);
			const own = await slowReader(server, user, `/api/v1/recordings/${ids.crowd_short}/archive.zip`);
			assert.equal(own.status, 200, "a colleague's");
			own.close();
		});
		assert.ok(statuses.includes(200) && statuses.includes(429), `${statuses}`);
		assert.ok(!statuses.includes(503), `${statuses}`);
		user.close();
	});

	test("a refusal says that it is the bound of one's own organisation", async () => {
		const refused = (answers) => answers.find((answer) => answer.status === 429);
		const clients = connections(server, 80, session.supervisor);
		const answers = await all(clients, (client) => client.get(`/api/v1/recordings${search}`), refused);
		const problem = refused(answers).json();
		assert.equal(problem.type, "urn:smartrecord:problem:too-many-at-once");
		assert.match(problem.detail, /^Votre organisation/);
	});

	test("the slots of workers that were killed come back", async () => {
		const clients = connections(server, 16, session.supervisor);
		const asked = Promise.all(clients.map((client) =>
		    client.get(`/api/v1/recordings${search}`).catch((error) => error)));
		await until("a search to run", async () => await server.database.sql(`select count(*) from pg_stat_activity
			where datname = current_database() and application_name = 'smartrecord'
			and state = 'active' and query like '%recordings_search%'`) !== "0");
		const field = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m")
		    .exec(readFileSync(`/proc/${pid}/status`, "latin1"))[1]);
		const kore = server.family().find((pid) => field(pid, "PPid") === server.pid);
		// the key manager has one thread
		const workers = server.family().filter((pid) => field(pid, "PPid") === kore && field(pid, "Threads") > 1);
		assert.equal(workers.length, 2);
		workers.forEach((pid) => process.kill(pid, "SIGKILL"));
		await asked;
		clients.forEach((client) => client.close());
		const [one] = connections(server, 1, session.supervisor);
		await until("a search to be answered", async () =>
		    (await one.get("/api/v1/recordings?q=lot").catch(() => ({}))).status === 200);
		one.close();
	});
});
