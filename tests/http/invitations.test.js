// Mail is not a weapon: limits of invitations, many at once, the order in which
// customers' mails are sent, notices that become one mail, outdated links, and
// what an administrator writes in no mail.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { freeze, plus } from "../lib/clock.js";
import { confirmAll, loadCalls, people } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { Smtp } from "../lib/smtp.js";
import { ask, filled, leave } from "../lib/sql.js";

const claimSql = readFileSync("src/jobs/mail_claim.sql", "utf8"), sentSql = readFileSync("src/jobs/mail_sent.sql", "utf8");
const csvHead = "key,last_name,first_name,email,site\n";
const fresh = "a sentence of mine, new";
const mails = { limit: 5, day: 1000, once: 500 };

// Claims mails as jobs does, one after the other, until none is due: an array
// of [kind, e-mail, model].
let secrets = 0;
async function claimAll(db, most = Infinity) {
	const claimed = [];
	while (claimed.length < most) {
		const row = await ask(db, "smartrecord_jobs", `with claimed as (${filled(claimSql,
		    (++secrets).toString(16).padStart(64, "0"), "https://record.test")}) select row_to_json(c) from claimed c`);
		if (row === "")
			break;
		claimed.push(JSON.parse(row));
	}
	return claimed;
}
const sent = (db, id) => ask(db, "smartrecord_jobs", filled(sentSql, String(id)));

