// Naming an address decides nothing, and no one opens calls to somebody alone:
// what waits for a second person, who may be that person, and what each door
// refuses before.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import path from "node:path";
import { accountIds, loadCalls, password, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { top, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { Smtp } from "../lib/smtp.js";

const api = "/api/v1";
const fresh = "a sentence of mine, new";
let server, database, smtp, jobs, ids, calls;
const clients = [];
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.command(["account", "create", "alpha", "deputy", "--site", "paris", "--first-name", "Denis",
	    "--last-name", "Adjoint", "--email", "deputy@alpha.test", "--administrator", "--password-stdin"], { input: `${password}\n` });
	await database.command(["account", "create", "alpha", "waiting", "--site", "paris", "--first-name", "Wanda",
	    "--last-name", "Attente", "--email", "wanda@alpha.test", "--number", "+33180250001:fixed"]);
	await database.sql("delete from mail; delete from right_notice");
	await loadCalls(database, { wanda: { account: "user", ago: 2, mood: "neutral", subject: "Appel de Wanda", words: ["Bonjour."] } });
	await database.sql(`update recording set account_id = (select id from account where key = 'waiting')
		where subject = 'Appel de Wanda'; update utterance u set account_id = r.account_id from recording r where r.id = u.id`);
	[ids, calls] = await Promise.all([accountIds(database), recordingIds(database)]);
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
const signedIn = (key) => visitor().signIn(people[key]?.email ?? `${key}@alpha.test`);
const link = (mail) => /https:\/\/record\.test:8443(\S+\/[0-9a-f]{64})$/m.exec(mail.text)[1];
const form = (page) => page.replace(/^\/(console|board)/, api);
const rights = async (client, id, wanted) => client.send("PUT", `${api}/accounts/${id}/profiles`, { json: { supervisor: null,
	administrator: false, version: (await client.get(`${api}/accounts/${id}`)).json().administration.version, ...wanted } });
async function load(client, csv) {
	const { digest, counts, lines } = (await client.post(`${api}/accounts/imports`, { json: { csv } })).json();
	assert.equal(counts?.error, 0, JSON.stringify(lines));
	return (await client.post(`${api}/accounts/imports`, { json: { csv, digest } })).json();
}
const waiting = async (client) => (await client.get(`${api}/confirmations`)).json().items;
const decide = (client, id, outcome = "confirmed") => client.post(`${api}/confirmations/${id}`, { json: { outcome } });
const account = async (client, key) => (await client.get(`${api}/accounts/${(await accountIds(database))[key]}`)).json();
async function claim(email, subject, target = "invitations") {
	await database.sql("delete from mail_request");
	await visitor().post(`${api}/${target}`, { json: { email } });
	const client = visitor();
	const answer = await client.post(form(link(await smtp.mail(email, subject))), { json: { password: fresh } });
	assert.equal(answer.status, 201, answer.text);
	client.csrf = answer.json().csrf;
	return { client, session: answer.json() };
}

describe("naming an address", () => {
	test("an import of another customer's address answers as for any other, and changes nothing for its person", async () => {
		const admin = await signedIn("administrator");
		const answers = [];
		for (const email of [people.neighbour.email, "nobody-at-all@beta.test"]) {
			const csv = `key,last_name,first_name,email,site\nlure,Leurre,Faux,${email},lyon`;
			const done = await load(admin, csv);
			assert.equal(done.waiting, 1);
			const confirmed = await decide(await signedIn("supervisor"), done.confirmation);
			const page = await account(admin, "lure");
			const invited = await admin.post(`${api}/accounts/${page.id}/invitation`, { json: {} });
			answers.push(JSON.stringify([done, confirmed.json(), page, invited.status, invited.text])
			    .replaceAll(email, "EMAIL").replace(/[\da-f]{64}|[\da-f-]{36}/g, "ID"));
			await database.sql("delete from account where key = 'lure'; delete from confirmation; delete from right_notice");
		}
		assert.equal(answers[0], answers[1]);
	});

	test("the person stays at home: no other tenant in the menu, log or greeting, before a link of that customer is used", async () => {
		const admin = await signedIn("administrator");
		await load(admin, `key,last_name,first_name,email,site\nlure,URGENT,Faux,${people.neighbour.email},lyon`);
		await decide(await signedIn("supervisor"), (await waiting(admin))[0].id);
		const before = await database.sql("select count(*) from audit a join tenant t on t.id = a.tenant_id where t.key = 'alpha'");
		const bruno = await signedIn("neighbour");
		const session = (await bruno.get(`${api}/session`)).json();
		assert.deepEqual([session.tenant.name, session.person.name, session.other_tenants], ["beta", "Bruno Voisin", []]);
		await assert.rejects(visitor().signIn(people.neighbour.email, "not the password"), /401/);
		await until("the failure to be written", async () => await database.sql(`select t.key from audit a
			join tenant t on t.id = a.tenant_id where a.kind = 'sign_in_failed'`) === "beta");
		assert.equal(await database.sql("select count(*) from audit a join tenant t on t.id = a.tenant_id where t.key = 'alpha'"), before);
		const page = await account(admin, "lure");
		assert.deepEqual([page.onepass, page.administration.sessions, page.administration.last_sign_in], ["waiting", 0, null]);
		assert.ok(!(await admin.get(`${api}/audit`)).text.includes("Bruno"));
		// their own customer's mail greets with its own name for them
		await database.sql("delete from mail_request");
		await visitor().post(`${api}/password-resets`, { json: { email: people.neighbour.email } });
		assert.match((await smtp.mail(people.neighbour.email, /nouveau mot de passe/)).text, /Bonjour Bruno Voisin,/);
	});

	test("a person without an account: two customers name them, each sends its own mail; home is where the used link came from", async () => {
		const email = "both@somewhere.test";
		const admin = await signedIn("administrator");
		await load(admin, `key,last_name,first_name,email,site\nboth,Alpha,Nom,${email},lyon`);
		await decide(await signedIn("supervisor"), (await waiting(admin))[0].id);
		await database.command(["account", "create", "beta", "both-too", "--site", "brest", "--first-name", "Autre",
		    "--last-name", "Beta", "--email", email]);
		// a guess before the person ever came is shown to neither
		await assert.rejects(visitor().signIn(email, "not the password"), /401/);
		await database.sql("delete from mail_request");
		await visitor().post(`${api}/invitations`, { json: { email } });
		const mails = [await smtp.mail(email, /Créez votre compte/), await smtp.mail(email, /Créez votre compte/)];
		const mine = mails.find((m) => /Bonjour Autre Beta,/.test(m.text)) ?? mails[1];
		const client = visitor();
		const answer = await client.post(form(link(mine)), { json: { password: fresh } });
		assert.equal(answer.status, 201);
		assert.equal(answer.json().tenant.name, "beta");
		client.csrf = answer.json().csrf;
		assert.deepEqual((await client.get(`${api}/session`)).json().other_tenants, []);
		assert.equal((await account(admin, "both")).onepass, "waiting");
		assert.deepEqual(await database.rows(`select t.key from audit a join tenant t on t.id = a.tenant_id
			where a.kind = 'sign_in_failed' and a.at > now() - interval '1 minute' and a.account_id = (
			select id from account where key = 'both')`), []);
		// alpha's own link joins alpha's account, and signs in there; home stays
		await database.sql("delete from mail_request");
		await visitor().post(`${api}/invitations`, { json: { email } });
		const both = [await smtp.mail(email, /déjà un compte/), await smtp.mail(email, /déjà un compte/)];
		const joined = visitor();
		const second = await joined.post(form(link(both.find((m) => !m.text.includes("Autre Beta")))), { json: { password: fresh } });
		assert.deepEqual([second.status, second.json().tenant.name, second.json().person.name], [201, "alpha", "Nom Alpha"]);
		const again = await visitor().signIn(email, fresh);
		assert.deepEqual((await again.get(`${api}/session`)).json().tenant.name, "beta");
		assert.equal((await account(admin, "both")).onepass, "active");
	});

	test("what an earlier release joined by naming is freed; its link claims the account, the only one", async () => {
		await database.command(["account", "create", "alpha", "early", "--site", "paris", "--first-name", "Eva", "--last-name", "Tôt", "--email", "early@alpha.test"]);
		await database.sql(`with p as (insert into person (operator_id, email, name, home_id)
				select t.operator_id, 'early@alpha.test', 'Eva', b.id from tenant t, tenant b where t.key = 'alpha' and b.key = 'beta'
				on conflict (operator_id, email) do update set home_id = excluded.home_id returning id)
			update account set person_id = p.id from p where key = 'early'`);
		const step = readFileSync(path.join(top, "migrations", "0015_second_person.sql"), "utf8").split("-- Accounts that an earlier release")[1];
		await database.sql(`set role smartrecord_admin; -- ${step}`, "deployer");
		assert.equal(await database.sql("select count(*) from account where person_id is null and key = 'early'"), "1");
		assert.equal(await database.sql("select count(*) from person where home_id is null and email = 'early@alpha.test'"), "1");
		await database.sql(`insert into mail_link (token_hash, person_id, purpose, expires_at) select sha256('${"5".repeat(64)}'), id,
			'invitation', now() + interval '1 hour' from person where email = 'early@alpha.test'`);
		const target = `/console/invitations/${"5".repeat(64)}`;
		assert.match((await visitor().get(target)).text, /Eva Tôt/);
		assert.equal((await visitor().post(form(target), { json: { password: fresh } })).json().tenant?.name, "alpha");
	});
});

describe("no one alone", () => {
	test("an invented account becomes Supervisor only by a second person, whom the first did not make", async () => {
		const admin = await signedIn("administrator");
		const filed = await load(admin, "key,last_name,email,site\nghost,Fantôme,ghost@evil.test,paris");
		assert.deepEqual((await account(admin, "ghost")).email, "", "no address before it is confirmed");
		const { id } = await account(admin, "ghost");
		assert.equal((await admin.post(`${api}/accounts/${id}/invitation`, { json: {} })).status, 409);
		assert.equal((await rights(admin, id, { supervisor: "all" })).status, 400);
		assert.equal((await decide(admin, filed.confirmation)).status, 403, "one's own act");
		assert.equal((await decide(await signedIn("limited"), filed.confirmation)).status, 403, "one site's supervisor");
		assert.equal((await decide(await signedIn("neighbour"), filed.confirmation)).status, 404, "another customer");
		assert.equal((await decide(await signedIn("deputy"), filed.confirmation)).status, 200);
		assert.equal((await decide(await signedIn("deputy"), filed.confirmation)).status, 409, "once");
		const granted = await rights(admin, id, { supervisor: "all", administrator: true });
		assert.equal(granted.status, 202);
		assert.deepEqual([granted.json().profiles, granted.json().waiting[0].fields], [[], ["supervisor", "administrator"]]);
		await smtp.mail(people.supervisor.email, /attend votre confirmation/);
		let { client } = await claim("ghost@evil.test", /Créez votre compte/);
		assert.equal((await client.get(`${api}/recordings?scope=team`)).status, 403);
		assert.equal((await client.get(`${api}/recordings/${calls.user_own}`)).status, 404);
		// refused: nothing has changed
		const [act] = await waiting(admin);
		assert.deepEqual([act.mine, act.may_confirm, act.waits_for, act.changes.map((c) => [c.field, c.to])],
		    [true, false, "person", [["supervisor", "all"], ["administrator", null]]]);
		assert.equal(act.changes[0].account.email, "ghost@evil.test");
		assert.equal((await decide(await signedIn("supervisor"), act.id, "refused")).status, 200);
		assert.deepEqual((await account(admin, "ghost")).profiles, []);
		// confirmed: in force at once, told to all who administer and supervise
		await rights(admin, id, { supervisor: "all", administrator: true });
		smtp.mails = [];
		assert.equal((await decide(await signedIn("supervisor"), (await waiting(admin))[0].id)).status, 200);
		assert.equal((await client.get(`${api}/recordings?scope=team`)).status, 401, "sessions end when rights grow");
		client = await visitor().signIn("ghost@evil.test", fresh);
		assert.equal((await client.get(`${api}/recordings?scope=team`)).status, 200);
		for (const key of ["supervisor", "administrator", "deputy"]) {
			await database.sql("update mail set due = now() where sent_at is null and failed is null");
			const told = await smtp.mail(people[key]?.email ?? "deputy@alpha.test", /Un droit a été donné|Plusieurs changements/);
			assert.match(told.text, /le profil Superviseur|le profil Administrateur/);
			assert.match(told.text, /Fantôme|ghost/);
		}
		const reader = await signedIn("deputy");
		const { notices } = (await reader.get(`${api}/confirmations`)).json();
		assert.deepEqual(notices.map((n) => n.profile).sort(), ["administrator", "supervisor"]);
		assert.match((await reader.get("/console/accounts")).text, /2 droits donnés que vous n’avez pas encore vus/);
		for (const notice of notices)
			assert.equal((await reader.post(`${api}/notices/${notice.id}/seen`, { json: {} })).status, 204);
		assert.deepEqual((await reader.get(`${api}/confirmations`)).json().notices, []);
		assert.equal((await reader.post(`${api}/notices/${notices[0].id}/seen`, { json: {} })).status, 404);
		// who is of the first one's making confirms nothing for 30 days
		const lyonnais = await rights(admin, ids.lyonnais, { supervisor: "all" });
		assert.equal(lyonnais.status, 202);
		const [next] = await waiting(client);
		assert.equal(next.may_confirm, false);
		assert.equal((await decide(client, next.id)).status, 403);
		await database.sql("update account_touch set at = now() - interval '31 days'; update confirmation set made_at = now() - interval '2 days'");
		assert.equal((await decide(client, next.id)).status, 403, "the days count until the act was filed");
		await database.sql("update confirmation set made_at = now()");
		assert.equal((await decide(client, next.id)).status, 200);
		assert.equal(await database.sql(`select count(*) from account_touch t join account a on a.id = t.account_id
			where a.key = 'lyonnais' and t.at > now() - interval '1 hour'`), "1", "and again from the decision");
		// nor does the account that an act is about
		await rights(admin, id, { administrator: true });
		client = await visitor().signIn("ghost@evil.test", fresh);
		await rights(admin, id, { supervisor: "all", administrator: true });
		await database.sql("update account_touch set at = now() - interval '31 days'");
		const [own] = await waiting(client);
		assert.equal(own.may_confirm, false);
		assert.match((await decide(client, own.id)).text, /votre compte/);
		assert.deepEqual((await account(admin, "lyonnais")).profiles, ["supervisor"]);
		await rights(admin, ids.lyonnais, {});
		await rights(admin, id, {});
	});

	test("an unclaimed account's new address is claimed by nobody before it is confirmed", async () => {
		const admin = await signedIn("administrator");
		const { confirmation } = await load(admin, "key,email\nwaiting,wanda@evil.test");
		assert.equal((await account(admin, "waiting")).email, "wanda@alpha.test");
		await database.sql("delete from mail_request");
		await visitor().post(`${api}/invitations`, { json: { email: "wanda@evil.test" } });
		await until("the request to be processed", async () =>
		    await database.sql("select count(*) from mail_request where email is not null") === "0");
		assert.equal(await database.sql("select count(*) from person where email = 'wanda@evil.test'"), "0");
		// and Wanda's own link still opens her calls to her
		const { client } = await claim("wanda@alpha.test", /Créez votre compte/);
		assert.equal((await client.get(`${api}/recordings`)).json().total, 1);
		assert.equal((await decide(await signedIn("supervisor"), confirmation, "refused")).status, 200);
		assert.equal((await client.get(`${api}/recordings`)).json().total, 1);
	});

	test("a number stays with its account until its move is confirmed, also in two steps", async () => {
		const admin = await signedIn("administrator"), supervisor = await signedIn("supervisor");
		const owner = () => database.sql(`select a.key from account_number n join account a on a.tenant_id = n.tenant_id
			and a.id = n.account_id where n.number = '+33180250001'`);
		const away = await load(admin, "key,fixed\nwaiting,+33180250002");
		assert.equal(await owner(), "waiting");
		const refused = await admin.post(`${api}/accounts/imports`, { json: { csv: "key,fixed\ncolleague,+33180250001" } });
		assert.equal(refused.json().lines[0].errors[0].problem, "number_taken");
		const move = await load(admin, "key,fixed\nwaiting,+33180250002\ncolleague,+33180250001");
		assert.equal(move.waiting, 2);
		assert.equal(await owner(), "waiting");
		assert.equal((await decide(supervisor, away.confirmation)).status, 409, "replaced");
		assert.equal((await decide(supervisor, move.confirmation)).status, 200);
		assert.equal(await owner(), "colleague");
	});

	test("a changed address suspends the profiles of its account until the decision", async () => {
		const admin = await signedIn("administrator"), deputy = await signedIn("deputy");
		let limited = await signedIn("limited");
		assert.equal((await limited.get(`${api}/recordings?scope=team`)).status, 200);
		smtp.mails = [];
		const both = await load(admin, "key,email\nlimited,luc@evil.test\ncolleague,col@evil.test");
		assert.match((await smtp.mail(people.limited.email, /changer votre adresse chez alpha/)).text, /luc@evil\.test/);
		assert.equal((await limited.get(`${api}/recordings?scope=team`)).status, 403);
		// another act takes the account over, without its address
		const number = await load(admin, "key,fixed\nlimited,+33180250009");
		assert.equal(await database.sql("select count(*) from profile where suspended_at is not null"), "0");
		for (const filed of [both, number])
			assert.equal((await decide(deputy, filed.confirmation, "refused")).status, 200);
		limited = await signedIn("limited");
		const { confirmation } = await load(admin, "key,email\nlimited,luc@evil.test");
		assert.equal((await limited.get(`${api}/recordings?scope=team`)).status, 403);
		assert.equal((await waiting(deputy))[0].changes[0].suspends, true);
		assert.equal((await decide(deputy, confirmation, "refused")).status, 200);
		limited = await signedIn("limited");
		assert.equal((await limited.get(`${api}/recordings?scope=team`)).status, 200);
		const [own] = (await admin.post(`${api}/accounts/imports`, { json: { csv: "key,email\nadministrator,me@evil.test" } })).json().lines;
		assert.equal(own.errors[0].problem, "email_stays");
	});

	test("a site that an open act names waits too, and a long act shows all that it changes", async () => {
		const admin = await signedIn("administrator"), supervisor = await signedIn("supervisor");
		const lyon = await database.sql("select s.public_id from site s join tenant t on t.id = s.tenant_id where t.key = 'alpha' and s.key = 'lyon'");
		// nobody supervises single sites, so a site would not wait otherwise
		await database.sql("delete from profile where site_ids is not null");
		await rights(admin, ids.user, { supervisor: [lyon] });
		assert.equal((await load(admin, "key,site\ncolleague,lyon")).waiting, 1);
		for (const act of await waiting(supervisor))
			assert.equal((await decide(supervisor, act.id, "refused")).status, 200);
		const lines = Array.from({ length: 305 }, (_, i) => `crowd${i},Foule,crowd${i}@alpha.test,paris`);
		await load(admin, `key,last_name,email,site\n${lines.join("\n")}`);
		const [act] = await waiting(supervisor);
		assert.deepEqual([act.total, act.changes.length], [305, 305]);
		assert.match((await supervisor.get("/console/confirmations")).text, /crowd304@alpha\.test/);
		assert.equal((await decide(supervisor, act.id, "refused")).status, 200);
	});

	test("with nobody there, the contract holder's link decides, or the operator's command", async () => {
		await database.command(["account", "profile", "alpha", "deputy", "--no-administrator"]);
		await database.command(["account", "profile", "alpha", "supervisor", "--no-supervisor"]);
		const admin = await signedIn("administrator");
		await rights(admin, ids.lyonnais, { supervisor: "all" });
		let [act] = await waiting(admin);
		assert.equal(act.waits_for, "operator");
		const listed = JSON.parse((await database.command(["confirm", "list", "--tenant", "alpha", "--json"])).stdout);
		assert.deepEqual([listed[0].id, listed[0].made_by, listed[0].changes], [act.id, "administrator", ["lyonnais supervisor all"]]);
		assert.match((await database.command(["confirm", "refuse", act.id])).stdout, /: refused/);
		assert.match((await database.command(["confirm", "accept", act.id], { check: false })).stderr, /there is no confirmation/);
		// a holder who is the maker is no second person
		await database.command(["tenant", "set", "alpha", "--contract-email", people.administrator.email.replace("@", "+1@")]);
		await rights(admin, ids.lyonnais, { supervisor: "all" });
		[act] = await waiting(admin);
		assert.equal(act.waits_for, "operator");
		assert.equal(await database.sql("select count(*) from mail where kind = 'confirmation_holder'"), "0");
		await database.command(["tenant", "set", "alpha", "--contract-email", "holder@alpha.test"]);
		await rights(admin, ids.lyonnais, { supervisor: "all" });
		[act] = await waiting(admin);
		assert.equal(act.waits_for, "holder");
		const page = link(await smtp.mail("holder@alpha.test", /titulaire du contrat/));
		const opened = await visitor().get(page);
		assert.equal(opened.status, 200);
		assert.match(opened.text, /Adèle Moreau.*Yvan Lacroix.*Profil Superviseur.*Tous les sites/s);
		const days = await database.sql("select round(extract(epoch from expires_at - now()) / 86400) from confirmation_link");
		assert.equal(days, "14");
		await database.sql("update confirmation_link set expires_at = expires_at - interval '15 days'");
		assert.equal((await waiting(admin))[0].waits_for, "operator", "the link has expired");
		await database.sql("update confirmation_link set expires_at = expires_at + interval '15 days'");
		const holder = visitor();
		assert.equal((await holder.post(page, { fields: { outcome: "perhaps" } })).status, 400);
		assert.match((await holder.post(page, { fields: { outcome: "confirmed" } })).text, /est confirmée/);
		assert.deepEqual((await account(admin, "lyonnais")).profiles, ["supervisor"]);
		assert.equal((await visitor().get(page)).status, 404);
		// links to the holder are ten minutes apart
		await rights(admin, ids.user, { supervisor: "all" });
		assert.equal((await waiting(admin))[0].waits_for, "holder");
		assert.equal(await database.sql(`select count(*) from mail where kind = 'confirmation_holder' and sent_at is null
			and due > now() + interval '5 minutes' and share = tenant_id`), "1");
		assert.equal((await visitor().get(page.replace(/.$/, (c) => c === "0" ? "1" : "0"))).status, 404);
	});
});
