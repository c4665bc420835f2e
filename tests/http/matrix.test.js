// Rights: every route of `smartrecord routes` for every role; for routes
// of a recording also: own, a colleague's, another site's, another
// tenant's, another operator's. A route without a rule fails.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accountIds, people, recordingIds } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { allRoutes, endless, sent } from "../lib/requests.js";
import { startServer } from "../lib/server.js";

const roles = ["supervisor", "limited", "user", "administrator", "nobody"];

// The owner of each relation's call, per role. A limited supervisor has Lyon;
// their own calls are in Paris.
const relations = {
	supervisor: { own: "supervisor_own", colleague: "colleague_own", other_site: "lyonnais_own" },
	limited: { own: "limited_own", colleague: "lyonnais_own", other_site: "colleague_own" },
	user: { own: "user_own", colleague: "colleague_own", other_site: "lyonnais_own" },
	administrator: { own: "administrator_own", colleague: "colleague_own", other_site: "lyonnais_own" },
	nobody: { own: "user_own", colleague: "colleague_own", other_site: "lyonnais_own" },
};
for (const one of Object.values(relations))
	Object.assign(one, { other_customer: "neighbour_own", other_operator: "stranger_own" });

// Expected responses: a status, or a status and a redirect. A rule is one for
// all roles or one per role; for a recording also per relation.
const each = (supervisor, limited, user, administrator, nobody) =>
	({ supervisor, limited, user, administrator, nobody });
const of = (own, colleague, other_site) =>
	({ own, colleague, other_site, other_customer: "404", other_operator: "404" });
const all = (expected) => ({ own: expected, colleague: expected, other_site: expected,
	other_customer: expected, other_operator: expected });

const home = each("303 /console/accounts", "303 /console/accounts",
    "303 /board/recordings", "303 /console/accounts", "303 /console/sign-in");
const boardHome = each("303 /board/recordings", "303 /board/recordings",
    "303 /board/recordings", "303 /board/recordings", "200");
const consoleRecording = each(of("200", "200", "200"), of("404", "200", "404"),
    all("403"), all("403"), all("303 /console/sign-in"));
const boardRecording = each(of("200", "404", "404"), of("200", "404", "404"),
    of("200", "404", "404"), of("200", "404", "404"), all("303 /board/sign-in"));
const apiRecording = each(of("200", "200", "200"), of("404", "200", "404"),
    of("200", "404", "404"), of("200", "404", "404"), all("401"));
const signedIn = (expected, surface) => each(expected, expected, expected, expected,
    surface === "api" ? "401" : `303 /${surface}/sign-in`);
const auditing = (surface) => each("200", "200", "403", "200",
    surface === "api" ? "401" : `303 /${surface}/sign-in`);
// An account's {id} is that of the call's owner. Paris is out of reach for a
// limited supervisor, including their own account; other tenants are out of
// reach for all.
const foreign = { other_customer: "404", other_operator: "404" };
const account = (expected, surface) => each({ ...expected, ...foreign },
    of("404", "200", "404"), all("403"), { ...expected, ...foreign },
    all(surface === "api" ? "401" : `303 /${surface}/sign-in`));
const administering = (expected, surface) => {
	const like = (status) => typeof expected === "string" ? status : all(status);
	return each(like("403"), like("403"), like("403"), expected,
	    like(surface === "api" ? "401" : `303 /${surface}/sign-in`));
};
// an unknown telephone: 404 for all who have the right
const auditingEach = (expected) => each(all(expected), all(expected), all("403"), all(expected), all("401"));
const supervising = (expected, surface) => each(expected, expected, "403", "403",
    surface === "api" ? "401" : `303 /${surface}/sign-in`);

// Erasing by number: supervisors of the whole tenant, not of some sites; and
// administrators, who file requests.
const erasing = (supervisor, administrator, surface) => each(supervisor, "403", "403", administrator,
    surface === "api" ? "401" : `303 /${surface}/sign-in`);
const asking = (expected, surface) => erasing("403", expected, surface);

