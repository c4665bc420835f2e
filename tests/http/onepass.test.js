// OnePass: creating an account by mail, forgotten and changed passwords,
// own sessions; and that responses do not show who has an account.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { password, people } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { Smtp } from "../lib/smtp.js";
import { filled } from "../lib/sql.js";

let server, database, smtp, jobs;
const clients = [];
before(async () => {
	database = await freshDatabase({ fixtures: true });
	const account = (key, ...options) => database.command(["account", "create", "alpha", key, "--site", "paris",
	    "--first-name", "Nina", "--last-name", key, ...options]);
	await account("nina", "--email", "nina@alpha.test");
	await account("norma", "--email", "norma@alpha.test");
	await account("mute");
	// accounts without a person yet; and one of another customer with the same e-mail
	await account("new", "--email", "new@alpha.test");
	await database.sql(`update account set person_id = null where key in ('new', 'nina');
		delete from person where email in ('new@alpha.test', 'nina@alpha.test');
		insert into account (tenant_id, key, site_id, first_name, last_name, email)
		select t.id, 'new-too', s.id, 'Nina', 'new', 'New@alpha.test'
		from tenant t join site s on s.tenant_id = t.id where t.key = 'beta'`);
	smtp = await new Smtp().start();
	server = await startServer({ database, settings: smtp.settings });
	jobs = await startJobs(server);
});
after(async () => {
	clients.forEach((client) => client.close());
	await jobs?.stop();
	await smtp?.stop();
	await server?.stop();
});

function visitor() {
	clients.push(server.client());
	return clients.at(-1);
}
const signedIn = (key) => visitor().signIn(people[key].email);
const path = (mail) => /https:\/\/record\.test:8443(\S+\/[0-9a-f]{64})$/m.exec(mail.text)[1];
const api = (page) => page.replace(/^\/(console|board)/, "/api/v1");
// Deletes earlier requests, so that the hourly limit does not affect the next
// test.
const resetLimits = () => database.sql("delete from mail_request; delete from sign_in_failure");
// Waits until jobs has processed all requests.
const processed = () => until("the requests to be processed", async () =>
    await database.sql("select count(*) from mail_request where email is not null") === "0");
const audited = (kind) => database.rows(`select detail, person_id from audit where kind = '${kind}' order by id`);
const fresh = "a sentence of mine, new";

// Opens a stream of events: { ended }, a promise of all its text.
function listen(client) {
	return new Promise((resolve, reject) => {
		const cookie = `__Host-session=${client.cookies.get("__Host-session")}`;
		request(`${server.url}/api/v1/events`, { ca: server.ca, agent: false, headers: { cookie } }, (answer) => {
			let said = "";
			const ended = new Promise((end) => answer.on("close", () => end(said)));
			answer.setEncoding("utf8").on("data", (chunk) => {
				said += chunk;
				if (/event: listening/.test(said))
					resolve({ ended });
			});
		}).on("error", reject).end();
	});
}

async function linkFor(email, subject, target = "password-resets") {
	await resetLimits();
	await visitor().post(`/api/v1/${target}`, { json: { email } });
	return path(await smtp.mail(email, subject));
}

