// Sign-in and sign-out, sessions, throttling that does not lock the owner
// out, and protection against cross-site requests.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { password, people } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";

let server;
before(async () => { server = await startServer(); });
after(() => server?.stop());

const api = "/api/v1/session";
const wrong = { email: people.user.email, password: "not the password at all" };
const right = { email: people.user.email, password };

function cookies(answer) {
	return Object.fromEntries((answer.headers["set-cookie"] ?? []).map((line) => {
		const [, name, rest] = /^([^=]+)=(.*)$/.exec(line);
		return [name, rest];
	}));
}

describe("signing in", () => {
	test("through the API: 201, person, profiles, CSRF token, a secure cookie", async () => {
		const client = server.client();
		const answer = await client.post(api, { json: { email: people.supervisor.email.toUpperCase(), password } });
		assert.equal(answer.status, 201);
		const said = answer.json();
		assert.equal(said.person.email, people.supervisor.email);
		assert.deepEqual(said.profiles, ["user", "supervisor"]);
		assert.match(said.csrf, /^[0-9a-f]{64}$/);
		const cookie = cookies(answer)["__Host-session"];
		assert.match(cookie, /^[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
		assert.deepEqual((await client.get(api)).json().person, said.person);
		client.close();
	});

	test("the database holds the token's SHA-256 only", async () => {
		const client = await server.client().signIn(people.user.email);
		const token = client.cookies.get("__Host-session");
		const hash = createHash("sha256").update(token).digest("hex");
		assert.equal(await server.database.sql(
		    `select count(*) from session where token_hash = '\\x${hash}'`), "1");
		assert.equal(await server.database.sql(
		    `select count(*) from session s where s::text like '%${token}%'`), "0");
		client.close();
	});

	test("a wrong password and an unknown e-mail get the same response", async () => {
		const client = server.client();
		const seen = [];
		for (const json of [wrong, { ...wrong, email: "nobody@nowhere.test" }]) {
			const answer = await client.post(api, { json });
			const { request_id, ...rest } = answer.json();
			assert.ok(request_id);
			seen.push([answer.status, rest]);
		}
		assert.equal(seen[0][0], 401);
		assert.deepEqual(seen[0], seen[1]);
		client.close();
	});

	for (const [what, json, field] of [
		["no e-mail", { password }, "email"],
		["an empty e-mail", { email: "", password }, "email"],
		["an e-mail that is a number", { email: 5, password }, "email"],
		["no password", { email: people.user.email }, "password"],
		["a password of 4,000 bytes", { email: people.user.email, password: "x".repeat(4000) }, "password"],
	])
		test(`${what}: 400 naming ${field}`, async () => {
			const answer = await server.client().post(api, { json });
			assert.equal(answer.status, 400);
			assert.equal(answer.headers["content-type"], "application/problem+json");
			assert.equal(answer.json().field, field);
		});

	test("a body that is no JSON object: 400; of another type: 415", async () => {
		const client = server.client();
		for (const body of ["{", "[]", "\"a\"", "{\"email\":\"a\",\"email\":\"b\"}"]) {
			const answer = await client.post(api, { body, headers: { "content-type": "application/json" } });
			assert.equal(answer.status, 400, body);
			assert.equal(answer.json().field, "body");
		}
		assert.equal((await client.post(api, { body: "a=b", headers: { "content-type": "text/plain" } })).status, 415);
		client.close();
	});

	test("through a page: 303 to the requested page, or to the home of the profile", async () => {
		const go = async (surface, email, to) => {
			const client = server.client();
			const answer = await client.post(`/${surface}/session`, { fields: { email, password, ...(to && { to }) } });
			client.close();
			return `${answer.status} ${answer.headers.location}`;
		};
		assert.equal(await go("console", people.supervisor.email), "303 /console/accounts");
		assert.equal(await go("console", people.administrator.email), "303 /console/accounts");
		assert.equal(await go("console", people.user.email), "303 /board/recordings");
		assert.equal(await go("board", people.supervisor.email), "303 /board/recordings");
		assert.equal(await go("console", people.supervisor.email, "/console/recordings?mood=angry"),
		    "303 /console/recordings?mood=angry");
		for (const to of ["https://evil.test/", "//evil.test/", "/console/../x", "/api/v1/recordings", "javascript:alert(1)"])
			assert.equal(await go("console", people.supervisor.email, to), "303 /console/accounts", to);
	});

	test("a wrong password shows the form again, with the e-mail escaped and without the password", async () => {
		const client = server.client();
		const answer = await client.post("/board/session", { fields: { email: "<script>@x.test", password: "wrong wrong wrong" } });
		assert.equal(answer.status, 401);
		assert.match(answer.text, /ne convient pas/);
		assert.ok(answer.text.includes("&lt;script&gt;@x.test"));
		assert.ok(!answer.text.includes("<script>@"));
		assert.ok(!answer.text.includes("wrong wrong"));
		client.close();
	});
});

describe("sessions", () => {
	const age = (column, interval, client) => server.database.sql(
	    `update session set ${column} = now() - interval '${interval}' where token_hash =
	    sha256('${client.cookies.get("__Host-session")}')`);

	test("signing out ends the session on the server too", async () => {
		const client = await server.client().signIn(people.user.email);
		const stolen = client.cookies.get("__Host-session");
		assert.equal((await client.send("DELETE", api)).status, 204);
		client.cookies.set("__Host-session", stolen);
		assert.equal((await client.get(api)).status, 401);
		client.close();
	});

	test("signing out through a page clears the browser's cache", async () => {
		const client = await server.client().signIn(people.user.email);
		const answer = await client.post("/board/session/end", { fields: {} });
		assert.equal(answer.status, 303);
		assert.equal(answer.headers["clear-site-data"], "\"cache\"");
		assert.ok(!client.cookies.has("__Host-session"));
		client.close();
	});

	test("a session ends after 30 idle minutes and at its expiry, but not after 29 minutes", async () => {
		const client = await server.client().signIn(people.user.email);
		await age("last_seen_at", "29 minutes", client);
		assert.equal((await client.get(api)).status, 200);
		await age("last_seen_at", "30 minutes 1 second", client);
		assert.equal((await client.get(api)).status, 401);
		await client.signIn(people.user.email);
		await age("expires_at", "1 second", client);
		assert.equal((await client.get(api)).status, 401);
		client.close();
	});

	test("rights are read with every request, and disabling a person ends access at once", async () => {
		const client = await server.client().signIn(people.limited.email);
		assert.equal((await client.get("/console/recordings")).status, 200);
		await server.database.sql("delete from profile where account_id = (select id from account where key = 'limited')");
		assert.equal((await client.get("/console/recordings")).status, 403);
		await server.database.sql(`update person set disabled_at = now() where email = '${people.limited.email}'`);
		assert.equal((await client.get(api)).status, 401);
		assert.equal((await client.post(api, { json: { email: people.limited.email, password } })).status, 401);
		client.close();
	});

	test("an invented or malformed cookie: 401", async () => {
		for (const value of ["0".repeat(64), "x", "", "'; drop table session; --", "A".repeat(64)]) {
			const client = server.client();
			client.cookies.set("__Host-session", value);
			assert.equal((await client.get(api)).status, 401, value);
			client.close();
		}
	});
});

describe("writes come from our pages only", () => {
	const attempt = async (headers, { token = true } = {}) => {
		const client = await server.client().signIn(people.user.email);
		if (!token)
			client.csrf = null;
		const answer = await client.send("DELETE", api, { headers });
		client.close();
		return answer.status;
	};

	test("with the token, from our origin or none", async () => {
		assert.equal(await attempt({}), 204);
		assert.equal(await attempt({ origin: server.url, "sec-fetch-site": "same-origin" }), 204);
	});
	test("without the token: 403", async () => assert.equal(await attempt({}, { token: false }), 403));
	test("with another token: 403", async () => assert.equal(await attempt({ "x-csrf-token": "f".repeat(64) }), 403));
	test("from another origin: 403", async () => assert.equal(await attempt({ origin: "https://evil.test" }), 403));
	test("from a sandboxed page: 403", async () => assert.equal(await attempt({ origin: "null" }), 403));
	test("from another port: 403", async () => assert.equal(await attempt({ origin: "https://localhost" }), 403));
	test("from an origin that starts like ours or is a prefix of ours: 403", async () => {
		for (const host of ["localhost", `localhost:${server.port}`]) {
			const client = await server.client().signIn(people.user.email);
			const from = async (origin) => (await client.send("DELETE", api, { headers: { host, origin } })).status;
			for (const origin of [".evil.test", "0", ":444", "@evil.test", "/"].map((tail) => `https://${host}${tail}`)
			    .concat(`https://${host.slice(0, -1)}`, `http://${host}`, host, "https://"))
				assert.equal(await from(origin), 403, `${origin} to ${host}`);
			assert.equal(await from(`https://${host}`), 204);
			client.close();
		}
	});
	test("with Sec-Fetch-Site: cross-site: 403", async () => assert.equal(await attempt({ "sec-fetch-site": "cross-site" }), 403));
	test("signing in from another origin: 403", async () => {
		const answer = await server.client().post(api, { json: right, headers: { origin: "https://evil.test" } });
		assert.equal(answer.status, 403);
	});
});

describe("guessed passwords", () => {
	test("after eleven failures: 429; the owner's browser can still sign in", async () => {
		const owner = await server.client().signIn(people.colleague.email);
		const guess = { ...wrong, email: people.colleague.email };
		const guesser = server.client();
		const seen = [];
		for (let i = 0; i < 13; i++)
			seen.push((await guesser.post(api, { json: guess })).status);
		assert.deepEqual(seen, [...Array(11).fill(401), 429, 429]);
		const shut = await guesser.post(api, { json: { ...guess, password } });
		assert.equal(shut.status, 429);
		assert.ok(Number(shut.headers["retry-after"]) > 0);
		// the same address and network, but a known browser
		owner.cookies.delete("__Host-session");
		const answer = await owner.post(api, { json: { email: people.colleague.email, password } });
		assert.equal(answer.status, 201);
		guesser.close();
		owner.close();
	});

	test("failures are stored without the e-mail", async () => {
		const { email } = people.administrator;
		const guesser = server.client();
		assert.equal((await guesser.post(api, { json: { ...wrong, email } })).status, 401);
		guesser.close();
		assert.equal(await server.database.sql(`select count(*) from sign_in_failure
			where email_hash = sign_in_email_hash('${email}')`), "1");
		assert.equal(await server.database.sql(
		    `select count(*) from sign_in_failure f where f::text ilike '%${email}%'`), "0");
	});

	test("a flood of unknown browsers does not stop a known browser", async () => {
		await server.database.sql("delete from sign_in_failure");
		const owner = await server.client().signIn(people.user.email);
		owner.cookies.delete("__Host-session");
		const flood = Array.from({ length: 60 }, () => server.client());
		const answers = flood.map((c, i) => c.post(api, { json: { email: `x${i}@flood.test`, password: "a guess of sorts" } }));
		const entered = await owner.post(api, { json: right });
		assert.equal(entered.status, 201);
		const seen = new Set((await Promise.all(answers)).map((a) => a.status));
		for (const status of seen)
			assert.ok([401, 429, 503].includes(status), `a flooder got ${status}`);
		flood.forEach((c) => c.close());
		owner.close();
	});
});

describe("language", () => {
	test("is the browser's until the person chooses; the choice is stored with the person", async () => {
		await server.database.sql("delete from sign_in_failure");
		const client = server.client();
		const lang = (answer) => /<html lang="(..)">/.exec(answer.text)[1];
		assert.equal(lang(await client.get("/board/sign-in", { "accept-language": "en-GB,en;q=0.9,fr;q=0.5" })), "en");
		assert.equal(lang(await client.get("/board/sign-in", { "accept-language": "de" })), "fr");
		await client.post("/board/language", { fields: { lang: "en" } });
		assert.equal(lang(await client.get("/board/sign-in")), "en");
		await client.signIn(people.lyonnais.email);
		assert.equal(lang(await client.get("/board/recordings")), "en", "the browser's language, as the person has not chosen");
		await client.post("/board/language", { fields: { lang: "fr" } });
		const other = server.client();
		await other.post("/board/language", { fields: { lang: "en" } });
		await other.signIn(people.lyonnais.email);
		assert.equal(lang(await other.get("/board/recordings")), "fr", "the person's own choice comes first");
		other.close();
		const answer = await client.post("/board/language", { fields: { lang: "en", to: "/board/recordings?q=a" } });
		assert.equal(answer.headers.location, "/board/recordings?q=a");
		assert.equal(lang(await client.get("/board/recordings")), "en");
		assert.equal((await client.post("/board/language", { fields: { lang: "xx" } })).status, 400);
		client.close();
	});
});
