// Mail: delivery from the outbox through every behaviour of the mail
// server, without leaving a secret in the database. Runs `smartrecord
// jobs` without the server.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { at, freeze, plus } from "../lib/clock.js";
import { Jobs } from "../lib/jobs.js";
import { freshDatabase, smartrecord } from "../lib/pg.js";
import { isRoot, run, until } from "../lib/process.js";
import { Smtp } from "../lib/smtp.js";
import { filled } from "../lib/sql.js";

let db, smtp, jobs, dir;
before(async () => {
	db = await freshDatabase({ fixtures: true });
	await db.sql(`update operator set name = 'Belvédère Télécom', contact = 'help@smart.test' where key = 'smart'`);
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	if (isRoot)
		await run("chown", ["nobody", dir]);
	smtp = await new Smtp().start();
	jobs = new Jobs({ settings: { ...db.settings, cache_dir: path.join(dir, "cache") } },
	    { ...smtp.settings, export_dir: path.join(dir, "exports") });
	await jobs.start();
});
after(async () => {
	await jobs?.stop();
	await smtp?.stop();
	await db?.drop();
	rmSync(dir, { recursive: true, force: true });
});

const queue = (key, kind, detail = {}) => db.sql(`select mail_queue(p.id, '${kind}', '${JSON.stringify(detail)}')
	from person p where p.email like '${key}@%'`, "deployer");
const row = async (kind) => (await db.rows(`select * from mail where kind = '${kind}' order by id desc limit 1`))[0];
const retry = () => db.sql("update mail set due = now() where sent_at is null and failed is null");

test("a mail arrives complete, in the person's language, with a link whose token no table holds", async () => {
	await queue("user", "invitation", { name: "never this" });
	const mail = await smtp.mail("user@alpha.test", /Créez votre compte OnePass/);
	assert.equal(mail.from, "onepass@smart.test");
	assert.equal(mail.headers.from, "Belvédère Télécom <onepass@smart.test>");
	assert.equal(mail.headers["auto-submitted"], "auto-generated");
	assert.ok(Math.abs(Date.parse(mail.headers.date) - Date.now()) < 300000);
	assert.match(mail.headers["message-id"], /^<\d+\.\d+@smart\.test>$/);
	assert.match(mail.text, /^Bonjour Ursule Nadal,$/m);
	assert.match(mail.text, /Écrivez à help@smart\.test\.\n\nBelvédère Télécom\n$/);
	const [, token] = /^https:\/\/record\.test:8443\/board\/invitations\/([0-9a-f]{64})$/m.exec(mail.text);
	await until("it to be recorded", async () => (await row("invitation")).sent_at);
	assert.deepEqual((await row("invitation")).detail, {});
	assert.equal(await db.sql(`select count(*) from mail_link where token_hash = sha256('${token}')
		and purpose = 'invitation' and expires_at between now() + interval '71 hours' and now() + interval '72 hours'`), "1");
	assert.equal(await db.sql(`select count(*) from mail m where m::text like '%${token}%'`), "0");
	assert.ok(!jobs.output.includes(token) && !jobs.output.includes("user@alpha.test"));
	await db.sql("update person set language = 'en' where email like 'supervisor@%'");
	await queue("supervisor", "password_reset");
	const english = await smtp.mail("supervisor@alpha.test", /^Choose a new OnePass password$/);
	assert.match(english.text, /^https:\/\/record\.test:8443\/console\/password-resets\/[0-9a-f]{64}$/m);
});