test("every address gets the same response, and only known ones get mail", async () => {
	const asked = {};
	for (const target of ["invitations", "password-resets"]) {
		await resetLimits();
		for (const email of ["norma@alpha.test", "Nobody@nowhere.test", people.user.email, "x@y"]) {
			const api = await visitor().post(`/api/v1/${target}`, { json: { email } });
			const page = await visitor().post(`/board/${target}`, { fields: { email } });
			const { date, "x-request-id": request, ...headers } = api.headers;
			assert.ok(date && request);
			(asked[target] ??= new Set()).add(JSON.stringify([api.status, api.text, headers,
			    page.status, page.headers.location]));
			assert.equal(page.status, 303);
			const sent = await visitor().get(page.headers.location);
			assert.match(sent.text, /Si le service connaît cette adresse/);
		}
		await processed();
	}
	assert.deepEqual(Object.values(asked).map((set) => set.size), [1, 1]);
	await until("the mails", () => smtp.mails.length === 8);
	assert.deepEqual([...new Set(smtp.mails.map((m) => `${m.to} ${m.headers.subject}`))].sort(), [
		"norma@alpha.test Créez votre compte OnePass",
		"user@alpha.test Choisissez un nouveau mot de passe OnePass",
		"user@alpha.test Vous avez déjà un compte OnePass"]);
	assert.match(smtp.mails.find((m) => /déjà/.test(m.headers.subject)).text, /\/board\/password-resets\/[0-9a-f]{64}$/m);
	assert.equal(await database.sql("select count(*) from mail_request w where w::text ilike '%alpha.test%'"), "0");
	smtp.mails = [];
	for (const email of [undefined, "", "no address", "x@".padEnd(300, "x")]) {
		const answer = await visitor().post("/api/v1/invitations", { json: { email } });
		assert.deepEqual([answer.status, answer.json().field], [400, "email"]);
	}
	const again = await visitor().post("/console/password-resets", { fields: { email: "typed wrong" } });
	assert.equal(again.status, 400);
	assert.match(again.text, /value="typed wrong"/);
});

test("an invitation's page can be opened repeatedly; its password is set once and signs in; then the link has expired", async () => {
	await resetLimits();
	await visitor().post("/api/v1/invitations", { json: { email: "new@alpha.test" } });
	const both = [await smtp.mail("new@alpha.test", /Créez votre compte OnePass/), await smtp.mail("new@alpha.test", /Créez votre compte OnePass/)];
	const page = path(both.find((m) => /^alpha vous invite/m.test(m.text)));
	const client = visitor();
	for (let i = 0; i < 3; i++) {
		const answer = await client.get(page);
		assert.equal(answer.status, 200);
		assert.match(answer.text, /value="new@alpha\.test" autocomplete="username" readonly/);
		assert.match(answer.text, /autocomplete="new-password"/);
		assert.match(answer.text, /Au moins 15 caractères/);
		assert.equal(answer.headers["cache-control"], "no-store");
	}
	const weak = await client.post(page, { fields: { password: "too short" } });
	assert.equal(weak.status, 400);
	assert.match(weak.text, /d’au moins 15 caractères/);
	assert.ok(!weak.text.includes("too short"));
	const common = await client.post(api(page), { json: { password: "aaaaaaaaaaaaaaaa" } });
	assert.deepEqual([common.status, common.json().field], [400, "password"]);
	// of two concurrent requests one succeeds
	const answers = await Promise.all([client, visitor()].map((one) => one.post(page, { fields: { password: fresh } })));
	assert.deepEqual(answers.map((a) => a.status).sort(), [303, 404]);
	const done = answers.find((a) => a.status === 303);
	assert.equal(done.headers.location, "/board/recordings");
	assert.match(String(done.headers["set-cookie"]), /__Host-session=[0-9a-f]{64}/);
	for (const target of [page, page.replace(/.$/, (c) => c === "0" ? "1" : "0"), "/board/invitations/x"])
		assert.match((await client.get(target)).text, /Ce lien a déjà servi/);
	const entered = await visitor().signIn("new@alpha.test", fresh);
	assert.equal((await entered.get("/api/v1/session")).json().person.name, "Nina new");
	// the other customer with that address sent a link of its own, which is void now
	assert.equal(await database.sql("select key from account where lower(email) = 'new@alpha.test' and person_id is not null"), "new");
	const other = path(both.find((m) => /^beta vous invite/m.test(m.text)));
	assert.equal((await visitor().get(other)).status, 404);
	assert.deepEqual((await audited("password")).map((r) => r.detail.how), ["invitation"]);
	assert.ok(!server.output.includes(page.slice(-64)) && !server.output.includes("new@alpha.test"));
});

