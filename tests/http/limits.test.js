// Limits of sign-in attempts and requested mails, exact to one attempt and
// one millisecond. The database's now() is frozen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { freeze } from "../lib/clock.js";
import { password, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const network = "127.0.0.0/24", address = "127.0.0.1";	// the client's
const { email } = people.user;
let server, database, owner;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	// five minutes after summer time begins, which must not change the 15 minutes
	await freeze(database, "2027-03-28T01:05:00.000Z");
	server = await startServer({ database });
	// a browser in which the person has signed in before
	owner = await server.client().signIn(email);
});
after(async () => {
	owner?.close();
	await server?.stop();
});
beforeEach(() => database.sql("delete from sign_in_failure; delete from mail_request; delete from mail"));

describe("wrong passwords", () => {
	// Inserts n failures of a time ago; without of.email, each is of another e-mail.
	const failed = (n, of, ago = "0") => database.sql(`insert into sign_in_failure (email_hash, network, address, at)
		select sign_in_lane(${of.email ? `'${of.email}'` : "i || '@nowhere.test'"}, ${of.known ?? false}), '${of.network ?? "-"}',
			'${of.address ?? "-"}', now() - interval '${ago}' from generate_series(1, ${n}) i`);
	const ask = async (client, json) => {
		const answer = await client.post("/api/v1/session", { json });
		return [answer.status, answer.headers["retry-after"]];
	};
	const stranger = (json = { email, password }) => {
		const client = server.client();
		return ask(client, json).finally(() => client.close());
	};
	const known = () => {
		owner.cookies.delete("__Host-session");
		return ask(owner, { email, password });
	};
	const enters = [201, undefined], waits = (seconds) => [429, String(seconds)];

	// limits: 11 failures per e-mail and network; 41 per e-mail in a known browser;
	// 51 per network for any e-mail, 151 with those that may not be checked yet
	for (const [what, allowed, of, attempt, least = 0] of [
		["unknown browser, one e-mail in one network", 10, { email, network }, stranger],
		["known browser, one e-mail", 40, { email, network, known: true }, known],
		["one network, any e-mail", 50, { network }, stranger, 10],
		["one network, any e-mail, in ten seconds", 150, { network }, stranger],
	]) {
		for (const [more, answer] of [[-1, enters], [0, enters], [1, waits(900 - least)], [2, waits(900 - least)]])
			test(`${what}: after ${allowed + more} failures`, async () => {
				await failed(allowed + more, of, `${least} seconds`);
				assert.deepEqual(await attempt(), answer);
			});
		if (allowed === 150)
			continue;
		test(`${what}: failures count for 15 minutes`, async () => {
			for (const ago of ["15 minutes", "15 minutes 30 seconds"]) {
				await failed(allowed, of, `${least} seconds`);
				await failed(1, of, ago);
				assert.deepEqual(await attempt(), enters, ago);
				await database.sql("delete from sign_in_failure");
			}
			await failed(allowed, of, `${least} seconds`);
			await failed(1, of, "14 minutes 59.999 seconds");
			await failed(5, of, "14 minutes 59.999 seconds");
			assert.deepEqual(await attempt(), waits(1));
			await failed(1, of, "5 minutes");
			assert.deepEqual(await attempt(), waits(600), "until the oldest of the last eleven, or more, is 15 minutes old");
		});
	}

	test("failures of another e-mail, network or browser do not count; those of strangers never stop a known browser", async () => {
		await failed(41, { email: people.colleague.email, network }, "1 minute");
		await failed(9, { network }, "9.999 seconds");
		await failed(51, { email, network: "127.0.1.0/24", address }, "1 minute");
		await failed(41, { email, network, known: true });
		assert.deepEqual(await stranger(), enters);
		await failed(10, { network, address: "127.0.0.77" }, "10 seconds");
		assert.deepEqual(await stranger(), waits(840));
		assert.deepEqual(await stranger({ email: "nobody@nowhere.test", password }), waits(840));
		assert.deepEqual(await known(), waits(900));
		await database.sql(`delete from sign_in_failure where email_hash = sign_in_lane('${email}', true)`);
		// as if as many guesses had been sent at once
		await failed(200, { email, network });
		assert.deepEqual(await stranger(), waits(900));
		assert.deepEqual(await known(), enters);
	});

	test("the e-mail counts in any spelling; refused attempts do not count", async () => {
		const count = () => database.sql("select count(*) from sign_in_failure");
		await failed(10, { email, network });
		assert.deepEqual(await stranger({ email: ` ${email.toUpperCase()} `, password: "not the password" }), [401, undefined]);
		assert.equal(await count(), "11");
		assert.deepEqual(await stranger({ email: email.toUpperCase(), password }), waits(900));
		assert.equal(await count(), "11");
	});

	test("a sign-in clears the failures of its address and e-mail only", async () => {
		const left = () => database.sql(`select string_agg(address || ' ' || (email_hash = sign_in_email_hash('${email}')), ', '
			order by address, email_hash = sign_in_email_hash('${email}')) from sign_in_failure`);
		await failed(1, { email, network, address });
		await failed(1, { email, network, address, known: true });
		await failed(1, { email, network, address: "127.0.0.2" });
		await failed(1, { network, address });
		assert.deepEqual(await stranger(), enters);
		assert.equal(await left(), "127.0.0.1 false, 127.0.0.2 true");
	});
});