test("links lead to the operator's own host", async () => {
	await db.sql("update operator set host = 'console.autre.test' where key = 'autre'");
	await queue("stranger", "password_reset");
	assert.match((await smtp.mail("stranger@gamma.test", /nouveau mot de passe/)).text,
	    /^https:\/\/console\.autre\.test:8443\/console\/password-resets\//m);
});

test("a temporary refusal and an unreachable server are retried; a permanent refusal is not", async () => {
	smtp.refuse = { RCPT: "450 later" };
	await queue("user", "password_changed");
	await until("a first try", async () => (await row("password_changed")).tries === 1 &&
	    /event=mail_failed mail=\d+ kind=password_changed again=yes/.test(jobs.output));
	assert.equal((await row("password_changed")).failed, null);
	assert.equal(await db.sql(`select count(*) from mail where kind = 'password_changed'
		and due > now() + interval '5 seconds'`), "1");
	smtp.refuse = {};
	const { port } = smtp;
	await smtp.stop();
	await retry();
	await until("a second try", async () => (await row("password_changed")).tries === 2);
	smtp = await new Smtp().start(port);
	await until("the second to have failed", () => jobs.output.match(/kind=password_changed again=yes/g)?.length === 2);
	await retry();
	assert.match((await smtp.mail("user@alpha.test", /a changé/)).text, /board\/password-resets$/m);

	smtp.refuse = { RCPT: "550 nobody here" };
	await queue("colleague", "password_exists");
	await until("it to be given up", async () => (await row("password_exists")).failed);
	const gone = await row("password_exists");
	assert.deepEqual([gone.tries, gone.detail], [1, {}]);
	assert.match(gone.failed, /550/);
	smtp.refuse = {};
	await queue("colleague", "no_such_kind");
	await until("it to be given up", async () => (await row("no_such_kind")).failed === "no template");
});

test("a mail fails after a day; disabled people get none; rows are deleted after a week", async () => {
	smtp.refuse = { MAIL: "421 not now" };
	await queue("lyonnais", "password_exists");
	await db.sql("update mail set queued_at = now() - interval '25 hours' where sent_at is null and failed is null");
	await retry();
	await until("it to be given up", async () => /421/.test((await row("password_exists")).failed));
	smtp.refuse = {};
	await db.sql(`update person set disabled_at = now() where email like 'limited@%'`);
	await queue("limited", "password_exists");
	assert.equal(await db.sql(`select count(*) from mail m join person p on p.id = m.person_id
		where p.email like 'limited@%'`), "0");
	await db.sql("update mail set queued_at = now() - interval '8 days'; update mail_link set expires_at = now()");
	await db.sql(readFileSync("src/jobs/mail_old.sql", "utf8"), "smartrecord_jobs");
	assert.equal(await db.sql("select (select count(*) from mail) + (select count(*) from mail_link)"), "0");
});

test("a server that hangs delays neither the end of jobs nor other work", async () => {
	smtp.silent = true;
	await queue("user", "password_changed");
	await until("the connection", () => smtp.sockets.size > 0);
	await jobs.stop();
	assert.equal(smtp.mails.length, 0);
	smtp.silent = false;
	await db.sql("delete from mail");
});

test("mail_url=folder: writes text files; without mail_url mails wait; wrong settings are refused at the start", async () => {
	await jobs.stop();
	await queue("user", "password_changed");
	const mail = path.join(dir, "mail");
	await run("mkdir", [mail]);
	if (isRoot)
		await run("chown", ["nobody", mail]);
	jobs.settings.mail_url = `folder:${mail}`;
	await jobs.start();
	await until("a file", () => readdirSync(mail).length === 1);
	const [file] = readdirSync(mail);
	await until("all of it", () => /^To: user@alpha\.test\nSubject: Votre mot de passe OnePass a changé\n\nBonjour/.test(
	    readFileSync(path.join(mail, file), "utf8")));
	const wrong = async (settings, sentence) => {
		const done = await smartrecord(["jobs"], { ...jobs.settings, ...settings }, { check: false });
		assert.equal(done.status, 1);
		assert.match(done.stderr, sentence);
	};
	await wrong({ mail_url: "http://x" }, /mail_url is smtp/);
	await wrong({ mail_from: "nobody" }, /mail_from is no e-mail/);
	await wrong({ mail_starttls: "maybe" }, /mail_starttls is/);
	await wrong({ public_url: "http://x" }, /public_url is https/);
});

test("a claimed mail is reserved for five minutes", async () => {
	const still = await freshDatabase({ fixtures: true });
	const now = "2027-06-15T12:00:00.000Z", statement = readFileSync("src/jobs/mail_claim.sql", "utf8");
	let claims = 0;
	// Claims a mail at that time; returns its kind, or undefined.
	const claim = async (ms) => {
		await at(still, plus(now, ms));
		const secret = (++claims).toString(16).padStart(64, "0");
		return (await still.sql(filled(statement, secret, "https://record.test"), "smartrecord_jobs")).split("|")[1];
	};
	try {
		await freeze(still, now);
		await still.sql("select mail_queue(id, 'invitation') from person where email like 'user@%'", "deployer");
		assert.equal(await claim(0), "invitation");
		for (const ms of [0, 5000, 4 * 60000, 5 * 60000 - 1])
			assert.equal(await claim(ms), undefined, `${ms} ms`);
		assert.equal(await claim(5 * 60000), "invitation");
		assert.equal(await claim(10 * 60000 - 1), undefined);
		assert.equal(await claim(10 * 60000), "invitation");
	} finally {
		await still.drop();
	}
});