test("an address known to two operators that share a host gets the mail of each", async () => {
	await resetLimits();
	const { email } = people.stranger;
	await database.sql(`insert into person (id, operator_id, email, name) overriding system value
		select 0, id, '${email}', 'Homonyme' from operator where key = 'smart'`);
	await database.command(["account", "create", "alpha", "namesake", "--site", "paris", "--first-name", "H",
	    "--last-name", "Homonyme", "--email", email]);
	await visitor().signIn(email);
	await visitor().post("/api/v1/password-resets", { json: { email } });
	await processed();
	assert.deepEqual(await database.rows(`select o.key, m.kind from mail m join person p on p.id = m.person_id
		join operator o on o.id = p.operator_id where p.email = '${email}' order by o.key`),
	    [{ key: "autre", kind: "password_reset" }, { key: "smart", kind: "invitation" }]);
	await database.sql("delete from account where key = 'namesake'");
});

test("a link is invalid after its expiry, while the person is disabled, and for another purpose", async () => {
	const first = await linkFor(people.colleague.email, /nouveau mot de passe/);
	const second = await linkFor(people.colleague.email, /nouveau mot de passe/);
	await database.sql(`update mail_link set expires_at = now() where token_hash = sha256('${first.slice(-64)}')`);
	assert.equal((await visitor().get(first)).status, 404);
	assert.equal((await visitor().post(api(first), { json: { password: fresh } })).status, 404);
	const elsewhere = second.replace("password-resets", "invitations");
	assert.equal((await visitor().get(elsewhere)).status, 404);
	for (const answer of [await visitor().post(api(elsewhere), { json: { password: fresh } }),
	    await visitor().post(elsewhere, { fields: { password: fresh } })])
		assert.equal(answer.status, 404);
	const disable = (state) => database.command(["account", state, "alpha", "colleague"]);
	await database.sql(`update person set disabled_at = now() where email = '${people.colleague.email}'`);
	assert.equal((await visitor().post(api(second), { json: { password: fresh } })).status, 404);
	await database.sql("update person set disabled_at = null");
	assert.equal((await visitor().get(second)).status, 200);
	await disable("disable");
	await disable("enable");
	assert.equal((await visitor().get(second)).status, 404, "disabling deletes it");
});

test("an invitation can't be used as a reset, not even for its last step alone", async () => {
	const link = await linkFor("norma@alpha.test", /Créez votre compte OnePass/, "invitations");
	const elsewhere = link.replace("invitations", "password-resets");
	assert.equal((await visitor().get(elsewhere)).status, 404);
	for (const answer of [await visitor().post(api(elsewhere), { json: { password: fresh } }),
	    await visitor().post(elsewhere, { fields: { password: fresh } })])
		assert.equal(answer.status, 404);
	// the page checks the purpose first, and the final query must check it too
	const use = (purpose) => database.sql(`begin; ${filled(readFileSync(`${top}/src/onepass/link_use.sql`, "utf8"),
		createHash("sha256").update(link.slice(-64)).digest("hex"), purpose, "no hash")}; rollback`, "smartrecord_app");
	assert.equal(await use("reset"), "");
	assert.notEqual(await use("invitation"), "");
	assert.equal((await visitor().get(link)).status, 200);
});

test("using a link or changing the password invalidates all other links", async () => {
	const { email } = people.administrator;
	const links = [];
	for (let i = 0; i < 3; i++)
		links.push(await linkFor(email, /nouveau mot de passe/));
	const client = visitor();
	for (const link of links.slice(0, 2)) {
		const answer = await client.post(api(link), { json: { password: fresh } });
		assert.deepEqual([answer.status, answer.json().type], [410, "urn:smartrecord:problem:link-outdated"]);
	}
	const done = await client.post(api(links[2]), { json: { password: fresh } });
	assert.equal(done.status, 201);
	for (const link of links) {
		assert.equal((await visitor().get(link)).status, 404);
		assert.equal((await visitor().post(api(link), { json: { password: fresh } })).status, 404);
	}
	client.csrf = done.json().csrf;
	const last = await linkFor(email, /nouveau mot de passe/);
	assert.equal((await visitor().get(last)).status, 200);
	const changed = await client.send("PUT", "/api/v1/session/password", { json: { current: fresh, password } });
	assert.equal(changed.status, 200);
	assert.equal((await visitor().get(last)).status, 404);
	assert.equal((await visitor().post(api(last), { json: { password: fresh } })).status, 404);
	await visitor().signIn(email, password);
});

