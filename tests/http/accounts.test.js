// The accounts of a tenant: the list, its search, and one account, as each
// profile may see them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { open } from "../lib/client.js";
import { accountIds, confirmAll, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const api = "/api/v1/accounts";
let server, database, ids;
const clients = {};
before(async () => {
	database = await freshDatabase({ fixtures: true });
	for (const [key, site, last, first, ...numbers] of [
		["elan", "lyon", "Élan-Noël", "Zoé", "+33180250194:fixed", "+33612345678:mobile"],
		["island", "paris", "Iles", "Réu", "+262262123456:fixed", "250:fixed"]])
		await database.command(["account", "create", "alpha", key, "--site", site, "--first-name", first,
		    "--last-name", last, ...numbers.flatMap((n) => ["--number", n])]);
	ids = await accountIds(database);
	server = await startServer({ database });
	for (const key of ["administrator", "supervisor", "limited", "neighbour"])
		clients[key] = await server.client().signIn(people[key].email);
});
after(async () => {
	Object.values(clients).forEach((client) => client.close());
	await server?.stop();
});

const read = async (who, target) => {
	const answer = await clients[who].get(target);
	assert.equal(answer.status, 200, answer.text);
	return answer.json();
};
const keys = (page) => page.items.map((item) => item.key);
const find = async (q, who = "administrator") =>
	keys(await read(who, `${api}?q=${encodeURIComponent(q)}`)).sort();

describe("the list", () => {
	test("holds the customer's accounts, sorted by name without accents; for site-limited people, those of their sites", async () => {
		const everybody = ["elan", "island", "lyonnais", "colleague", "supervisor", "administrator", "user", "limited"];
		for (const who of ["administrator", "supervisor"]) {
			const page = await read(who, api);
			assert.deepEqual(keys(page), everybody);
			assert.deepEqual([page.total, page.total_is_capped, page.next], [8, false, null]);
		}
		assert.deepEqual(keys(await read("limited", api)), ["elan", "lyonnais"]);
		assert.deepEqual(keys(await read("neighbour", api)), ["neighbour"]);
		const [limited] = (await read("administrator", `${api}?q=perrin`)).items;
		assert.deepEqual(limited, { id: ids.limited, key: "limited", last_name: "Perrin", first_name: "Luc",
			email: people.limited.email, site: { id: limited.site.id, name: "Paris" }, numbers: [],
			profiles: ["supervisor"], sites: [{ id: limited.sites[0].id, name: "Lyon" }],
			recording: limited.recording, invitation: null });
		assert.equal((await read("administrator", `${api}?q=sophie`)).items[0].sites, "all");
	});

	test("q matches the beginning of a word, an e-mail address or a number, or the end of a number", async () => {
		for (const [q, expected] of [["elan", ["elan"]], ["ÉLAN zo", ["elan"]], ["noel", ["elan"]],
			["lan", []], ["chloe legr", ["colleague"]], ["colleague@alpha", ["colleague"]], ["voisin", []],
			["01 80 25 01 94", ["elan"]], ["+33 180", ["elan"]], ["0033180", ["elan"]], ["0180", ["elan"]],
			["5678", ["elan"]], ["678", []], ["0262 12", ["island"]], ["0262 13", []], ["123456", ["island"]], ["250", ["island"]],
			["(06)12.34", ["elan"]], ["'", []], ["%", []], ["a & !b:* \\", []], ["zo\u0065\u0301", ["elan"]]])
			assert.deepEqual(await find(q), expected, q);
		assert.deepEqual(await find("5678", "limited"), ["elan"]);
		assert.deepEqual(await find("123456", "limited"), []);
		assert.equal((await read("administrator", `${api}?q=%20`)).total, 8);
	});

	test("the pages together give each account once", async () => {
		await database.sql(`insert into account (tenant_id, key, site_id, last_name, first_name)
			select s.tenant_id, 'many-' || n, s.id, 'Même', 'Nom' from site s, generate_series(1, 120) n
			where s.key = 'lyon'`);
		const seen = [], sizes = [];
		for (let target = `${api}?q=meme`; target;) {
			const answer = await clients.limited.get(target);
			seen.push(...keys(answer.json()));
			sizes.push(answer.json().items.length);
			assert.equal(answer.json().total, 120);
			target = /^<(.*)>; rel="next"$/.exec(answer.headers.link ?? "")?.[1];
		}
		assert.deepEqual(sizes, [50, 50, 20]);
		assert.equal(new Set(seen).size, 120);
		const first = await clients.limited.get("/console/accounts");
		assert.match(first.text, /122 comptes/);
		const [, next] = /rel="next" href="([^"]*)"/.exec(first.text);
		assert.match((await clients.limited.get(next)).text, /Revenir au début/);
		await database.sql("delete from account where key like 'many-%'");
	});

	test("invalid parameters: 400 naming the field", async () => {
		for (const [query, field] of [["after=x", "after"], ["after=0", "after"], [`q=${"x".repeat(201)}`, "q"]]) {
			const answer = await clients.administrator.get(`${api}?${query}`);
			assert.deepEqual([answer.status, answer.json().field], [400, field]);
		}
		// an internal id of the database is refused too
		const inner = await database.sql("select id from account where key = 'user'");
		assert.equal((await clients.administrator.get(`${api}?after=${inner}`)).status, 400);
		// another customer's account as a cursor gives an empty page
		assert.deepEqual(keys(await read("administrator", `${api}?after=${ids.neighbour}`)), []);
	});

	test("the page shows names and profiles, escapes text, and says when nothing matches", async () => {
		await database.sql(`update account set last_name = '<b>x' where key = 'island'`);
		const { text } = await clients.administrator.get("/console/accounts");
		assert.match(text, /&lt;b&gt;x/);
		assert.doesNotMatch(text, /<b>x/);
		assert.match(text, /Superviseur \(Lyon\)/);
		assert.match(text, /<a href="\/console\/accounts" aria-current="page">Comptes/);
		assert.doesNotMatch(text, /href="\/console\/recordings"/);
		const empty = (await clients.supervisor.get("/console/accounts?q=personne")).text;
		assert.match(empty, /Aucun compte ne correspond/);
		assert.match(empty, /href="\/console\/recordings"/);
	});
});