// There are no archives here: roles that may request one get 404.
const supervisors = (expected, surface) => {
	const like = (status) => typeof expected === "string" ? status : all(status);
	return each(expected, expected, like("403"), like("403"),
	    like(surface === "api" ? "401" : `303 /${surface}/sign-in`));
};

// a link that was never mailed
const nowhere = each(...Array(5).fill(all("404")));

const rules = {
	"GET /": home,
	"GET /healthz": "200",
	"GET /readyz": "200",
	"GET /assets/{version}/{file}": "200",
	"GET /brand/{file}": "200",
	"GET /console/accessibility": "200",
	"GET /board/accessibility": "200",
	"GET /console/sign-in": { ...home, nobody: "200" },
	"GET /board/sign-in": boardHome,
	// an empty form: every role is told that the first field is missing
	"POST /api/v1/session": "400",
	"POST /console/session": "400",
	"POST /board/session": "400",
	"GET /api/v1/session": signedIn("200", "api"),
	"DELETE /api/v1/session": signedIn("204", "api"),
	"POST /console/session/end": signedIn("303 /console/sign-in", "console"),
	"POST /board/session/end": signedIn("303 /board/sign-in", "board"),
	// a customer where none of them has an account
	...Object.fromEntries(["api", "console", "board"].map((surface) =>
	    [`POST /${surface.replace("api", "api/v1")}/session/tenant`, signedIn("404", surface)])),
	...Object.fromEntries(["console", "board"].flatMap((surface) => ["invitations", "password-resets"]
	    .flatMap((links) => [[`GET /${surface}/${links}`, "200"], [`POST /${surface}/${links}`, "400"],
	        [`GET /${surface}/${links}/{id}`, nowhere], [`POST /${surface}/${links}/{id}`, nowhere]]))),
	...Object.fromEntries(["invitations", "password-resets"].flatMap((links) =>
	    [[`POST /api/v1/${links}`, "400"], [`POST /api/v1/${links}/{id}`, nowhere]])),
	"GET /console/password": signedIn("200", "console"),
	"GET /board/password": signedIn("200", "board"),
	"PUT /api/v1/session/password": signedIn("400", "api"),
	"POST /console/session/password": signedIn("400", "console"),
	"POST /board/session/password": signedIn("400", "board"),
	"GET /console/sessions": signedIn("200", "console"),
	"GET /board/sessions": signedIn("200", "board"),
	"GET /api/v1/sessions": signedIn("200", "api"),
	"DELETE /api/v1/sessions": signedIn("204", "api"),
	"POST /console/sessions/end": signedIn("303 /console/sessions", "console"),
	"POST /board/sessions/end": signedIn("303 /board/sessions", "board"),
	...Object.fromEntries([["DELETE /api/v1", "", "401"], ["POST /console", "/end", "303 /console/sign-in"],
	    ["POST /board", "/end", "303 /board/sign-in"]].map(([base, tail, nobody]) =>
	    [`${base}/sessions/{id}${tail}`, each(...Array(4).fill(all("404")), all(nobody))])),
	// all have a password already
	...Object.fromEntries([["api/v1", "401"], ["console", "303 /console/sign-in"]].map(([base, nobody]) =>
	    [`POST /${base}/accounts/{id}/invitation`, each(all("403"), all("403"), all("403"), of("409", "409", "409"), all(nobody))])),
	"POST /console/language": home,
	"POST /board/language": { ...boardHome, nobody: "303 /board/sign-in" },
	"GET /console": each("303 /console/accounts", "303 /console/accounts",
	    "403", "303 /console/accounts", "303 /console/sign-in"),
	"GET /board": signedIn("303 /board/recordings", "board"),
	"GET /console/accounts": auditing("console"),
	"GET /api/v1/accounts": auditing("api"),
	"GET /console/accounts/{id}": account(all("200"), "console"),
	"GET /api/v1/accounts/{id}": account(all("200"), "api"),
	// nothing waits: roles that may confirm get 404; an empty form gets 400 first
	"GET /console/confirmations": erasing("200", "200", "console"),
	"GET /api/v1/confirmations": erasing("200", "200", "api"),
	...Object.fromEntries([["console", "303 /console/sign-in"], ["api/v1", "401"]].flatMap(([base, nobody]) => [
	    [`POST /${base}/confirmations/{id}`, each(all("400"), all("403"), all("403"), all("400"), all(nobody))],
	    [`POST /${base}/notices/{id}/seen`, each(all("404"), all("403"), all("403"), all("404"), all(nobody))]])),
	"GET /console/confirmation-links/{id}": nowhere,
	"POST /console/confirmation-links/{id}": nowhere,
	// an empty form: roles with the right get 400 before the account is looked up
	"POST /console/accounts/{id}/profiles": administering(all("400"), "console"),
	"PUT /api/v1/accounts/{id}/profiles": administering(all("400"), "api"),
	"GET /console/accounts/invitations": administering("200", "console"),
	"GET /api/v1/accounts/invitations": administering("200", "api"),
	// there is nobody to invite; an empty body is invalid
	"POST /console/accounts/invitations": administering("303 /console/accounts/invitations", "console"),
	"POST /api/v1/accounts/invitations": administering("400", "api"),
	"GET /console/accounts/imports": administering("200", "console"),
	"GET /console/accounts.csv": administering("200", "console"),
	"POST /console/accounts/imports": administering("400", "console"),
	"POST /api/v1/accounts/imports": administering("400", "api"),
	"GET /console/recordings": each("200", "200", "403", "403", "303 /console/sign-in"),
	"GET /board/recordings": signedIn("200", "board"),
	"GET /api/v1/recordings": signedIn("200", "api"),
	"GET /api/v1/events": signedIn("200", "api"),
	"POST /console/exports": supervisors("400", "console"),
	"POST /api/v1/exports": supervisors("400", "api"),
	"GET /console/exports": supervisors("200", "console"),
	"GET /api/v1/exports": supervisors("200", "api"),
	...Object.fromEntries([["GET /console", ""], ["GET /api/v1", ""], ["GET /api/v1", "/events"], ["DELETE /api/v1", ""],
	    ["POST /console", "/cancel"], ["GET /console", "/archive.zip"], ["GET /api/v1", "/archive.zip"]]
	    .map(([base, tail]) => [`${base}/exports/{id}${tail}`,
	        supervisors(all("404"), base.includes("api") ? "api" : "console")])),
	"GET /console/recordings/{id}": consoleRecording,
	"GET /board/recordings/{id}": boardRecording,
	"GET /api/v1/recordings/{id}": apiRecording,
	"GET /console/recordings/{id}/audio.mp3": consoleRecording,
	"GET /console/recordings/{id}/transcript.pdf": consoleRecording,
	"GET /board/recordings/{id}/transcript.pdf": boardRecording,
	"GET /api/v1/recordings/{id}/transcript.pdf": apiRecording,
	"GET /console/recordings/{id}/archive.zip": consoleRecording,
	"GET /board/recordings/{id}/archive.zip": boardRecording,
	"GET /api/v1/recordings/{id}/archive.zip": apiRecording,
	"GET /board/recordings/{id}/audio.mp3": boardRecording,
	"GET /api/v1/recordings/{id}/audio.mp3": apiRecording,
	"GET /console/telephony": auditing("console"),
	"GET /api/v1/telephony": auditing("api"),
	"GET /console/telephony/activation": auditing("console"),
	"GET /api/v1/telephony/activation": auditing("api"),
	// an empty form changes nothing; an empty body is invalid
	"POST /console/accounts/recording": each("303 /console/telephony/activation", "303 /console/telephony/activation",
	    "403", "303 /console/telephony/activation", "303 /console/sign-in"),
	"PATCH /api/v1/accounts": each("400", "400", "403", "400", "401"),
	// an empty form switches no telephone; no account has one
	"POST /console/accounts/{id}/telephones": each(...["303", "303"].map((status) => all(status)), all("403"),
	    all("303"), all("303 /console/sign-in")),
	"GET /api/v1/telephones/{id}": auditingEach("404"),
	"PATCH /api/v1/telephones/{id}": auditingEach("404"),
	"GET /api/v1/recording-policy": each("403", "403", "403", "400", "401"),
	"POST /api/v1/recording-policy/decisions": each("403", "403", "403", "400", "401"),
	"GET /console/help": auditing("console"),
	"GET /board/help": signedIn("200", "board"),
	"GET /console/audit": auditing("console"),
	"GET /console/audit.csv": auditing("console"),
	"GET /api/v1/audit": auditing("api"),
	// nothing is selected; there is no receipt
	"POST /console/deletions/count": supervising("400", "console"),
	"POST /api/v1/deletions/count": supervising("400", "api"),
	"POST /console/deletions": supervising("400", "console"),
	"POST /api/v1/deletions": supervising("400", "api"),
	"GET /console/deletions/{id}": supervising("404", "console"),
	"GET /api/v1/deletions/{id}": supervising("404", "api"),
	// there is no request: roles that may ask get 404
	"POST /console/erasures": asking("400", "console"),
	"POST /api/v1/erasures": asking("400", "api"),
	"GET /console/erasures": erasing("200", "200", "console"),
	"GET /api/v1/erasures": erasing("200", "200", "api"),
	"GET /console/erasures/{id}": erasing("404", "404", "console"),
	"GET /api/v1/erasures/{id}": erasing("404", "404", "api"),
	"DELETE /api/v1/erasures/{id}": asking("404", "api"),
	"POST /console/erasures/{id}/withdraw": asking("404", "console"),
	"GET /console/erasures/{id}/deletion": erasing("404", "403", "console"),
	"POST /console/erasures/{id}/deletion": erasing("404", "403", "console"),
	"POST /api/v1/erasures/{id}/deletion": erasing("404", "403", "api"),
	"GET /console/erasures/{id}/receipt.pdf": erasing("404", "404", "console"),
	"GET /api/v1/erasures/{id}/receipt.pdf": erasing("404", "404", "api"),
	"GET /console/recordings/{id}/peaks": consoleRecording,
	"GET /board/recordings/{id}/peaks": boardRecording,
	"GET /api/v1/recordings/{id}/peaks": apiRecording,
	"GET /api/v1/recordings/days": signedIn("200", "api"),
};