test("a reset ends all sessions and streams, mails the person and signs in; the old password fails", async () => {
	const old = await signedIn("user"), other = await signedIn("user");
	const stream = await listen(old);
	const page = await linkFor(people.user.email, /nouveau mot de passe/);
	const answer = await visitor().post(api(page), { json: { password: fresh } });
	assert.equal(answer.status, 201);
	assert.equal(answer.json().person.email, people.user.email);
	await stream.ended;
	assert.equal((await old.get("/api/v1/session")).status, 401);
	assert.equal((await other.get("/board/sessions")).status, 303);
	await smtp.mail(people.user.email, /a changé/);
	const wrong = await visitor().post("/api/v1/session", { json: { email: people.user.email, password } });
	assert.equal(wrong.status, 401);
	await visitor().signIn(people.user.email, fresh);
});

test("a password change requires the current one, ends other sessions and renews the token", async () => {
	const client = await signedIn("limited"), other = await signedIn("limited");
	const put = (json) => client.send("PUT", "/api/v1/session/password", { json });
	for (const [json, field] of [[{ current: password }, "password"], [{ current: password, password: "short" }, "password"],
	    [{ password: fresh }, "current"], [{ current: "not the password at all", password: fresh }, "current"]]) {
		const answer = await put(json);
		assert.deepEqual([answer.status, answer.json().field], [400, field]);
	}
	const page = await client.post("/console/session/password", { fields: { current: "no", password: fresh } });
	assert.equal(page.status, 400);
	assert.match(page.text, /id="current"[^>]*aria-invalid="true"/);
	const before = client.cookies.get("__Host-session");
	const answer = await put({ current: password, password: fresh });
	assert.equal(answer.status, 200);
	assert.notEqual(client.cookies.get("__Host-session"), before);
	assert.equal((await put({ current: fresh, password: fresh })).status, 403, "the old CSRF token");
	client.csrf = answer.json().csrf;
	assert.equal((await client.get("/console/sessions")).status, 200);
	assert.equal((await other.get("/api/v1/session")).status, 401);
	const stolen = visitor();
	stolen.cookies.set("__Host-session", before);
	assert.equal((await stolen.get("/api/v1/session")).status, 401);
	await smtp.mail(people.limited.email, /a changé/);
	const done = await client.post("/console/session/password", { fields: { current: fresh, password } });
	assert.deepEqual([done.status, done.headers.location], [303, "/console/password?done=1"]);
});

test("people list and end their own sessions, one by one or all others, with their streams; never another person's", async () => {
	const agent = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0" };
	const enter = async () => {
		const client = visitor();
		const answer = await client.post("/api/v1/session", { headers: agent, json: { email: people.supervisor.email, password } });
		client.csrf = answer.json().csrf;
		return client;
	};
	const [here, there, third] = [await enter(), await enter(), await enter()];
	const { items } = (await here.get("/api/v1/sessions")).json();
	assert.deepEqual(items.map((i) => i.current), [true, false, false]);
	assert.ok(items.every((i) => i.address === "127.0.0.1" && i.agent === agent["user-agent"] &&
	    Math.abs(Date.parse(i.last_seen_at) - Date.now()) < 300000));
	const { text } = await here.get("/console/sessions");
	assert.match(text, /Firefox sur Linux/);
	assert.match(text, /cette session/);
	const stranger = await signedIn("neighbour");
	for (const id of [items[1].id, "x", items[1].id.replace(/.$/, "g")])
		assert.equal((await stranger.send("DELETE", `/api/v1/sessions/${id}`)).status, 404);
	const stream = await listen(there);
	const mine = (await there.get("/api/v1/sessions")).json().items[0].id;
	assert.equal((await here.send("DELETE", `/api/v1/sessions/${mine}`)).status, 204);
	await stream.ended;
	assert.equal((await there.get("/api/v1/session")).status, 401);
	assert.equal((await here.post("/console/sessions/end", { fields: {} })).headers.location, "/console/sessions?ended=1");
	assert.equal((await third.get("/api/v1/session")).status, 401);
	assert.equal((await here.get("/api/v1/sessions")).json().items.length, 1);
	assert.deepEqual((await audited("session_end")).map((r) => r.detail), [{ sessions: 1 }, { sessions: 1 }]);
});