describe("with a server", () => {
	let server, database, smtp, jobs, administrator;
	const clients = [];
	const visitor = () => {
		clients.push(server.client());
		return clients.at(-1);
	};
	const api = "/api/v1/accounts";
	const id = (key) => database.sql(`select a.public_id from account a join tenant t on t.id = a.tenant_id
		where a.key = '${key}' order by t.key limit 1`);
	const invite = async (key) => administrator.post(`${api}/${await id(key)}/invitation`, { json: {} });
	const send = (csv, digest) => administrator.post(`${api}/imports`, { json: { csv, digest } });
	const load = async (csv) => {
		const preview = await send(csv);
		const done = await send(csv, preview.json().digest);
		assert.equal(done.status, 200, preview.text);
		await confirmAll(database);
		await database.sql("delete from mail where not ordered");	// what is told about it
	};
	// Gives and withdraws profiles; confirms what opens calls.
	const give = async (account, profiles) => {
		const { version } = (await administrator.get(`${api}/${account}`)).json().administration;
		const answer = await administrator.send("PUT", `${api}/${account}/profiles`, { json: { ...profiles, version } });
		assert.ok([200, 202].includes(answer.status), answer.text);
		await confirmAll(database);
	};
	const link = (mail) => /https:\/\/record\.test:8443(\S+\/[0-9a-f]{64})$/m.exec(mail.text)[1];
	before(async () => {
		database = await freshDatabase({ fixtures: true });
		smtp = await new Smtp().start();
		server = await startServer({ database, settings: smtp.settings });
		administrator = await visitor().signIn(people.administrator.email);
		await load(`${csvHead}zoe,Zola,Zoé,zoe@alpha.test,paris\nzoe2,Zola,Zoé,zoe+again@alpha.test,paris\n` +
		    "yann,Yvon,Yann,yann@alpha.test,paris");
	});
	after(async () => {
		clients.forEach((client) => client.close());
		await jobs?.stop();
		await smtp?.stop();
		await server?.stop();
	});

	test("sixty invitations to one mailbox: five mails; the others are told when to try again", async () => {
		const answers = [];
		for (let i = 0; i < 60; i++)
			answers.push(await invite(i % 7 === 6 ? "zoe2" : "zoe"));
		assert.deepEqual(answers.map((a) => a.status), [...Array(mails.limit).fill(202), ...Array(60 - mails.limit).fill(429)]);
		const [last] = answers.slice(-1);
		assert.match(last.json().type, /:try-later$/);
		assert.match(last.json().detail, /^Cinq invitations sont déjà parties/);
		const wait = Number(last.headers["retry-after"]);
		assert.ok(wait > 86000 && wait <= 86400, String(wait));
		assert.equal(await database.sql("select count(*) from mail where ordered"), String(mails.limit));
		const page = await administrator.post(`/console/accounts/${await id("zoe")}/invitation`, { fields: {}, headers: { "accept-language": "en" } });
		assert.equal(page.status, 429);
		assert.ok(Number(page.headers["retry-after"]) > 86000);
		assert.match(page.text, /Five invitations have already been sent.*href="\/console\/accounts\/invitations"/s);
		// another mailbox, and another customer's invitation to this one, have their own limits
		assert.equal((await invite("yann")).status, 202);
		await database.command(["account", "create", "beta", "zoe", "--site", "brest", "--first-name", "Z", "--last-name", "Z",
		    "--email", "zoe@alpha.test"]);
		await database.command(["account", "profile", "beta", "neighbour", "--administrator"]);
		const neighbour = await visitor().signIn(people.neighbour.email);
		const there = await database.sql("select a.public_id from account a join tenant t on t.id = a.tenant_id where a.key = 'zoe' and t.key = 'beta'");
		assert.equal((await neighbour.post(`${api}/${there}/invitation`, { json: {} })).status, 202);
	});

	test("concurrent invitations to one mailbox do not pass the limit", async () => {
		await database.sql("delete from mail");
		const admins = [administrator, ...await Promise.all([1, 2, 3].map(() => visitor().signIn(people.administrator.email)))];
		const target = `${api}/${await id("yann")}/invitation`;
		const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => admins[i % 4].post(target, { json: {} })));
		assert.equal(answers.filter((a) => a.status === 202).length, mails.limit);
		await database.sql("delete from mail");
	});

	test("the limit of a day: 1,000; then 429 and nothing is queued, and the page says so", async () => {
		await database.sql(`select mail_queue(p.id, 'invitation', tenant => t.id, ordered => true)
			from person p, tenant t, generate_series(1, ${mails.day - 1}) where p.email = 'yann@alpha.test' and t.key = 'alpha'`, "deployer");
		await database.sql("update mail set recipient = id || '@alpha.test', failed = 'x', detail = '{}'");
		const some = await administrator.post(`${api}/invitations`, { json: { ids: [await id("zoe"), await id("yann"), await id("user")] } });
		assert.equal(some.status, 202, some.text);
		assert.equal(some.json().invited, 1);
		assert.equal(some.json().left + some.json().refused.length, 2);
		for (const answer of [await administrator.post(`${api}/invitations`, { json: { ids: "all" } }), await invite("yann")]) {
			assert.equal(answer.status, 429);
			assert.match(answer.json().detail, /1.000 invitations/);
			assert.ok(Number(answer.headers["retry-after"]) > 86000);
		}
		assert.equal(await database.sql("select count(*) from mail where ordered"), String(mails.day));
		assert.match((await administrator.get("/console/accounts/invitations")).text, /1.000 invitations sont déjà parties/);
		assert.equal((await administrator.post("/console/accounts/invitations", { fields: {} })).status, 429);
		await database.sql("delete from mail");
	});

	test("three hundred are invited at once, are seen as queued, and all get their mail", async () => {
		const people = Array.from({ length: 300 }, (_, i) => `bulk-${i}`);
		await load(csvHead + people.map((key) => `${key},Nom,Prénom,${key}@alpha.test,lyon`).join("\n"));
		const where = async () => (await administrator.get(`${api}/invitations`)).json();
		const before = await where();
		assert.ok(before.uninvited >= 300, JSON.stringify(before));
		assert.match((await administrator.get("/console/accounts/invitations")).text, /Inviter toutes les personnes pas encore invitées/);
		await database.sql("delete from account_touch");
		const done = await administrator.post("/console/accounts/invitations", { fields: {} });
		assert.equal(await database.sql("select count(*) from account_touch"), String(before.uninvited));
		assert.deepEqual([done.status, done.headers.location], [303, "/console/accounts/invitations?done=1"]);
		assert.deepEqual(await where(), { ...before, uninvited: 0, queued: before.uninvited, left: mails.day - before.uninvited });
		assert.match((await administrator.get(done.headers.location)).text, /Les invitations partent par e-mail/);
		const list = (await administrator.get(`${api}?q=bulk-7`)).json().items;
		assert.ok(list.length > 0 && list.every((item) => item.invitation.state === "queued" && Date.parse(item.invitation.at)));
		assert.match((await administrator.get("/console/accounts?q=bulk-7")).text, /Invitation en attente d’envoi/);
		// a second press invites nobody twice
		assert.equal((await administrator.post(`${api}/invitations`, { json: { ids: "all" } })).json().invited, 0);
		jobs = await startJobs(server);
		// not the mail to those who confirm an import
		const invitations = () => smtp.mails.filter((m) => /Créez votre compte/.test(m.headers.subject));
		await until("all of them", () => invitations().length >= before.uninvited, 60000);
		await until("them to be recorded", async () => (await where()).sent === before.uninvited);
		assert.equal(new Set(invitations().map((m) => m.to[0])).size, before.uninvited);
		assert.match((await administrator.get(`/console/accounts/${await id("bulk-7")}`)).text, /Invitation envoyée \(/);
		smtp.mails = [];
		// one that the mail server refuses for good
		smtp.refuse = { RCPT: "550 nobody here" };
		await load(`${csvHead}wrong,Nom,Prénom,wrong@alpha.test,lyon`);
		assert.equal((await invite("wrong")).status, 202);
		await until("the refusal", async () => (await where()).failed === 1);
		assert.match((await administrator.get(`/console/accounts/${await id("wrong")}`)).text, /Invitation non remise \(/);
		assert.equal((await where()).uninvited, 1);
		smtp.refuse = {};
	});

	test("invalid lists of accounts are refused; others' accounts are missing", async () => {
		for (const ids of [undefined, [], "some", ["x"], [5], Array(1001).fill(await id("user"))]) {
			const answer = await administrator.post(`${api}/invitations`, { json: { ids } });
			assert.deepEqual([answer.status, answer.json().field], [400, "ids"]);
		}
		const answer = await administrator.post(`${api}/invitations`, { json: { ids: [await id("neighbour"), await id("user")] } });
		assert.deepEqual(answer.json().refused.map((r) => r.why).sort(), ["exists", "missing"]);
	});

	test("the mail to somebody who never came has nothing that an administrator wrote; the customer's name is there", async () => {
		await database.sql("delete from mail; update tenant set name = 'Société Alpha' where key = 'alpha'");
		await load(`${csvHead}urgent,URGENT votre compte,Appelez le 0899,urgent+appelez.le.0899@alpha.test,paris`);
		assert.equal((await invite("urgent")).status, 202);
		const mail = await smtp.mail("urgent+appelez.le.0899@alpha.test", /Créez votre compte/);
		assert.match(mail.text, /^Bonjour,\n\nSociété Alpha vous invite à créer/);
		assert.doesNotMatch(mail.raw.replace(/^To: .*$/m, "") + mail.text, /URGENT|0899/);
		// another customer invites somebody who has a password: not by the name that it wrote
		await load(`${csvHead}lure,URGENT,Leurre,${people.neighbour.email},paris`);
		assert.equal((await invite("lure")).status, 202);
		const second = await smtp.mail(people.neighbour.email, /déjà un compte/);
		assert.match(second.text, /^Bonjour,\n\nSociété Alpha vous donne accès/);
		assert.doesNotMatch(second.text, /URGENT|Leurre|Voisin/);
		// a right given before they come is told to nobody: they are nobody's account yet
		await database.command(["account", "profile", "alpha", "urgent", "--administrator"]);
		await give(await id("urgent"), { supervisor: "all", administrator: true });
		assert.equal(await database.sql("select count(*) from mail where kind = 'right_granted'"), "0");
	});

	test("a name can't hold an address of a page, a line break or an overlong word; calls may", async () => {
		const problems = async (csv) => {
			const answer = await send(csv);
			assert.equal(answer.status, 200, answer.text);
			return answer.json().lines.flatMap(({ errors }) => errors.map((e) => `${e.field} ${e.problem}`));
		};
		for (const [line, expected] of [
			["n,http://x.test,A,,paris", ["last_name name_unfit"]], ["n,A,voir HTTPS://x,,paris", ["first_name name_unfit"]],
			[`n,${"x".repeat(61)},A,,paris`, ["last_name name_unfit"]], [`n,${"é".repeat(60)} ${"x".repeat(39)},A,,paris`, []],
			[`n,${"é".repeat(61)},A,,paris`, ["last_name name_unfit"]],
			["n,\"Deux\nlignes\",A,,paris", ["last_name characters"]], ["n,\"Deux\r\nlignes\",A,,paris", ["last_name characters"]],
			["http://x,N,A,,paris", ["key name_unfit"]], ["n,D'Arc : // l’un,A,,paris", []]])
			assert.deepEqual(await problems(csvHead + line), expected, line);
		// the database refuses what the program would not
		const [who] = await database.rows("select tenant_id, id from account where key = 'administrator'");
		const answer = JSON.parse(await database.sql(`begin; select set_config('app.tenant', '${who.tenant_id}', true), set_config('app.account', '${who.id}', true);
			select accounts_import('[{"line": 2, "key": "n", "last_name": "Deux\\nlignes", "site": "paris", "errors": []}]', null) -> 'lines' -> 0 -> 'errors';
			rollback`, "smartrecord_app").then((out) => out.split("\n").at(-1)));
		assert.deepEqual(answer, [{ field: "last_name", problem: "name_unfit" }]);
		const command = await database.command(["account", "create", "alpha", "n", "--site", "paris", "--first-name", "http://x",
		    "--last-name", "N"], { check: false });
		assert.notEqual(command.status, 0);
		assert.match(command.stderr, /First name: A name has no/);
		// a name that was there before stays, and the rest of its line can change
		await database.sql("update account set last_name = 'http://old.test' where key = 'yann'");
		assert.deepEqual(await problems(`${csvHead}yann,http://old.test,Yves,,`), []);
		await loadCalls(database, { odd: { account: "user", ago: 2, mood: "neutral", subject: "Nom", words: ["Bonjour."], silent: true,
			caller: { kind: "e164", value: "+33600000007", name: `http://x.test/${"y".repeat(80)}` } } });
		assert.equal(await database.sql("select count(*) from recording_source where source_id = 'odd'"), "1");
	});

	test("an outdated link says that a newer mail exists; the newest one works; another customer's stays valid", async () => {
		await database.sql("delete from mail; delete from mail_request");
		await load(`${csvHead}twice,Nom,Prénom,twice@alpha.test,paris`);
		const get = async () => link(await smtp.mail("twice@alpha.test", /Créez votre compte/));
		assert.equal((await invite("twice")).status, 202);
		const first = await get();
		await until("it to be recorded", async () => await database.sql("select count(*) from mail where ordered and sent_at is not null") === "1");
		assert.equal((await visitor().get(first)).status, 200);
		await database.command(["account", "create", "beta", "twice", "--site", "brest", "--first-name", "T", "--last-name", "T",
		    "--email", "twice@alpha.test"]);
		await database.command(["account", "invite", "beta", "twice"]);
		const foreign = await get();
		assert.equal((await invite("twice")).status, 202);
		const second = await get();
		await until("them to be recorded", async () => await database.sql("select count(*) from mail where kind = 'invitation' and sent_at is not null") === "3");
		const page = await visitor().get(first);
		assert.equal(page.status, 410);
		assert.match(page.text, /Un e-mail plus récent contient un autre lien/);
		assert.match((await visitor().get(first, { "accept-language": "en" })).text, /A newer e-mail has another link/);
		assert.equal((await visitor().post(first, { fields: { password: fresh } })).status, 410);
		assert.equal((await visitor().get(foreign)).status, 200);
		// the final query checks it too
		assert.equal(await database.sql(`select count(*) = 0 from mail_link_use(encode(sha256('${first.slice(-64)}'), 'hex'), 'invitation', 'x')`,
		    "smartrecord_app"), "t");
		assert.equal((await visitor().post(second, { fields: { password: fresh } })).status, 303);
		for (const one of [first, second])
			assert.equal((await visitor().get(one)).status, 404, "used: over, not outdated");
	});

	test("notices to one person within ten minutes become one mail, in order; none is lost", async () => {
		await jobs.stop();
		jobs = null;
		await database.sql("delete from mail");
		smtp.mails = [];
		const target = await id("colleague"), lyon = await database.sql("select public_id from site where key = 'lyon'");
		const put = (supervisor, admin) => give(target, { supervisor, administrator: admin });
		const theirs = `select count(*) from mail m join person p on p.id = m.person_id
			where p.email = '${people.colleague.email}' and `;
		await put([lyon], false);
		await put([lyon], true);
		await put(null, true);
		jobs = await startJobs(server);
		const mail = await smtp.mail(people.colleague.email, /Plusieurs changements/);
		assert.match(mail.text, /^Bonjour Chloé Legrand,\n/);
		assert.match(mail.text, /profil Superviseur pour\s: Lyon.*profil Administrateur.*retiré le profil Superviseur/s);
		assert.equal(mail.text.match(/Bonjour/g).length, 1);
		await until("all to be recorded", async () => await database.sql(`${theirs} sent_at is not null`) === "3");
		await put(null, false);
		assert.equal(await database.sql(`${theirs} sent_at is null
			and due between now() + interval '9 minutes' and now() + interval '10 minutes'`), "1");
		await database.sql("update mail set due = now() where sent_at is null");
		assert.match((await smtp.mail(people.colleague.email, /droits a été retiré/)).text, /^Bonjour Chloé Legrand,\n\nUn administrateur/);
	});
});