describe("an account", () => {
	test("shows national numbers, profiles, recording and OnePass; its sessions to administrators only", async () => {
		const island = await read("administrator", `${api}/${ids.elan}`);
		assert.deepEqual(island.numbers, [{ number: "+33180250194", kind: "fixed" },
			{ number: "+33612345678", kind: "mobile" }]);
		assert.equal(island.onepass, "none");
		const page = (await clients.administrator.get(`/console/accounts/${ids.elan}`)).text;
		assert.match(page, /01 80 25 01 94/);
		assert.match(page, /Jamais/);
		const limited = await read("administrator", `${api}/${ids.limited}`);
		assert.equal(limited.onepass, "active");
		assert.ok(limited.administration.sessions >= 1);
		assert.ok(Date.now() - Date.parse(limited.administration.last_sign_in) < 600000);
		assert.equal((await read("supervisor", `${api}/${ids.limited}`)).administration, null);
		assert.doesNotMatch((await clients.supervisor.get(`/console/accounts/${ids.limited}`)).text, /Dernière connexion/);
		assert.match((await clients.administrator.get(`/console/accounts/${ids.administrator}`)).text, />Administrateur<\/span>/);
		await database.sql(`update person set disabled_at = now() where email = '${people.user.email}';
			update person set password_hash = null where email = '${people.colleague.email}'`);
		assert.equal((await read("supervisor", `${api}/${ids.user}`)).onepass, "disabled");
		assert.equal((await read("supervisor", `${api}/${ids.colleague}`)).onepass, "waiting");
	});

	test("accounts out of reach, absent ones and malformed ids get the same 404 page", async () => {
		const answers = await Promise.all([ids.neighbour, ids.user, randomUUID(), "x", "0", "99999999999999999999"].map(async (id) => {
			const answer = await clients.limited.get(`/console/accounts/${id}`);
			const request = answer.headers["x-request-id"];
			return [answer.status, answer.text.replaceAll(request, "").replaceAll(`accounts/${id}`, "")].join();
		}));
		assert.match(answers[0], /^404/);
		assert.equal(new Set(answers).size, 1);
	});
});