test("switching the customer renews the token, keeps the expiry, and is logged for each customer", async () => {
	if (await database.sql("select count(*) from person where email = 'new@alpha.test'") === "0")
		assert.equal((await visitor().post(api(await linkFor("new@alpha.test", /Créez votre compte OnePass/,
		    "invitations")), { json: { password: fresh } })).status, 201);
	// the account at the other customer is joined by that customer's own link; the
	// other mail is for the person as such
	await resetLimits();
	await visitor().post("/api/v1/invitations", { json: { email: "new@alpha.test" } });
	const both = [await smtp.mail("new@alpha.test", /déjà un compte/), await smtp.mail("new@alpha.test", /déjà un compte/)];
	const joined = await visitor().post(api(path(both.find((m) => /^beta vous donne/m.test(m.text)))), { json: { password: fresh } });
	assert.deepEqual([joined.status, joined.json().tenant.name], [201, "beta"]);
	const [alpha, beta, gamma] = JSON.parse(await database.sql("select json_agg(public_id order by key) from tenant"));
	await database.sql("delete from session");
	const client = await visitor().signIn("new@alpha.test", fresh), other = await visitor().signIn("new@alpha.test", fresh);
	const elsewhere = /session\/tenant"[^]*name="tenant" value="([\da-f-]{36})"[^]*<\/svg>Passer à (\w+)</;
	assert.deepEqual(elsewhere.exec((await client.get("/board/recordings")).text).slice(1), [String(beta), "beta"]);
	assert.doesNotMatch((await (await signedIn("supervisor")).get("/console/accounts")).text, /session\/tenant/);
	const to = (tenant) => client.post("/api/v1/session/tenant", { json: { tenant } });
	for (const [tenant, status] of [[alpha, 404], [gamma, 404], ["00000000-0000-4000-8000-000000000000", 404], [0, 400], ["x", 400], [undefined, 400]])
		assert.equal((await to(tenant)).status, status, String(tenant));
	assert.equal((await client.post("/board/session/tenant",
	    { fields: { tenant: beta }, headers: { "x-csrf-token": "f".repeat(64) } })).status, 403);
	await database.sql(`insert into profile select tenant_id, id, 'administrator' from account where key = 'new-too';
		update session set expires_at = now() + interval '1 hour'`);
	const session = (column) => database.sql(`select ${column} from session
		where token_hash = sha256('${client.cookies.get("__Host-session")}')`);
	const stream = await listen(client), before = client.cookies.get("__Host-session"), ends = await session("expires_at");
	const answer = await client.post("/console/session/tenant", { fields: { tenant: beta } });
	assert.deepEqual([answer.status, answer.headers.location], [303, "/console/accounts"]);
	await stream.ended;
	const stolen = visitor();
	stolen.cookies.set("__Host-session", before);
	assert.equal((await stolen.get("/api/v1/session")).status, 401);
	assert.equal(await session("expires_at"), ends);
	const { csrf, tenant, other_tenants } = (await client.get("/api/v1/session")).json();
	assert.deepEqual([tenant.id, other_tenants], [beta, [{ id: alpha, name: "alpha" }]]);
	client.csrf = csrf;
	// sessions at all customers are listed; an ended one is logged for its own customer
	const { items } = (await client.get("/api/v1/sessions")).json();
	assert.deepEqual(items.map((i) => i.current), [true, false]);
	assert.equal((await client.send("DELETE", "/api/v1/sessions")).status, 204);
	assert.equal((await other.get("/api/v1/session")).status, 401);
	const back = await to(alpha);
	assert.deepEqual([back.status, back.json().tenant.id, back.json().home], [201, alpha, "board"]);
	assert.equal((await client.get("/api/v1/session")).json().csrf, client.csrf = back.json().csrf);
	assert.deepEqual((await database.rows(`select t.key, a.kind, a.detail, a.session_id is null as outside from audit a
		join person p on p.id = a.person_id join tenant t on t.id = a.tenant_id
		where p.email = 'new@alpha.test' and a.kind ~ '^s' order by a.id desc limit 5`))
	    .map((r) => [r.key, r.kind, r.detail.sessions ?? r.detail.address, r.outside]).reverse(), [
		["alpha", "session_end", 1, false], ["beta", "sign_in", "127.0.0.1", false], ["alpha", "session_end", 1, true],
		["beta", "session_end", 1, false], ["alpha", "sign_in", "127.0.0.1", false]]);
	// a new password ends the sessions at all customers
	const third = await visitor().signIn("new@alpha.test", fresh);
	await to(beta);
	await database.sql("delete from mail_request");
	await third.send("PUT", "/api/v1/session/password", { json: { current: fresh, password: fresh } });
	assert.equal((await client.get("/api/v1/session")).status, 401);
});

