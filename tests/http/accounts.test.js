// The accounts of a customer: the list and its search, an account, for each
// as far as they may see.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accountIds, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
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