describe("rights", () => {
	const rights = async (id) => (await read("administrator", `${api}/${id}`)).administration.version;
	const put = async (who, id, body) => (typeof who === "string" ? clients[who] : who).send("PUT",
	    `${api}/${id}/profiles`, { json: { supervisor: null, administrator: false, version: await rights(id), ...body } });
	const news = async () => {
		const rows = await database.rows(`select kind, detail from audit where kind in ('grant', 'withdraw')
			and detail ->> 'account' = '${ids.lyonnais}' order by id`);
		return rows.map(({ kind, detail }) => [kind, detail.profile, detail.sites]);
	};
	const mails = () => database.rows(`select m.kind, m.detail, p.email from mail m join person p on p.id = m.person_id
		where m.kind in ('right_granted', 'right_withdrawn') order by m.id`);
	// a second person confirms what waits
	const confirmed = async (answer) => {
		assert.equal(answer.status, 202, answer.text);
		const [{ id }] = answer.json().waiting;
		assert.equal((await clients.supervisor.post(`/api/v1/confirmations/${id}`, { json: { outcome: "confirmed" } })).status, 200);
		return read("administrator", `${api}/${answer.json().id}`);
	};
	let lyon;
	before(async () => {
		lyon = await database.sql("select public_id from site where key = 'lyon'");
		clients.lyonnais = await server.client().signIn(people.lyonnais.email);
	});

	test("granted and widened once confirmed, withdrawn at once: logged, and mailed to the person", async () => {
		const team = `/api/v1/recordings?scope=team`;
		assert.equal((await clients.lyonnais.get(team)).status, 403);
		const waits = await put("administrator", ids.lyonnais, { supervisor: [lyon], administrator: true });
		assert.deepEqual(waits.json().profiles, []);
		assert.equal((await clients.lyonnais.get(team)).status, 403);
		const answer = await confirmed(waits);
		assert.deepEqual([answer.profiles, answer.sites],
		    [["supervisor", "administrator"], [{ id: lyon, name: "Lyon" }]]);
		// rights that grow end the session
		const enter = () => clients.lyonnais.signIn(people.lyonnais.email);
		assert.equal((await clients.lyonnais.get(team)).status, 401);
		assert.equal((await (await enter()).get(team)).json().total, 1);
		const wider = await put("administrator", ids.lyonnais, { supervisor: "all", administrator: false });
		assert.deepEqual([wider.json().profiles, wider.json().sites], [["supervisor"], [{ id: lyon, name: "Lyon" }]]);
		await confirmed(wider);
		assert.equal((await clients.lyonnais.get(team)).status, 401);
		await enter();
		assert.ok((await clients.lyonnais.get(team)).json().total > 1);
		assert.equal((await put("administrator", ids.lyonnais, { supervisor: "all" })).status, 200);
		assert.equal((await put("administrator", ids.lyonnais, {})).status, 200);
		assert.equal((await clients.lyonnais.get(team)).status, 403);
		assert.deepEqual(await news(), [["grant", "supervisor", [lyon]], ["grant", "administrator", undefined],
		    ["withdraw", "administrator", undefined], ["grant", "supervisor", "all"], ["withdraw", "supervisor", undefined]]);
		assert.deepEqual((await mails()).map(({ kind, detail, email }) => [kind, detail.sites, email]),
		    [["right_granted", "Lyon"], ["right_granted", null], ["right_withdrawn", null], ["right_granted", null],
		    ["right_withdrawn", null]].map((m) => [...m, people.lyonnais.email]));
		const log = (await clients.supervisor.get("/console/audit?kind=grant")).text;
		assert.match(log, new RegExp(`href="/console/accounts/${ids.lyonnais}">Yvan Lacroix</a> Superviseur \\(Lyon\\)`));
	});

	test("administrators can't make themselves supervisors (refused and logged); other profiles can't change rights", async () => {
		for (const body of [{ supervisor: "all" }, { supervisor: [lyon], administrator: true }]) {
			const answer = await put("administrator", ids.administrator, body);
			assert.equal(answer.status, 403);
			assert.match(answer.json().detail, /soi-même/);
		}
		// who supervises one site can't add sites for themselves, but may keep or drop that one
		const paris = await database.sql("select public_id from site where key = 'paris'");
		await database.command(["account", "profile", "alpha", "administrator", "--administrator", "--supervisor-sites", "lyon"]);
		await clients.administrator.signIn(people.administrator.email);
		for (const supervisor of ["all", [paris], [paris, lyon]]) {
			const answer = await put("administrator", ids.administrator, { supervisor, administrator: true });
			assert.equal(answer.status, 403, JSON.stringify(supervisor));
			assert.match(answer.json().detail, /soi-même/);
		}
		assert.deepEqual((await read("administrator", `${api}/${ids.administrator}`)).sites, [{ id: lyon, name: "Lyon" }]);
		assert.equal((await put("administrator", ids.administrator, { supervisor: [lyon], administrator: true })).status, 200);
		assert.equal((await put("administrator", ids.administrator, { administrator: true })).status, 200);
		assert.deepEqual((await read("administrator", `${api}/${ids.administrator}`)).profiles, ["administrator"]);
		const refused = () => database.rows(`select detail from audit where kind = 'refused'
			and person_id = (select person_id from account where key = 'administrator')`);
		await until("the refusal to be written", async () => (await refused()).length > 0);
		assert.equal((await refused())[0].detail.route, "/api/v1/accounts/{id}/profiles");
		for (const who of ["supervisor", "limited", "lyonnais"])
			assert.equal((await put(who, ids.colleague, { supervisor: "all" })).status, 403);
		assert.equal((await put("neighbour", ids.lyonnais, {})).status, 403);
		assert.equal((await clients.administrator.send("PUT", `${api}/${ids.neighbour}/profiles`,
		    { json: { supervisor: "all", administrator: true, version: "x" } })).status, 404);
	});

	test("refused: invalid bodies, an account without an e-mail address, an outdated version", async () => {
		const foreign = await database.sql("select public_id from site where key = 'brest'");
		for (const [body, field] of [[{ supervisor: [] }, "supervisor"], [{ supervisor: [foreign] }, "supervisor"],
			[{ supervisor: "some" }, "supervisor"], [{ supervisor: ["x"] }, "supervisor"], [{ administrator: 1 }, "administrator"],
			[{ version: 5 }, "version"], [{ supervisor: [lyon, foreign] }, "supervisor"]]) {
			const answer = await put("administrator", ids.lyonnais, body);
			assert.deepEqual([answer.status, answer.json().field], [400, field], JSON.stringify(body));
		}
		assert.equal((await put("administrator", ids.elan, { administrator: true })).json().field, "account");
		const version = await rights(ids.lyonnais);
		await confirmed(await put("administrator", ids.lyonnais, { supervisor: "all" }));
		const late = await clients.administrator.post(`/console/accounts/${ids.lyonnais}/profiles`,
		    { fields: { supervisor: "none", version } });
		assert.equal(late.status, 409);
		assert.match(late.text, /ont changé entre-temps/);
		// the form returns with the current rights; one with "sites" but no site is refused
		assert.match(late.text, /<title>Erreur – Yvan Lacroix.*value="all" checked/s);
		const none = await clients.administrator.post(`/console/accounts/${ids.lyonnais}/profiles`,
		    { fields: { supervisor: "sites", administrator: "1", version: await rights(ids.lyonnais) } });
		assert.equal(none.status, 400);
		assert.match(none.text, /role="alert".*Choisissez au moins un.*value="sites" checked.*value="1" checked/s);
		const form = await clients.administrator.post(`/console/accounts/${ids.lyonnais}/profiles`, {
			fields: { supervisor: "sites", site: lyon, version: await rights(ids.lyonnais) } });
		assert.deepEqual([form.status, form.headers.location], [303, `/console/accounts/${ids.lyonnais}?done=1`]);
		assert.match((await clients.administrator.get(form.headers.location)).text, /Les droits sont enregistrés/);
		assert.equal((await put("administrator", ids.lyonnais, {})).status, 200);
	});

	test("an open event stream ends when the right is withdrawn", async () => {
		await confirmed(await put("administrator", ids.lyonnais, { supervisor: "all" }));
		await clients.lyonnais.signIn(people.lyonnais.email);
		const socket = await open(server);
		let heard = "", closed = false;
		socket.setEncoding("latin1").on("data", (text) => { heard += text; }).on("close", () => { closed = true; });
		socket.write(`GET /api/v1/events?scope=team HTTP/1.1\r\nHost: localhost:${server.port}\r\n` +
		    `Cookie: ${[...clients.lyonnais.cookies].map((pair) => pair.join("=")).join("; ")}\r\n\r\n`);
		await until("the stream to begin", () => /event: listening/.test(heard));
		assert.equal((await put("administrator", ids.lyonnais, {})).status, 200);
		await until("the stream to end", () => closed || /\r\n0\r\n\r\n$/.test(heard));
		socket.destroy();
	});

	test("the last administrator can't be withdrawn, also when two withdraw each other at once", async () => {
		const alone = await put("administrator", ids.administrator, {});
		assert.equal(alone.status, 409);
		assert.match(alone.json().detail, /dernier administrateur/);
		for (let round = 0; round < 4; round++) {
			await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
			await database.command(["account", "profile", "alpha", "lyonnais", "--administrator"]);
			for (const who of ["administrator", "lyonnais"])
				await clients[who].signIn(people[who].email);
			const bodies = await Promise.all([ids.administrator, ids.lyonnais].map(async (id) => ({ json: { supervisor: null,
				administrator: false, version: await rights(id) } })));
			const answers = await Promise.all([
				clients.lyonnais.send("PUT", `${api}/${ids.administrator}/profiles`, bodies[0]),
				clients.administrator.send("PUT", `${api}/${ids.lyonnais}/profiles`, bodies[1])]);
			assert.deepEqual(answers.map((a) => a.status).sort(), [200, 403]);
			assert.equal(await database.sql("select count(*) from profile where kind = 'administrator'"), "1");
		}
		// a disabled administrator does not count
		await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
		await database.command(["account", "profile", "alpha", "lyonnais", "--administrator"]);
		for (const who of ["administrator", "lyonnais"])
			await clients[who].signIn(people[who].email);
		await database.sql(`update person set disabled_at = now() where email = '${people.lyonnais.email}'`);
		assert.equal((await put("administrator", ids.administrator, {})).status, 409);
		await database.sql(`update person set disabled_at = null where email = '${people.lyonnais.email}'`);
		// administrators may withdraw their own right, and lose the console with it
		const own = await clients.administrator.post(`/console/accounts/${ids.administrator}/profiles`, {
			fields: { supervisor: "none", version: await rights(ids.administrator) } });
		assert.deepEqual([own.status, own.headers.location], [303, "/board/recordings"]);
		await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
	});
});

