// Telephony: the services page, the tab Activation as page and API,
// changes and their rows in the access log, which accounts a person may
// change, the help page.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { accountIds, people } from "../lib/fixtures.js";
import { story } from "../lib/once.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";

let database, server;
const as = {};
let ids;
const tab = "/console/telephony/activation";
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.sql(`insert into account_number (tenant_id, account_id, number, kind)
		select tenant_id, id, '+3318025' || to_char(id, 'FM0000'), 'fixed' from account;
		insert into account_number (tenant_id, account_id, number, kind)
		select tenant_id, id, '+33639980111', 'mobile' from account where key = 'colleague';
		update operator set contact = 'aide@smart.test' where key = 'smart'`);
	ids = await accountIds(database);
	server = await startServer({ database });
	for (const key of ["supervisor", "limited", "administrator", "user", "neighbour"])
		as[key] = await server.client().signIn(people[key].email);
});
after(async () => {
	Object.values(as).forEach((client) => client.close());
	await server?.stop();
});

const list = async (who, query = "") => {
	const answer = await as[who].get(`/api/v1/telephony/activation?${query}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.json();
};
const names = (page) => page.items.map((item) => item.name);
const patch = (who, json) => as[who].send("PATCH", "/api/v1/accounts", { json });
const state = async (key) => (await database.rows(`select recording_active as active, recording_mode as mode
	from account where key = '${key}'`))[0];
const log = () => database.rows("select person_id is not null as person, site_id, detail from audit where kind = 'mode' order by id");
const nothing = { on: 0, off: 0, always: 0, on_demand: 0 };
const reset = () => database.sql(`update account set recording_active = false, recording_mode = 'always';
	delete from audit`);
// Posts the form; a name may have several values.
const post = (who, pairs) => as[who].post("/console/accounts/recording", { body: new URLSearchParams(
    [["csrf", as[who].csrf], ...pairs]).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
const decoded = (text) => text.replaceAll("&#39;", "'").replaceAll(/\s+/g, " ");

describe("the list", () => {
	test("holds the accounts of the person's sites, by name", async () => {
		const page = await list("supervisor");
		assert.deepEqual(names(page), ["Yvan Lacroix", "Chloé Legrand", "Sophie Martin", "Adèle Moreau",
		    "Ursule Nadal", "Luc Perrin"]);
		assert.deepEqual([page.total, page.found, page.recorded, page.next], [6, 6, 0, null]);
		assert.deepEqual(page.sites.map((s) => s.name), ["Lyon", "Paris"]);
		const chloe = page.items[1];
		assert.deepEqual(chloe, { id: ids.colleague, name: "Chloé Legrand", email: people.colleague.email,
			site: { id: page.sites[1].id, name: "Paris" }, recording: { active: false, mode: "always" },
			numbers: [{ number: await database.sql(`select number from account_number n join account a on a.id = n.account_id
				where a.key = 'colleague' and n.kind = 'fixed'`), kind: "fixed" },
			    { number: "+33639980111", kind: "mobile" }] });
		assert.deepEqual(names(await list("administrator")), names(page));
		assert.deepEqual(names(await list("limited")), ["Yvan Lacroix"]);
		assert.deepEqual(names(await list("neighbour")), ["Bruno Voisin"]);
	});
	test("is searched by name without accents, by number, by site", async () => {
		const [lyon] = (await list("supervisor")).sites;
		for (const [query, expected] of [["q=chloe", ["Chloé Legrand"]], ["q=LEGRAND+ch", ["Chloé Legrand"]],
		    ["q=ad%C3%A8le", ["Adèle Moreau"]], ["q=06+39+98", ["Chloé Legrand"]], ["q=%2B33639", ["Chloé Legrand"]],
		    ["q=user%40alpha", ["Ursule Nadal"]], ["q=%25", []], ["q=_", []], ["q=nobody", []], [`site=${lyon.id}`, ["Yvan Lacroix"]]])
			assert.deepEqual(names(await list("supervisor", query)), expected, query);
		assert.equal((await list("supervisor", "q=chloe")).total, 6);
		const status = async (who, query) => (await as[who].get(`/api/v1/telephony/activation?${query}`)).status;
		assert.equal(await status("limited", `site=${(await list("supervisor")).sites[1].id}`), 404);
		assert.equal(await status("supervisor", `site=${randomUUID()}`), 404);
		for (const query of ["site=x", "after=0", "after=x", `q=${"x".repeat(201)}`])
			assert.equal(await status("supervisor", query), 400, query);
	});
	test("gives each account once, page by page", async () => {
		await database.sql(`with made as (insert into account (tenant_id, key, site_id, first_name, last_name)
			select tenant_id, 'many-' || n, site_id, 'Élise', case when n % 2 = 0 then 'Étienne' else 'Etienne' end
			from account, generate_series(1, 120) n where key = 'user' returning tenant_id, id)
			insert into account_number select tenant_id, id, '+337' || to_char(id, 'FM00000000'), 'mobile' from made`);
		const seen = [];
		for (let after = ""; after !== null;) {
			const page = await list("supervisor", after && `after=${after}`);
			seen.push(...page.items.map((item) => item.id));
			assert.equal(page.total, 126);
			after = page.next;
		}
		assert.equal(seen.length, 126);
		assert.equal(new Set(seen).size, 126);
		const { text } = await as.supervisor.get(`${tab}?q=elise`);
		assert.equal(text.match(/name="active"/g).length, 50);
		assert.match(text, /href="\/console\/telephony\/activation\?q=elise&amp;after=[\w-]+"/);
		await database.sql("delete from account where key like 'many-%'");
	});
});

describe("a change through the API", () => {
	test("changes several accounts at once and logs each; a repeated change does nothing", async () => {
		await reset();
		let answer = await patch("supervisor", { ids: [ids.user, ids.colleague, ids.user], recording: { active: true } });
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(answer.json(), { ...nothing, on: 2 });
		assert.deepEqual(await state("user"), { active: true, mode: "always" });
		assert.deepEqual((await patch("supervisor", { ids: [ids.user, ids.colleague], recording: { active: true } })).json(), nothing);
		answer = await patch("administrator", { ids: [ids.user, ids.lyonnais], recording: { mode: "on_demand" } });
		assert.deepEqual(answer.json(), { ...nothing, on_demand: 1 });
		assert.deepEqual(await state("user"), { active: true, mode: "on_demand" });
		assert.deepEqual(await state("lyonnais"), { active: false, mode: "on_demand" });
		answer = await patch("limited", { ids: [ids.lyonnais], recording: { active: true, mode: "always" } });
		assert.deepEqual(answer.json(), { ...nothing, on: 1 });
		answer = await patch("supervisor", { ids: [ids.user], recording: { active: false } });
		assert.deepEqual(answer.json(), { ...nothing, off: 1 });
		const [{ paris, lyon }] = await database.rows(`select (select id from site where key = 'paris') as paris,
			(select id from site where key = 'lyon') as lyon`);
		const row = (site_id, detail) => ({ person: true, site_id, detail });
		const order = (rows) => rows.sort((a, b) => text(a).localeCompare(text(b)));
		const text = ({ detail }) => [detail.account, detail.from, detail.to].join(" ");
		assert.deepEqual(order(await log()), order([
			row(paris, { account: ids.user, from: "off", to: "always" }),
			row(paris, { account: ids.colleague, from: "off", to: "always" }),
			row(paris, { account: ids.user, from: "always", to: "on_demand" }),
			row(lyon, { account: ids.lyonnais, from: "off", to: "always" }),
			row(paris, { account: ids.user, from: "on_demand", to: "off" }),
		]));
		for (const [lang, what] of [["fr", "Toujours → A la demande"], ["en", "Always → On demand"]]) {
			await as.administrator.post("/console/language", { fields: { lang, to: "/console/audit" } });
			assert.match((await as.administrator.get("/console/audit?kind=mode")).text, new RegExp(what));
		}
		await as.administrator.post("/console/language", { fields: { lang: "fr", to: "/console/audit" } });
	});
	test("changes all or none; accounts out of reach get 404", async () => {
		await reset();
		const recording = { active: true };
		for (const [who, list] of [["limited", [ids.lyonnais, ids.user]], ["supervisor", [ids.user, ids.neighbour]],
		    ["administrator", [ids.neighbour]], ["supervisor", [randomUUID()]], ["neighbour", [ids.user]]])
			assert.equal((await patch(who, { ids: list, recording })).status, 404, who);
		assert.equal((await patch("user", { ids: [ids.user], recording })).status, 403);
		assert.deepEqual(await log(), []);
		assert.equal(await database.sql("select count(*) from account where recording_active"), "0");
	});
	test("invalid requests: 400 naming the field", async () => {
		const wrong = async (json) => {
			const answer = await patch("supervisor", json);
			assert.equal(answer.status, 400, answer.text);
			return answer.json().field;
		};
		const good = [ids.user];
		for (const list of [undefined, [], "x", ["x"], [0], [ids.user.slice(1)], Array(1001).fill(ids.user)])
			assert.equal(await wrong({ ids: list, recording: { active: true } }), "ids");
		assert.equal((await patch("supervisor", { ids: Array(1000).fill(ids.user), recording: { active: false } })).status, 200);
		for (const recording of [undefined, {}, "on", [], { mood: "always" }])
			assert.equal(await wrong({ ids: good, recording }), "recording");
		assert.equal(await wrong({ ids: good, recording: { active: "yes" } }), "recording.active");
		for (const mode of ["off", "", null, 1])
			assert.equal(await wrong({ ids: good, recording: { mode } }), "recording.mode");
	});
});

test("two concurrent changes of the same accounts are made one after the other", async () => {
	await reset();
	const all = [ids.user, ids.colleague, ids.supervisor, ids.limited];
	const answers = await Promise.all([["supervisor", "on_demand"], ["administrator", "always"]].map(([who, mode]) =>
	    patch(who, { ids: mode === "always" ? all : [...all].reverse(), recording: { active: true, mode } })));
	assert.deepEqual(answers.map((a) => a.status), [200, 200]);
	assert.equal(await database.sql("select count(distinct recording_mode) from account where recording_active"), "1");
});

describe("the page's form", () => {
	test("changes the rows that differ, and the page shows the counts", async () => {
		await reset();
		await patch("supervisor", { ids: [ids.limited, ids.supervisor], recording: { active: true } });
		const answer = await post("supervisor", [["q", "a b"], ["site", ""], ["after", ""],
		    ["account", `${ids.user}:off`], ["active", ids.user], ["account", `${ids.colleague}:off`], ["active", ids.colleague],
		    ["account", `${ids.lyonnais}:off`], ["account", `${ids.limited}:always`],
		    ["account", `${ids.supervisor}:always`], ["active", ids.supervisor], [`mode-${ids.supervisor}`, "on_demand"]]);
		assert.equal(answer.status, 303, answer.text);
		const { location } = answer.headers;
		assert.equal(location, `${tab}?q=a+b&saved=1&on=2&off=1&on_demand=1`.replace("a+b", location.includes("%20") ? "a%20b" : "a+b"));
		assert.deepEqual([await state("user"), await state("limited"), await state("supervisor"), await state("lyonnais")].map((s) =>
		    s.active && s.mode), ["always", false, "on_demand", false]);
		const page = decoded((await as.supervisor.get(location)).text);
		assert.match(page, /2 comptes activés, 1 compte désactivé, 1 compte passé en mode A la demande\./);
		assert.match(decoded((await as.supervisor.get(tab)).text), /Téléphonie Hébergée <span[^>]*>6</);
	});
	test("changes all shown accounts, none, or the account of its own page", async () => {
		await reset();
		let answer = await post("administrator", [["account", `${ids.user}:off`], ["account", `${ids.lyonnais}:off`],
		    ["all", "on_demand"], ["apply", "1"]]);
		assert.equal(answer.headers.location, `${tab}?saved=1&on=2`);
		assert.equal((await state("lyonnais")).mode, "on_demand");
		// the select without its button changes nothing
		answer = await post("administrator", [["account", `${ids.user}:on_demand`], ["active", ids.user],
		    [`mode-${ids.user}`, "on_demand"], ["all", "off"]]);
		assert.equal(answer.headers.location, `${tab}?saved=1`);
		assert.match((await as.administrator.get(answer.headers.location)).text, /Aucun changement\./);
		const form = (page) => /<form[^>]*action="\/console\/accounts\/recording"[^]*?<\/form>/.exec(page.text)[0];
		const before = form(await as.administrator.get(`/console/accounts/${ids.user}`));
		const was = /name="account" value="([^"]*)"/.exec(before)[1];
		assert.equal(was, `${ids.user}:on_demand`);
		assert.match(before, new RegExp(`name="active" value="${ids.user}" checked`));
		answer = await post("administrator", [["account", was], ["active", ids.user],
		    [`mode-${ids.user}`, "always"], ["from", ids.user]]);
		assert.equal(answer.headers.location, `/console/accounts/${ids.user}?saved=1&always=1`);
		assert.deepEqual(await state("user"), { active: true, mode: "always" });
		const page = await as.administrator.get(answer.headers.location);
		assert.match(page.text, /Le réglage est enregistré\./);
		assert.match(form(page), new RegExp(`value="${ids.user}:always"`));
		assert.equal((await post("administrator", [["account", "x"]])).status, 400);
		assert.equal((await post("administrator", [["account", `${ids.neighbour}:off`], ["active", ids.neighbour]])).status, 404);
		assert.equal((await as.administrator.post("/console/accounts/recording",
		    { fields: { csrf: "x", account: `${ids.user}:always` } })).status, 403);
	});
});

describe("telephones", () => {
	const step = story();
	const macs = { user: "00:00:5e:00:53:01", plain: "00:00:5e:00:53:02", lyonnais: "00:00:5e:00:53:03", neighbour: "00:00:5e:00:53:04" };
	const run = (...args) => database.command(["telephone", ...args], { check: false });
	let phones;
	const button = async (mac) => (await database.rows(`select recording_button as on from telephone where mac = '${mac}'`))[0]?.on;
	step("the operator's command adds telephones to accounts", async () => {
		assert.equal((await run("add", "alpha", "user", "00-00-5E-00-53-01", "--model", "Yealink T54W")).stdout,
		    `created telephone ${macs.user} of account user of alpha\n`);
		await run("add", "alpha", "user", macs.plain, "--model", "Yealink T42U");
		await run("add", "alpha", "lyonnais", "00005e005303", "--model", "yealink t57w");
		await run("add", "beta", "neighbour", macs.neighbour, "--model", "Yealink T53W");
		assert.match((await run("add", "alpha", "user", macs.user, "--model", "x")).stderr, /is there already|exists/);
		assert.equal((await run("add", "alpha", "user", macs.user, "--model", "x", "--if-absent")).status, 0);
		assert.match((await run("add", "alpha", "colleague", macs.neighbour, "--model", "x")).stderr,
		    /is account neighbour of beta's \(smartrecord telephone remove beta 00:00:5e:00:53:04\)/);
		assert.match((await run("add", "alpha", "nobody", "00005e005309", "--model", "x")).stderr, /no account nobody of alpha/);
		for (const args of [["add", "alpha", "user", "00005e0053", "--model", "x"], ["add", "alpha", "user", "00005e00530g", "--model", "x"],
		    ["add", "alpha", "user", "00005e0053090", "--model", "x"], ["add", "alpha", "user", "00005e005309"], ["remove", "alpha", "x"]])
			assert.equal((await run(...args)).status, 2, args.join(" "));
		phones = Object.fromEntries((await database.rows("select mac, public_id as id from telephone"))
			.map(({ mac, id }) => [mac, id]));
		assert.deepEqual(JSON.parse((await run("list", "alpha", "--json")).stdout)[1],
		    { mac: macs.user, model: "Yealink T54W", account: "user", recording_button: false });
	});
	step("the API sets the button of telephones within reach whose model has one", async () => {
		await reset();
		const set = (who, mac, recording_button) => as[who].send("PATCH", `/api/v1/telephones/${phones[mac]}`, { json: { recording_button } });
		assert.equal((await set("supervisor", macs.user, true)).status, 204);
		assert.equal((await set("supervisor", macs.user, true)).status, 204);	// a repeated change does nothing
		assert.deepEqual((await as.administrator.get(`/api/v1/telephones/${phones[macs.user]}`)).json(),
		    { id: phones[macs.user], mac: macs.user, model: "Yealink T54W", has_button: true, recording_button: true, account: ids.user });
		assert.equal((await set("limited", macs.lyonnais, true)).status, 204);
		for (const [who, mac] of [["limited", macs.user], ["supervisor", macs.neighbour], ["neighbour", macs.user], ["administrator", "none"]])
			assert.equal((await set(who, mac, true)).status, 404, who);
		assert.equal((await set("user", macs.user, false)).status, 403);
		for (const [mac, value] of [[macs.user, "yes"], [macs.user, undefined], [macs.plain, true]]) {
			const answer = await set("supervisor", mac, value);
			assert.deepEqual([answer.status, answer.json().field], [400, "recording_button"], answer.text);
		}
		assert.deepEqual((await log()).map(({ detail }) => detail), [
			{ account: ids.user, telephone: `Yealink T54W ${macs.user}`, button: true },
			{ account: ids.lyonnais, telephone: `yealink t57w ${macs.lyonnais}`, button: true }]);
		assert.match((await as.administrator.get("/console/audit?kind=mode")).text,
		    /Yealink T54W 00:00:5e:00:53:01, RECORDING_BUTTON : oui/);
		const asked = await database.sql("select pipeline.telephone('00005E005301')", "pipeline");
		assert.deepEqual(JSON.parse(asked), { id: phones[macs.user], mac: macs.user, model: "Yealink T54W", has_button: true, recording_button: true,
			tenant: "alpha", site: "paris", account: "user" });
		assert.equal(await database.sql("select pipeline.telephone('00005e0053ff')", "pipeline"), "");
	});
	step("the account's page sets the buttons of its telephones", async () => {
		const page = `/console/accounts/${ids.user}`;
		const form = async () => /<form[^>]*\/telephones"[^]*?<\/form>/.exec((await as.administrator.get(page)).text)[0];
		assert.match(await form(), new RegExp(`name="button" value="${phones[macs.user]}" checked`));
		assert.match(await form(), /Yealink T42U <span[^>]*>00:00:5e:00:53:02 – ce modèle n’a pas cette touche/);
		const post = (fields) => as.administrator.post(`${page}/telephones`, { fields });
		let answer = await post({ telephone: phones[macs.user] });
		assert.equal(answer.headers.location, `${page}?telephones=1`);
		assert.equal(await button(macs.user), false);
		assert.doesNotMatch(await form(), /checked/);
		assert.match((await as.administrator.get(answer.headers.location)).text, /reçoit avec sa prochaine configuration/);
		answer = await post({ telephone: phones[macs.user], button: phones[macs.user] });
		assert.equal(await button(macs.user), true);
		assert.equal((await post({ telephone: "x" })).status, 400);
		assert.equal((await post({ telephone: phones[macs.neighbour], button: phones[macs.neighbour] })).status, 404);
		assert.equal(await button(macs.neighbour), false);
		assert.equal((await run("remove", "alpha", macs.user)).stdout, `changed telephone ${macs.user} of alpha: removed\n`);
		assert.match((await run("remove", "alpha", macs.neighbour)).stderr, /there is no telephone 00:00:5e:00:53:04 of alpha/);
	});
});

describe("a site without the service", () => {
	const step = story();
	const service = (tenant, site, on, check = true) => database.command(["site", "service", tenant, site, on], { check });
	after(() => service("alpha", "lyon", "on"));
	step("its accounts are neither shown nor changed", async () => {
		assert.equal((await service("alpha", "lyon", "off")).stdout, "changed site lyon of alpha: service off\n");
		assert.deepEqual((await list("supervisor")).sites.map((s) => s.name), ["Paris"]);
		assert.ok(!names(await list("supervisor")).includes("Yvan Lacroix"));
		const answer = await patch("supervisor", { ids: [ids.user, ids.lyonnais], recording: { active: true } });
		assert.equal(answer.status, 409);
		const { type, detail, site } = answer.json();
		assert.deepEqual([type, detail, site], ["urn:smartrecord:problem:service-inactive",
		    "Smart Record AI n’est pas activé sur le site Lyon.", "Lyon"]);
		// for accounts of other sites the reason is not disclosed
		assert.equal((await patch("limited", { ids: [ids.user], recording: { active: true } })).status, 404);
	});
	step("people with a site that has the service see the tile; others see whom to contact", async () => {
		const { text } = await as.supervisor.get("/console/telephony");
		assert.match(text, /class="card tile" href="\/console\/telephony\/activation"/);
		for (const page of ["/console/telephony", tab]) {
			const without = (await as.limited.get(page)).text;
			assert.doesNotMatch(without, /class="card tile"|name="active"/);
			assert.match(without, /n’est activé sur aucun de vos sites/);
			assert.match(without, /Smart Telecom, <a href="mailto:aide@smart\.test">/);
		}
		assert.deepEqual((await as.limited.get("/api/v1/telephony")).json(), { sites: [] });
	});
});

test("breadcrumb and tabs on the pages Activation and Recordings", async () => {
	const crumbs = async (who, place) => {
		const { text } = await as[who].get(place);
		const words = (part) => part ? decoded(part[1]).replaceAll(/\s*(<[^>]*>\s*)+/g, "|") : undefined;
		return [words(/id="crumbs"[^>]*>(.*?)<\/ol>/s.exec(text)), words(/class="tabs"[^>]*>(.*?)<\/nav>/s.exec(text)),
		    /class="tabs".*?aria-current="page">(.*?)</s.exec(text)?.[1]];
	};
	const [lyon] = (await list("supervisor")).sites;
	const both = "|Activation|Enregistrements|";
	assert.deepEqual(await crumbs("supervisor", tab), ["|alpha|Tous les sites|Smart Record AI|", both, "Activation"]);
	assert.deepEqual(await crumbs("supervisor", `${tab}?site=${lyon.id}`), ["|alpha|Lyon|Smart Record AI|", both, "Activation"]);
	assert.deepEqual(await crumbs("supervisor", "/console/recordings"), ["|alpha|Tous les sites|Smart Record AI|", both, "Enregistrements"]);
	assert.deepEqual(await crumbs("supervisor", `/console/recordings?site=${lyon.id}`), ["|alpha|Lyon|Smart Record AI|", both, "Enregistrements"]);
	assert.deepEqual(await crumbs("limited", "/console/recordings"), ["|alpha|Lyon|Smart Record AI|", both, "Enregistrements"]);
	assert.deepEqual(await crumbs("administrator", tab), ["|alpha|Tous les sites|Smart Record AI|", "|Activation|", "Activation"]);
	assert.deepEqual((await crumbs("user", "/board/recordings")).slice(0, 2), ["|alpha|Smart Record AI|", undefined]);
});

test("the help page shows the retention of the person's sites, and whether a stop is announced", async () => {
	await database.sql("update site set retention_days = 12 where key = 'lyon'");
	const read = async (who, place) => decoded((await as[who].get(place)).text);
	assert.match(await read("supervisor", "/console/help"), /<li>Lyon : 12 jours<\/li><li>Paris : 30 jours<\/li>/);
	assert.match(await read("limited", "/board/help"), /Lyon : 12 jours.*Paris : 30 jours/);
	const user = await read("user", "/board/help");
	assert.match(user, /gardés 30 jours, puis supprimés/);
	assert.doesNotMatch(user, /Lyon/);
	for (const code of ["*44", "*45", "*48", "*49"])
		assert.ok(user.includes(`<kbd>${code}</kbd>`), code);
	assert.match(user, /l’arrêt n’est pas annoncé/);
	// the help page has the announcements of the policy
	const said = await database.rows("select said from recording_announcements() where heard_by = 'both' or key = 'activated'", "deployer");
	await database.command(["operator", "set", "smart", "--announce-stop", "yes"]);
	const more = await read("user", "/board/help");
	for (const { said: text } of said)
		assert.ok(more.includes(`« ${text} »`), text);
	assert.equal((await as.user.get("/console/help")).status, 403);
});

test("the command sets the option of all named accounts or of none, with the reason", async () => {
	await reset();
	const run = (...args) => database.command(["account", "recording", "alpha", ...args], { check: false });
	let done = await run("user", "colleague", "--mode", "on_demand");
	assert.deepEqual([done.status, done.stdout], [0, "changed recording of user, colleague of alpha: on_demand\n"], done.stderr);
	assert.deepEqual((await state("user")), { active: true, mode: "on_demand" });
	assert.deepEqual((await log()).map((row) => [row.person, row.detail.to]), [[false, "on_demand"], [false, "on_demand"]]);
	done = await run("user", "nobody", "--mode", "off");
	assert.deepEqual([done.status, done.stderr], [1, "smartrecord: there is no account nobody of alpha\n"]);
	assert.equal((await state("user")).active, true);
	await database.command(["site", "service", "alpha", "lyon", "off"]);
	done = await run("lyonnais", "--mode", "always");
	assert.deepEqual([done.status, done.stderr], [1, "smartrecord: site lyon of alpha is without the service " +
	    "(smartrecord site service alpha lyon on)\n"]);
	assert.equal((await run("lyonnais", "--mode", "off")).status, 0);
	await database.command(["site", "service", "alpha", "lyon", "on"]);
	done = await run("user", "--mode", "off", "--json");
	assert.deepEqual(JSON.parse(done.stdout).counts, { ...nothing, off: 1 });
	for (const args of [["user"], ["--mode", "always"], ["user", "--mode", "never"]])
		assert.equal((await run(...args)).status, 2);
	const command = (...args) => database.command(args, { check: false });
	assert.match((await command("site", "service", "alpha", "nowhere", "on")).stderr, /there is no site nowhere of alpha/);
	assert.equal((await command("site", "service", "alpha", "lyon", "perhaps")).status, 2);
	assert.match((await command("operator", "set", "nobody", "--announce-stop", "no")).stderr, /there is no operator nobody/);
	assert.equal((await command("operator", "set", "smart")).status, 2);
	assert.deepEqual(await database.rows("select detail - 'site' as detail from audit where kind = 'service' order by id"),
	    [{ detail: { active: false } }, { detail: { active: true } }]);
});
