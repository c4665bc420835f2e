// The accounts of a customer: the list and its search, an account, for each
// as far as they may see.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open } from "../lib/client.js";
import { accountIds, people } from "../lib/fixtures.js";
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
	test("all of the customer's, by name whatever its accents; of one's sites for those limited to some", async () => {
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
			recording: limited.recording });
		assert.equal((await read("administrator", `${api}?q=sophie`)).items[0].sites, "all");
	});

	test("the beginning of any word, of an address, of a number or its end", async () => {
		for (const [q, expected] of [["elan", ["elan"]], ["ÉLAN zo", ["elan"]], ["noel", ["elan"]],
			["lan", []], ["chloe legr", ["colleague"]], ["colleague@alpha", ["colleague"]], ["voisin", []],
			["01 80 25 01 94", ["elan"]], ["+33 180", ["elan"]], ["0033180", ["elan"]], ["0180", ["elan"]],
			["5678", ["elan"]], ["678", []], ["0262 12", []], ["123456", ["island"]], ["250", ["island"]],
			["(06)12.34", ["elan"]], ["'", []], ["%", []], ["a & !b:* \\", []], ["zo\u0065\u0301", ["elan"]]])
			assert.deepEqual(await find(q), expected, q);
		assert.deepEqual(await find("5678", "limited"), ["elan"]);
		assert.deepEqual(await find("123456", "limited"), []);
		assert.equal((await read("administrator", `${api}?q=%20`)).total, 8);
	});

	test("pages follow one another, each account once, whatever comes between", async () => {
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

	test("what makes no sense is refused by name", async () => {
		for (const [query, field] of [["after=x", "after"], ["after=0", "after"], [`q=${"x".repeat(201)}`, "q"]]) {
			const answer = await clients.administrator.get(`${api}?${query}`);
			assert.deepEqual([answer.status, answer.json().field], [400, field]);
		}
		// another customer's account is no place to go on from
		assert.deepEqual(keys(await read("administrator", `${api}?after=${ids.neighbour}`)), []);
	});

	test("a page for people: names, profiles, nothing raw, a way out when nothing matches", async () => {
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
	test("numbers the national way, profiles, recording, OnePass; sessions for administrators alone", async () => {
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
		await database.sql(`update person set disabled_at = now() where email = '${people.user.email}';
			update person set password_hash = null where email = '${people.colleague.email}'`);
		assert.equal((await read("supervisor", `${api}/${ids.user}`)).onepass, "disabled");
		assert.equal((await read("supervisor", `${api}/${ids.colleague}`)).onepass, "waiting");
	});

	test("out of reach and absent look the same", async () => {
		const faces = await Promise.all([ids.neighbour, ids.user, 999999, "x", "0", "99999999999999999999"].map(async (id) => {
			const answer = await clients.limited.get(`/console/accounts/${id}`);
			const request = answer.headers["x-request-id"];
			return [answer.status, answer.text.replaceAll(request, "").replaceAll(`accounts/${id}`, "")].join();
		}));
		assert.match(faces[0], /^404/);
		assert.equal(new Set(faces).size, 1);
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
		where m.kind like 'right%' order by m.id`);
	let lyon;
	before(async () => {
		lyon = Number(await database.sql("select id from site where key = 'lyon'"));
		clients.lyonnais = await server.client().signIn(people.lyonnais.email);
	});

	test("given, widened and taken: at once, written down, and told to the person", async () => {
		const team = `/api/v1/recordings?scope=team`;
		assert.equal((await clients.lyonnais.get(team)).status, 403);
		const answer = await put("administrator", ids.lyonnais, { supervisor: [lyon], administrator: true });
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual([answer.json().profiles, answer.json().sites],
		    [["supervisor", "administrator"], [{ id: lyon, name: "Lyon" }]]);
		assert.equal((await clients.lyonnais.get(team)).json().total, 1);
		assert.equal((await put("administrator", ids.lyonnais, { supervisor: "all", administrator: false })).status, 200);
		assert.ok((await clients.lyonnais.get(team)).json().total > 1);
		assert.equal((await put("administrator", ids.lyonnais, { supervisor: "all" })).status, 200);
		assert.equal((await put("administrator", ids.lyonnais, {})).status, 200);
		assert.equal((await clients.lyonnais.get(team)).status, 403);
		assert.deepEqual(await news(), [["grant", "supervisor", [lyon]], ["grant", "administrator", undefined],
		    ["grant", "supervisor", "all"], ["withdraw", "administrator", undefined], ["withdraw", "supervisor", undefined]]);
		assert.deepEqual((await mails()).map(({ kind, detail, email }) => [kind, detail.sites, email]),
		    [["right_granted", "Lyon"], ["right_granted", null], ["right_granted", null], ["right_withdrawn", null],
		    ["right_withdrawn", null]].map((m) => [...m, people.lyonnais.email]));
		const log = (await clients.supervisor.get("/console/audit?kind=grant")).text;
		assert.match(log, new RegExp(`href="/console/accounts/${ids.lyonnais}">Yvan Lacroix</a> Superviseur \\(Lyon\\)`));
	});

	test("never Supervisor to oneself, refused and written down; nor by others than administrators", async () => {
		for (const body of [{ supervisor: "all" }, { supervisor: [lyon], administrator: true }]) {
			const answer = await put("administrator", ids.administrator, body);
			assert.equal(answer.status, 403);
			assert.match(answer.json().detail, /soi-même/);
		}
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

	test("what makes no sense, what has changed meanwhile, whom nobody could be", async () => {
		const foreign = Number(await database.sql("select id from site where key = 'brest'"));
		for (const [body, field] of [[{ supervisor: [] }, "supervisor"], [{ supervisor: [foreign] }, "supervisor"],
			[{ supervisor: "some" }, "supervisor"], [{ supervisor: ["x"] }, "supervisor"], [{ administrator: 1 }, "administrator"],
			[{ version: 5 }, "version"], [{ supervisor: [lyon, foreign] }, "supervisor"]]) {
			const answer = await put("administrator", ids.lyonnais, body);
			assert.deepEqual([answer.status, answer.json().field], [400, field], JSON.stringify(body));
		}
		assert.equal((await put("administrator", ids.elan, { administrator: true })).json().field, "account");
		const version = await rights(ids.lyonnais);
		assert.equal((await put("administrator", ids.lyonnais, { supervisor: "all" })).status, 200);
		const late = await clients.administrator.post(`/console/accounts/${ids.lyonnais}/profiles`,
		    { fields: { supervisor: "none", version } });
		assert.equal(late.status, 409);
		assert.match(late.text, /ont changé entre-temps/);
		assert.match(late.text, new RegExp(`href="/console/accounts/${ids.lyonnais}"`));
		const form = await clients.administrator.post(`/console/accounts/${ids.lyonnais}/profiles`, {
			fields: { supervisor: "sites", site: lyon, version: await rights(ids.lyonnais) } });
		assert.deepEqual([form.status, form.headers.location], [303, `/console/accounts/${ids.lyonnais}?done=1`]);
		assert.match((await clients.administrator.get(form.headers.location)).text, /Les droits sont enregistrés/);
		assert.equal((await put("administrator", ids.lyonnais, {})).status, 200);
	});

	test("an open stream ends with the right", async () => {
		assert.equal((await put("administrator", ids.lyonnais, { supervisor: "all" })).status, 200);
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

	test("the last administrator stays, also when two withdraw one another at once", async () => {
		const alone = await put("administrator", ids.administrator, {});
		assert.equal(alone.status, 409);
		assert.match(alone.json().detail, /dernier administrateur/);
		for (let round = 0; round < 4; round++) {
			await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
			await database.command(["account", "profile", "alpha", "lyonnais", "--administrator"]);
			const bodies = await Promise.all([ids.administrator, ids.lyonnais].map(async (id) => ({ json: { supervisor: null,
				administrator: false, version: await rights(id) } })));
			const answers = await Promise.all([
				clients.lyonnais.send("PUT", `${api}/${ids.administrator}/profiles`, bodies[0]),
				clients.administrator.send("PUT", `${api}/${ids.lyonnais}/profiles`, bodies[1])]);
			assert.deepEqual(answers.map((a) => a.status).sort(), [200, 403]);
			assert.equal(await database.sql("select count(*) from profile where kind = 'administrator'"), "1");
		}
		// somebody disabled is none to count on
		await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
		await database.command(["account", "profile", "alpha", "lyonnais", "--administrator"]);
		await database.sql(`update person set disabled_at = now() where email = '${people.lyonnais.email}'`);
		assert.equal((await put("administrator", ids.administrator, {})).status, 409);
		await database.sql(`update person set disabled_at = null where email = '${people.lyonnais.email}'`);
		// one's own may go, and the console with it
		const own = await clients.administrator.post(`/console/accounts/${ids.administrator}/profiles`, {
			fields: { supervisor: "none", version: await rights(ids.administrator) } });
		assert.deepEqual([own.status, own.headers.location], [303, "/board/recordings"]);
		await database.command(["account", "profile", "alpha", "administrator", "--administrator"]);
	});
});