describe("the order of claims", () => {
	let db;
	before(async () => { db = await freshDatabase({ fixtures: true }); });
	after(() => leave(db));
	const queue = (key, kind, tenant, times = 1) => db.sql(`select mail_queue(p.id, '${kind}'
		${tenant ? `, tenant => (select id from tenant where key = '${tenant}'), ordered => ${kind === "invitation"}` : ""})
		from person p, generate_series(1, ${times}) where p.email like '${key}@%'`, "deployer");
	const order = async (most) => (await claimAll(db, most)).map(({ kind, email }) => `${kind} ${email.split("@")[0]}`);

	test("a customer who fills the queue does not delay another's reset, invitation or notice", async () => {
		await queue("user", "invitation", "alpha", 60);
		await queue("colleague", "password_reset", null, 20);
		await queue("user", "password_changed", null, 1);
		await queue("neighbour", "password_reset");
		await queue("neighbour", "invitation", "beta");
		await queue("neighbour", "right_granted", "beta");
		const first = await order(9);
		// three lanes take turns; in each both customers had one by then
		assert.deepEqual(first.filter((one) => /neighbour/.test(one)).sort(),
		    ["invitation neighbour", "password_reset neighbour", "right_granted neighbour"], first.join(", "));
		assert.equal((await order(3)).filter((one) => /neighbour/.test(one)).length, 0);
		// a customer that comes later is the next of its lane
		await queue("stranger", "password_reset");
		assert.ok((await order(3)).includes("password_reset stranger"));
		assert.equal((await claimAll(db)).length, 60 + 20 + 4 + 1 - 9 - 3 - 3);
		await db.sql("delete from mail");
	});

	test("mail that can't be sent ends no round; an ordered one to a disabled person counts as sent", async () => {
		await queue("colleague", "password_changed", null, 3);
		await db.sql("update person set disabled_at = now() where email like any ('{colleague@%,limited@%}')");
		await queue("limited", "invitation", "alpha");
		await queue("limited", "password_changed");
		await queue("user", "password_changed");
		assert.deepEqual(await order(), ["password_changed user"]);
		assert.equal(await db.sql(`select string_agg(concat_ws(' ', kind, failed), ', ' order by id) from mail
			where failed is not null or sent_at is not null and ordered`),
		    `${"password_changed disabled, ".repeat(3)}invitation`);
		await db.sql("update person set disabled_at = null; delete from mail");
	});

	test("invitations that somebody asks for are counted per customer", async () => {
		await db.sql(`select mail_queue(p.id, 'invitation', tenant => t.id) from person p, tenant t, generate_series(1, 6)
			where p.email like 'user@%' and t.key = 'alpha'`, "deployer");
		assert.equal(await db.sql(`select string_agg(mail_invitations_asked(p.id, t.id)::text, ' ' order by t.key) from person p, tenant t
			where p.email like 'user@%' and t.key in ('alpha', 'beta')`, "deployer"), "6 0");
		await db.sql("delete from mail");
	});

	test("a reset goes before the customer's own invitations", async () => {
		await queue("user", "invitation", "alpha", 30);
		await queue("colleague", "password_reset");
		assert.ok((await order(3)).includes("password_reset colleague"));
		await db.sql("delete from mail");
	});

	test("a notice whose mail failed is sent again with all the others; one in another process's hands is not taken", async (t) => {
		const db = await freshDatabase({ fixtures: true });
		t.after(() => leave(db));
		const now = "2027-06-15T12:00:00.000Z";
		await freeze(db, now);
		const at = (instant) => ask(db, "smartrecord_jobs", `set test.now = '${instant}'`);
		const notice = (n) => db.sql(`select mail_queue(p.id, 'right_granted', '{"n": ${n}}', tenant => t.id)
			from person p, tenant t where p.email like 'user@%' and t.key = 'alpha'`, "deployer");
		const numbers = ({ kind, model }) => [kind, (model.notices ?? [model]).map((one) => one.n)];
		await notice(1);
		await notice(2);
		const [one] = await claimAll(db);
		assert.deepEqual(numbers(one), ["notices", [1, 2]]);
		await notice(3);
		const [three] = await claimAll(db);
		assert.deepEqual(numbers(three), ["right_granted", [3]]);
		await ask(db, "smartrecord_jobs", `select mail_failed(${one.id}, 'later', false); select mail_failed(${three.id}, 'later', false)`);
		assert.deepEqual(await claimAll(db), []);
		await at(plus(now, 10000));
		const [again] = await claimAll(db);
		assert.deepEqual(numbers(again), ["notices", [1, 2, 3]]);
		await sent(db, again.id);
		assert.equal(await db.sql("select count(*) from mail where sent_at is null"), "0");
		// six days, not one
		await notice(4);
		await at(plus(now, 10000 + 600000));
		const [four] = await claimAll(db);
		await at(plus(now, 5 * 86400000));
		await ask(db, "smartrecord_jobs", `select mail_failed(${four.id}, 'later', false)`);
		assert.equal(await db.sql("select count(*) from mail where failed is not null"), "0");
		await at(plus(now, 7 * 86400000));
		await ask(db, "smartrecord_jobs", `select mail_failed(${four.id}, 'later', false)`);
		assert.equal(await db.sql("select count(*) from mail where failed is not null"), "1");
	});
});