describe("requested mails", () => {
	const requested = (n, of, ago = "0") => database.sql(`insert into mail_request (purpose, email_hash, host, network, address, language, at)
		select 'invitation', sign_in_email_hash(${of.email ? `'${of.email}'` : "i || '@nowhere.test'"}), '', '${of.network ?? "-"}',
			'${of.address ?? "-"}', 'fr', now() - interval '${ago}' from generate_series(1, ${n}) i`);
	const post = async (target, what) => {
		const client = server.client();
		const answer = await client.post(target, what).finally(() => client.close());
		return [answer.status, answer.headers["retry-after"]];
	};
	const ask = (target = "password-resets", to = email) => post(`/api/v1/${target}`, { json: { email: to } });
	// Requests a mail; returns the number of mails in the outbox.
	const mails = async (to) => {
		assert.deepEqual(await ask("password-resets", to), [202, undefined]);
		await database.sql(readFileSync(path.join(top, "src/jobs/mail_requests.sql"), "utf8"), "smartrecord_jobs");
		return Number(await database.sql("select count(*) from mail"));
	};

	for (const [what, allowed, of] of [["to one e-mail", 3, { email }], ["from one network", 30, { network }]]) {
		for (const before of [allowed - 2, allowed - 1, allowed, allowed + 1])
			test(`${what}: after ${before} requests within the hour`, async () => {
				await requested(before, of);
				assert.equal(await mails(), before < allowed ? 1 : 0);
			});
		test(`${what}: requests count for an hour`, async () => {
			await requested(allowed - 1, of);
			await requested(5, of, "1 hour");
			assert.equal(await mails(), 1);
			await database.sql("delete from mail_request; delete from mail");
			await requested(allowed - 1, of);
			await requested(1, of, "59 minutes 59.999 seconds");
			assert.equal(await mails(email.toUpperCase()), 0);
		});
	}

	for (const before of [48, 49, 50, 51])
		test(`from one address: after ${before} requests of any purpose in 15 minutes`, async () => {
			const free = before < 50;
			await requested(before, { address });
			assert.deepEqual(await ask("invitations", "nobody@nowhere.test"), free ? [202, undefined] : [429, "900"]);
			assert.equal(await database.sql("select count(*) from mail_request"), String(before + free));
			if (!free) {
				assert.deepEqual(await ask(), [429, "900"]);
				assert.deepEqual(await post("/board/invitations", { fields: { email } }), [429, "900"]);
			}
		});
	test("from one address: requests count for 15 minutes, those of other addresses not at all", async () => {
		await requested(51, { address: "127.0.0.2" });
		for (const ago of ["15 minutes", "15 minutes 30 seconds"]) {
			await requested(49, { address });
			await requested(5, { address }, ago);
			assert.deepEqual(await ask(), [202, undefined], ago);
			await database.sql(`delete from mail_request where address = '${address}'`);
		}
		await requested(49, { address });
		await requested(1, { address }, "14 minutes 59.999 seconds");
		assert.deepEqual(await ask(), [429, "1"]);
	});
});