// Requests that end their session.
const ends = /session$|session\/end$/;

const routes = await allRoutes();

let server, ids, accounts, asset;
const clients = {};

before(async () => {
	const database = await freshDatabase({ fixtures: true });
	server = await startServer({ database });
	ids = await recordingIds(database);
	accounts = await accountIds(database);
	for (const role of roles)
		clients[role] = await visitor(role);
	asset = /\/assets\/[^/"]+\/app\.css/.exec(
	    (await clients.nobody.get("/console/sign-in")).text)[0];
});
after(async () => {
	Object.values(clients).forEach((client) => client.close());
	await server?.stop();
});

async function visitor(role) {
	const client = server.client();
	return role === "nobody" ? client : client.signIn(people[role].email);
}

// Returns the status, and the redirect's path when the rule has one.
function seen(answer, expected) {
	if (!expected.includes(" "))
		return String(answer.status);
	return `${answer.status} ${answer.headers.location?.split("?")[0]}`;
}

async function check(route, role, expected, recording) {
	const own = ends.test(route.path) && route.method !== "GET";
	const client = own ? await visitor(role) : clients[role];
	const target = recording ? route.path.replace("{id}", route.path.includes("/accounts/{")
	    ? accounts[recording.split("_")[0]] : ids[recording])
	    : route.path.replace("/assets/{version}/{file}", asset)
		.replace("/brand/{file}", "/brand/1f5fa8.css");
	const method = endless.includes(route.key) ? "HEAD" : route.method;
	const answer = await client.send(method, target, sent[route.key]);
	assert.equal(seen(answer, expected), expected, `${role}: ${route.method} ${target}`);
	if (!/^\/(assets|brand)\//.test(route.path))
		assert.equal(answer.headers["cache-control"], "no-store", `${role}: ${route.method} ${target}`);
	if (own)
		client.close();
}

test("the routes and the rules are the same", () => {
	assert.deepEqual(routes.map((r) => r.key).sort(), Object.keys(rules).sort());
});

for (const route of routes.filter((r) => r.key in rules))
	describe(route.key, () => {
		for (const role of roles)
			test(role, async () => {
				const rule = typeof rules[route.key] === "string"
				    ? rules[route.key] : rules[route.key][role];
				if (typeof rule === "string")
					return check(route, role, rule);
				for (const [relation, expected] of Object.entries(rule))
					await check(route, role, expected, relations[role][relation]);
			});
	});

describe("lists show exactly the scope", () => {
	const paris = ["supervisor_own", "limited_own", "user_own", "user_second",
	    "colleague_own", "administrator_own", "pending_audio", "pending_nothing"];
	const alpha = [...paris, "lyonnais_own"];
	const own = { supervisor: ["supervisor_own"], limited: ["limited_own"],
	    user: ["user_own", "user_second", "pending_audio", "pending_nothing"],
	    administrator: ["administrator_own"] };
	const team = { supervisor: alpha, limited: ["lyonnais_own"] };

	for (const role of roles.filter((r) => r !== "nobody")) {
		const listed = async (query) => {
			const answer = await clients[role].get(`/api/v1/recordings?${query}`);
			assert.equal(answer.status, 200, answer.text);
			return answer.json();
		};
		const names = (list) => list.items.map((item) =>
		    Object.keys(ids).find((key) => ids[key] === item.id)).sort();

		test(`${role}: the widest scope by default, then own, then team`, async () => {
			assert.deepEqual(names(await listed("")), [...team[role] ?? own[role]].sort());
			assert.deepEqual(names(await listed("scope=own")), [...own[role]].sort());
			const answer = await clients[role].get("/api/v1/recordings?scope=team");
			assert.equal(answer.status, role in team ? 200 : 403);
			if (role in team)
				assert.deepEqual(names(answer.json()), [...team[role]].sort());
		});

		test(`${role}: totals and counts cover the scope`, async () => {
			const list = await listed("scope=own");
			assert.equal(list.total, own[role].length);
			assert.equal(list.counts, null, "moods of one person are not counted");
		});

		test(`${role}: own audio with scope=own`, async () => {
			const answer = await clients[role].get(
			    `/api/v1/recordings/${ids[own[role][0]]}/audio.mp3?scope=own`);
			assert.equal(answer.status, 200);
		});

		test(`${role}: a word of another customer's call finds nothing`, async () => {
			assert.equal((await listed("q=voisin")).items.length, 0);
			assert.equal((await listed("q=lointaine")).items.length, 0);
		});

		test(`${role}: pages link to no recording outside the scope`, async () => {
			const surface = role in team ? "console" : "board";
			const { text } = await clients[role].get(`/${surface}/recordings`);
			const shown = Object.keys(ids).filter((key) => text.includes(ids[key])).sort();
			assert.deepEqual(shown, [...team[role] ?? own[role]].sort());
		});
	}
});

test("absent, expired and out-of-scope recordings get the same response, byte for byte", async () => {
	const absent = ids.user_own.replace(/.{12}$/, "0123456789ab");
	await server.database.sql(`update recording set expires_at = now() - interval '1 second'
		where id = '${ids.user_second}'`);
	for (const base of ["/api/v1", "/board"])
		for (const tail of ["", "/audio.mp3", "/transcript.pdf", "/archive.zip", "/peaks"]) {
			const answers = await Promise.all([absent, ids.neighbour_own, ids.colleague_own,
			    ids.user_second, "z".repeat(36)].map((id) =>
			    clients.user.get(`${base}/recordings/${id}${tail}`)
			    .then((answer) => ({ id, answer }))));
			const responses = answers.map(({ id, answer }) => {
				const { date, "x-request-id": request, ...headers } = answer.headers;
				assert.ok(date);
				const text = answer.text.replaceAll(request, "REQUEST").replaceAll(id, "ID");
				return JSON.stringify([answer.status, headers, text]);
			});
			assert.match(responses[0], /^\[404/);
			responses.forEach((response, i) =>
			    assert.ok(response === responses[0], `${base} ${tail} ${answers[i].id}: ${response}`));
		}
});