describe("accounts from a file", () => {
	const send = (csv, digest, who = "administrator") => clients[who].post(`${api}/imports`, { json: { csv, digest } });
	const outcomes = (answer) => answer.json().lines.map(({ line, outcome }) => [line, outcome]);
	const problems = async (csv) => {
		const answer = await send(csv);
		assert.equal(answer.status, 200, answer.text);
		return answer.json().lines.flatMap(({ line, errors }) => errors.map((e) => [line, e.field, e.problem]));
	};
	const count = () => database.sql("select count(*) from account");
	const file = "\ufeffIdentifiant;Nom;Prénom;E-mail;Site;Fixe;Mobile\r\n" +
	    "new-1;\"Durand; \"\"dit\"\" D\";Éva;EVA@alpha.test;lyon;+33 (0)1 80 25 00 01 / 201;06 99 00 00 01\r\n" +
	    "elan;;;;Paris;;\r\n" +
	    "=1+1;@SUM(A1);-2+3;;PARIS;;\r\n" +
	    "lyonnais;Lacroix;Yvan;;Lyon;;\r\n";

	test("a preview changes nothing; applying it makes exactly its changes, once", async () => {
		const before = await count();
		const preview = await send(file);
		assert.deepEqual([preview.status, preview.json().counts], [200, { create: 2, change: 1, same: 1, error: 0 }]);
		assert.deepEqual(outcomes(preview), [[2, "create"], [3, "change"], [4, "create"], [5, "same"]]);
		assert.deepEqual(preview.json().lines[1].changes, [{ field: "site", from: "Lyon", to: "Paris" }]);
		assert.equal(await count(), before);
		const { digest } = preview.json();
		// one of the accounts is changed meanwhile
		await database.sql("update account set last_name = 'Autre' where key = 'lyonnais'");
		const late = await send(file, digest);
		assert.deepEqual([late.status, late.json().outcome, await count()], [409, "changed", before]);
		assert.equal(late.json().counts.change, 2);
		const done = await send(file, late.json().digest);
		assert.deepEqual([done.status, done.json().outcome, done.json().waiting], [200, "applied", 3]);
		const [early] = (await read("administrator", `${api}?q=durand`)).items;
		assert.deepEqual([early.email, early.numbers, early.site.name], ["", [], "Lyon"]);
		await confirmAll(database);
		const [made] = (await read("administrator", `${api}?q=durand`)).items;
		assert.deepEqual([made.last_name, made.first_name, made.email, made.site.name, made.profiles,
			made.numbers.map((n) => `${n.number} ${n.kind}`)], ["Durand; \"dit\" D", "Éva", "eva@alpha.test", "Lyon", [],
			["+33180250001 fixed", "201 fixed", "+33699000001 mobile"]]);
		assert.equal((await read("administrator", `${api}/${ids.lyonnais}`)).last_name, "Lacroix");
		assert.equal((await read("administrator", `${api}?q=${encodeURIComponent("SUM")}`)).items[0].last_name, "@SUM(A1)");
		assert.equal((await send(file, done.json().digest)).status, 409);
		assert.deepEqual((await send(file)).json().counts, { create: 0, change: 0, same: 4, error: 0 });
		assert.deepEqual(await database.rows("select detail from audit where kind = 'accounts_import'"),
		    [{ detail: { created: 2, changed: 2 } }]);
		assert.equal(await database.sql("select count(*) from audit where kind = 'account' and detail ? 'many'"), "5");
	});

	test("errors are given for each line, and then nothing is applied", async () => {
		const head = "key,last_name,email,site,fixed\n";
		assert.deepEqual(await problems(`${head}a,A,x,paris,\na,B,y@z.test,paris,\n,C,,paris,\nd,,,nowhere,12345678901\n` +
		    `e,E,${people.colleague.email},,+33180250194\nuser,N,other@alpha.test,,250\nf,F,y@z.test\n` +
		    `g,G,,paris,0180250194\nh,${"x".repeat(101)},,paris,\nadministrator,,,,0180258888\n` +
		    `i,I,É@x.test,paris,\nj,J,a\u00a0b@x.test,paris,`), [
			[2, "email", "email_invalid"], [2, "key", "key_twice"], [3, "key", "key_twice"], [4, "key", "key_missing"],
			[5, "fixed", "number_invalid"], [5, "last_name", "needed"], [5, "site", "site_unknown"],
			[6, "email", "email_taken"], [6, "fixed", "number_twice"], [6, "site", "needed"],
			[7, "fixed", "number_taken"], [8, "line", "cells"],
			[9, "fixed", "number_twice"], [10, "last_name", "too_long"], [11, "fixed", "number_own"],
			[12, "email", "email_invalid"], [13, "email", "email_invalid"]]);
		const preview = await send(`${head}z,Z,,paris,\ny,Y,,nowhere,`);
		const before = await count();
		assert.deepEqual([(await send(`${head}z,Z,,paris,\ny,Y,,nowhere,`, preview.json().digest)).status, await count()],
		    [400, before]);
		assert.match(preview.json().lines[1].errors[0].detail, /Aucun site/);
		// a number may move from one account of the file to another
		assert.deepEqual(await problems(`${head}elan,,,,0180259999\nisland,,,,0180250194`), []);
	});

	test("the e-mail address of another customer's person: they keep signing in there, and nothing about them is disclosed", async () => {
		const csv = `key,last_name,first_name,email,site\nlure,Leurre,,${people.neighbour.email},lyon\n` +
		    `long,${"L".repeat(60)} ${"L".repeat(39)},${"F".repeat(60)} ${"F".repeat(39)},long@alpha.test,lyon`;
		const { digest } = (await send(csv)).json();
		assert.equal((await send(csv, digest)).status, 200);
		await confirmAll(database);
		const [lure] = (await read("administrator", `${api}?q=leurre`)).items;
		assert.equal((await read("administrator", `${api}/${lure.id}`)).onepass, "waiting");
		assert.equal((await clients.administrator.post(`${api}/${lure.id}/invitation`, { json: {} })).status, 202);
		assert.deepEqual(await database.rows("select kind from mail where kind in ('invitation', 'password_exists')"),
		    [{ kind: "password_exists" }]);
		// they do not count as a remaining administrator here
		const version = async (id) => (await read("administrator", `${api}/${id}`)).administration.version;
		const put = async (id, administrator) => (await clients.administrator.send("PUT", `${api}/${id}/profiles`,
		    { json: { supervisor: null, administrator, version: await version(id) } })).status;
		assert.equal(await put(lure.id, true), 202);
		await confirmAll(database);
		assert.deepEqual([await put(ids.lyonnais, false), await put(ids.administrator, false)], [200, 409]);
		// a mistyped address can be corrected; the account's rights are suspended meanwhile
		const right = "key,email\nlure,lure@alpha.test";
		assert.deepEqual(await problems(right), []);
		assert.equal(await put(lure.id, false), 200);
		assert.equal((await send(right, (await send(right)).json().digest)).json().outcome, "applied");
		await confirmAll(database);
		assert.equal(await database.sql(`select string_agg(concat(a.email, ' ', p.email), ', ' order by a.key) from account a
			left join person p on p.id = a.person_id where a.key in ('lure', 'neighbour')`),
		`lure@alpha.test , ${people.neighbour.email} ${people.neighbour.email}`);
		const again = await server.client().signIn(people.neighbour.email);
		assert.equal((await again.get("/api/v1/session")).json().tenant.name, "beta");
		again.close();
		await assert.rejects(server.client().signIn(people.neighbour.email, "not the password"), /401/);
		await until("the failure to be written", async () => await database.sql(`select string_agg(distinct t.key, ' ')
			from audit a join tenant t on t.id = a.tenant_id where a.kind = 'sign_in_failed'`) === "beta");
	});

	test("a malformed file is refused as a whole, naming the line", async () => {
		for (const [csv, pattern, line] of [["", /vide/, 0], ["key\n", /vide/, 0], ["nom\nx", /Identifiant/, 1],
			["key,key\na,b", /deux fois/, 1], ["key,zip\na,b", /inconnue/, 1], ["key\na\n\"b", /guillemet/, 3],
			["key\na\u0001b", /illisibles/, 2], ["key\n\ufffd", /UTF-8/, 0],
			[`key\n${"a\n".repeat(5001)}`, /5 000/, 5002], [`key\n${"a".repeat(1048576)}`, /1 Mo/, 0]]) {
			const answer = await send(csv);
			assert.deepEqual([answer.status, answer.json().field, answer.json().line], [400, "csv", line], csv.slice(0, 20));
			assert.match(answer.json().detail, pattern);
		}
		assert.equal((await clients.administrator.post(`${api}/imports`, { json: {} })).status, 400);
		assert.equal((await send(file, undefined, "supervisor")).status, 403);
	});

	test("2,000 accounts at once, through the page, without script", async () => {
		const csv = `identifiant;nom;site;fixe\n${Array.from({ length: 2000 }, (_, i) =>
		    `bulk-${i};Masse ${i};Lyon;+3399${String(i).padStart(7, "0")}`).join("\n")}`;
		const preview = await clients.administrator.post("/console/accounts/imports", { fields: { csv } });
		assert.equal(preview.status, 200);
		assert.match(preview.text, /2.000 comptes à créer/u);
		const [, digest] = /name="digest" value="(\w{64})"/.exec(preview.text);
		const done = await clients.administrator.post("/console/accounts/imports", { fields: { csv, digest } });
		assert.equal(done.status, 200);
		assert.match(done.text, /Les comptes sont importés/);
		// one click of a second person confirms all of it
		const [{ id, total, changes }] = (await read("supervisor", "/api/v1/confirmations")).items;
		assert.deepEqual([total, changes.length], [2000, 2000]);
		const given = await clients.supervisor.post(`/console/confirmations/${id}`, { fields: { outcome: "confirmed" } });
		assert.deepEqual([given.status, given.headers.location], [303, "/console/confirmations?done=confirmed"]);
		assert.equal(await database.sql("select count(*) from account_number where number like '+3399%'"), "2000");
		assert.equal((await read("administrator", `${api}?q=masse`)).total, 2000);
	});
});