test("administrators and the command invite people; errors give the reason", async () => {
	const client = await signedIn("administrator");
	const id = (key) => database.sql(`select public_id from account where key = '${key}'`);
	const invite = async (key) => (await client.post(`/api/v1/accounts/${await id(key)}/invitation`, { json: {} }));
	const page = `/console/accounts/${await id("nina")}`;
	assert.match((await client.get(page)).text, /Envoyer une invitation/);
	assert.doesNotMatch((await client.get(`/console/accounts/${await id("user")}`)).text, /Envoyer une invitation/);
	assert.equal((await client.post(`${page}/invitation`, { fields: {} })).headers.location, `${page}?invited=1`);
	assert.match((await client.get(`${page}?invited=1`)).text, /L’invitation part par e-mail/);
	await smtp.mail("nina@alpha.test", /Créez votre compte/);
	assert.equal((await invite("nina")).status, 202);
	assert.match((await smtp.mail("nina@alpha.test", /Créez votre compte/)).text, /\/board\/invitations\/[0-9a-f]{64}$/m);
	assert.match((await invite("mute")).json().type, /no-email$/);
	assert.match((await invite("user")).json().type, /exists$/);
	assert.equal((await invite("neighbour")).status, 404);
	const ask = (...args) => database.command(["account", "invite", ...args], { check: false });
	assert.equal((await ask("alpha", "norma")).stdout, "changed invitation of account norma of alpha: its mail is on its way\n");
	await smtp.mail("norma@alpha.test", /Créez votre compte/);
	assert.match((await ask("alpha", "mute")).stderr, /has no e-mail to write to/);
	assert.match((await ask("alpha", "user")).stderr, /has a password already/);
	assert.match((await ask("alpha", "nobody")).stderr, /there is no account nobody of alpha/);
	assert.match((await ask("nowhere", "x")).stderr, /there is no account x of nowhere/);
	const log = (await client.get("/console/audit?kind=invitation")).text;
	assert.match(log, /Invitation envoyée/);
	assert.equal(await database.sql("select count(*) from audit where detail::text like '%@%'"), "0");
});

test("disabling an account by command ends its sessions and streams at once", async () => {
	const client = await signedIn("administrator");
	const stream = await listen(client);
	const second = await signedIn("administrator");
	await database.command(["account", "disable", "alpha", "administrator"]);
	assert.equal((await second.get("/api/v1/session")).status, 401);
	await stream.ended;
	await database.command(["account", "enable", "alpha", "administrator"]);
	assert.equal((await second.get("/api/v1/session")).status, 401, "enabling does not restore it");
});
