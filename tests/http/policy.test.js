// The recording policy: every transition of a call, compared with the
// table below, through the database function and through the API; and
// whole calls from a simulated telephone system.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { people, confirmAll } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { startServer } from "../lib/server.js";
import { ask, refusal } from "../lib/sql.js";
import { Call } from "../lib/telephone.js";

const numbers = { always: "+33180250194", on_demand: "+33185746858", off: "+33140000001" };
const events = ["call", "*44", "*45", "*48", "*49", "hang_up"];

// For each mode and state, what each event of the list above does: next state,
// action, announcements. "=": refused, no change.
const expected = {
	always: {
		none: ["recording start recorded", "= no_call", "= no_call", "= no_call", "= no_call", "none none"],
		recording: ["recording none", "= already_recorded", "= cannot_stop", "paused pause paused",
		    "= already_recorded", "none stop"],
		paused: ["paused none", "= already_paused", "= cannot_stop", "= already_paused",
		    "recording resume resumed", "none stop"],
	},
	on_demand: {
		none: ["idle none", "= no_call", "= no_call", "= no_call", "= no_call", "none none"],
		idle: ["idle none", "recording start activated recorded", "= not_recorded", "= not_recorded",
		    "= not_recorded", "none none"],
		recording: ["recording none", "= already_recorded", "idle stop stopped", "paused pause paused",
		    "= already_recorded", "none stop"],
		paused: ["paused none", "= already_paused", "idle stop stopped", "= already_paused",
		    "recording resume resumed", "none stop"],
	},
	off: {
		none: ["idle none", ...Array(4).fill("= out_of_service"), "none none"],
		idle: ["idle none", ...Array(4).fill("= out_of_service"), "none none"],
	},
};
const both = ["recorded", "paused", "resumed", "stopped"];

function expectation(mode, state, event) {
	const [next, ...words] = expected[mode][state][events.indexOf(event)].split(" ");
	const [action, ...says] = next === "=" ? ["refuse", ...words] : words;
	return { mode, state, event, next: next === "=" ? state : next, action, says };
}
const all = Object.entries(expected).flatMap(([mode, states]) => Object.keys(states).flatMap((state) =>
    events.map((event) => expectation(mode, state, event))));

let database, server, admin, supervisor, neighbour;
before(async () => {
	database = await freshDatabase({ fixtures: true });
	await database.sql(`insert into account_number (tenant_id, account_id, number, kind)
		select a.tenant_id, a.id, v.number, v.kind from account a join (values
			('user', '${numbers.always}', 'fixed'), ('user', '+33639980111', 'mobile'),
			('colleague', '${numbers.on_demand}', 'fixed'), ('administrator', '${numbers.off}', 'fixed'),
			('lyonnais', '+33478000001', 'fixed'), ('neighbour', '+33298000001', 'fixed'),
			('user', '3250', 'fixed'), ('neighbour', '3250', 'fixed')) v (key, number, kind) on a.key = v.key;
		update account set recording_active = true where key in ('user', 'colleague', 'lyonnais', 'neighbour');
		update account set recording_mode = 'on_demand' where key = 'colleague'`);
	await database.command(["telephone", "add", "alpha", "user", "00005e005301", "--model", "Yealink T54W"]);
	await database.sql("update telephone set recording_button = true");
	server = await startServer({ database });
	[admin, supervisor, neighbour] = await Promise.all(["administrator", "supervisor", "neighbour"].map((key) =>
	    server.client().signIn(people[key].email)));
});
after(async () => {
	[admin, supervisor, neighbour].forEach((client) => client?.close());
	Object.values(database?.sessions ?? {}).forEach((one) => one.child.stdin.end());
	await server?.stop();
});

const quote = (value) => value === null ? "null" : `'${value}'`;
const policy = async (number, tenant = null) => JSON.parse(await ask(database, "pipeline",
    `select pipeline.recording_policy(${quote(number)}, ${quote(tenant)})`));
const decide = async (number, event, state = null) => JSON.parse(await ask(database, "pipeline",
    `select pipeline.recording_decision(${quote(number)}, ${quote(event)}, ${quote(state)})`));
const decideByApi = async (number, event, state = null) => {
	const answer = await admin.post("/api/v1/recording-policy/decisions",
	    { json: { number, event, ...(state && { state }) } });
	assert.equal(answer.status, 200, answer.text);
	return answer.json();
};
const keys = (decision) => decision.announcements.map((a) => a.key);
const set = (key, what) => database.sql(`update account set ${what} where key = '${key}'`);

test("the table holds exactly every mode, state and event", async () => {
	const rows = await database.rows("select * from recording_transitions()", "deployer");
	const order = (list) => list.map((row) => JSON.stringify(row)).sort();
	assert.deepEqual(order(rows), order(all));
	const said = await database.rows("select * from recording_announcements()", "deployer");
	assert.deepEqual(new Set(said.map((s) => s.key)), new Set(all.flatMap((row) => row.says)));
	for (const { key, heard_by: to, said: text } of said) {
		assert.equal(to, both.includes(key) ? "both" : "dialler", key);
		assert.match(text, /^\p{Lu}.{10,}\.$/u);
	}
	for (const row of all)	// every state can be reached
		assert.ok(row.state === "none" || all.some((r) => r.mode === row.mode && r.next === row.state));
});

for (const [access, through] of [["function", decide], ["API", decideByApi]])
	test(`each transition through the ${access}`, async () => {
		await database.sql("update operator set announce_stop = true");
		for (const { mode, state, event, next, action, says } of all) {
			const decision = await through(numbers[mode], event, state === "none" ? null : `${mode}:${state}`);
			const what = `${mode} ${state} ${event}`;
			assert.equal(decision.state, next === "none" ? null : `${mode}:${next}`, what);
			assert.equal(decision.action, action, what);
			assert.deepEqual(keys(decision), says, what);
		}
	});

test("the end of a recording is announced if the operator enables it", async () => {
	const stop = () => decide(numbers.on_demand, "*45", "on_demand:recording");
	const choose = (yes) => database.command(["operator", "set", "smart", "--announce-stop", yes]);
	await choose("no");
	assert.deepEqual(keys(await stop()), []);
	assert.ok(!(await policy(numbers.on_demand)).announcements.some((a) => a.key === "stopped"));
	await choose("yes");
	assert.deepEqual(keys(await stop()), ["stopped"]);
	assert.ok((await policy(numbers.on_demand)).announcements.some((a) => a.key === "stopped"));
	await choose("no");
});

test("the policy of a number", async () => {
	const of = async (number, tenant) => {
		const { announcements, ...rest } = await policy(number, tenant);
		assert.ok(announcements.length > 0);
		return rest;
	};
	assert.deepEqual(await of(numbers.always), { number: numbers.always, active: true, mode: "always",
		codes: ["*48", "*49"], tenant: "alpha", site: "paris", account: "user" });
	assert.equal((await of("+33639980111")).account, "user");	// the mobile number of the same account
	assert.deepEqual(await of(numbers.on_demand), { number: numbers.on_demand, active: true, mode: "on_demand",
		codes: ["*44", "*45", "*48", "*49"], tenant: "alpha", site: "paris", account: "colleague" });
	const off = { active: false, mode: null, codes: [] };
	assert.deepEqual(await of(numbers.off), { ...off, number: numbers.off, tenant: "alpha", site: "paris",
		account: "administrator" });
	assert.deepEqual(await of("+33999999999"), { ...off, number: "+33999999999", tenant: null, site: null, account: null });
	// a short number needs the customer to be named
	assert.equal((await of("3250", "beta")).account, "neighbour");
	assert.equal((await of("3250", "alpha")).account, "user");
	const refused = (...args) => refusal(database, `select pipeline.recording_policy(${args.map(quote)})`, "pipeline");
	assert.deepEqual(await refused("3250"), { state: "SR400", column: "number",
		message: "number: of more than one customer: name the tenant" });
	assert.equal((await refused("3250", "nobody")).column, "tenant");
	for (const number of ["+0180250194", "", "x'", "+33 1", "1", "018025019"])
		assert.equal((await refused(number.replace("'", "''"))).column, "number", number);
	const decision = (...args) => refusal(database, `select pipeline.recording_decision(${args.map(quote)})`, "pipeline");
	for (const args of [[numbers.always, "*46"], [numbers.always, "call", "always:none"], [numbers.always, "*44", "always:idle"],
	    [numbers.always, "*44", "x"]])
		assert.deepEqual([(await decision(...args)).state, (await decision(...args)).column], ["SR400", "event"], args.join(" "));
});

test("a number from a customer's own file is valid for that customer only", async () => {
	const free = "+33144444444", theirs = "+33298000001", given = "+33478000001";
	const csv = `key,last_name,site,fixed\nclaim,C,paris,${free}/${theirs}/${given}\nlyonnais,,,3251`;
	const before = await policy(theirs);
	assert.equal(before.tenant, "beta");
	const send = (digest) => admin.post("/api/v1/accounts/imports", { json: { csv, digest } });
	assert.equal((await send((await send()).json().digest)).json().outcome, "applied");
	// nothing of it before a second person has confirmed
	assert.equal((await policy(given)).account, "lyonnais");
	assert.equal((await policy(free, "alpha")).account, null);
	await confirmAll(database);
	assert.deepEqual(await policy(theirs), before);
	assert.match((await refusal(database, `select pipeline.recording_policy('${free}')`, "pipeline")).message, /name the tenant/);
	assert.equal((await policy(free, "alpha")).account, "claim");
	// a number assigned by the operator stays valid when the file moves it to another account
	assert.equal((await policy(given)).account, "claim");
	await database.sql(`delete from account where key = 'claim';
		update account_number set number = '${given}', declared = false where number = '3251'`);
});

test("the API gives administrators the numbers of their own customer", async () => {
	const read = (client, number) => client.get(`/api/v1/recording-policy?number=${encodeURIComponent(number)}`);
	assert.deepEqual((await read(admin, numbers.always)).json(), await policy(numbers.always));
	const foreign = (await read(admin, "+33298000001")).json();
	assert.deepEqual([foreign.active, foreign.account, foreign.tenant], [false, null, null]);
	assert.equal((await read(admin, "3250")).json().account, "user");
	assert.equal((await read(supervisor, numbers.always)).status, 403);
	assert.equal((await read(neighbour, numbers.always)).status, 403);
	const wrong = async (json) => {
		const answer = await admin.post("/api/v1/recording-policy/decisions", { json });
		assert.equal(answer.status, 400, answer.text);
		return answer.json().field;
	};
	const number = numbers.always;
	assert.equal(await wrong({ event: "call" }), "number");
	assert.equal(await wrong({ number: "018025019", event: "call" }), "number");
	assert.equal(await wrong({ number }), "event");
	assert.equal(await wrong({ number, event: "*46" }), "event");
	assert.equal(await wrong({ number, event: "*46", state: "always:paused" }), "event");
	assert.equal(await wrong({ number, event: "*48", state: "always:idle" }), "state");
	assert.equal((await read(admin, "12345678901")).json().field, "number");
});

describe("changes during a call take effect with the next call", () => {
	const during = async (number, script, change, rest, back) => {
		const call = await new Call(decide, number).play(script);
		await change();
		await call.play(rest);
		const next = await decide(number, "call");
		await back();
		return { state: call.state, said: call.said, next: next.state };
	};
	test("another mode", async () => {
		assert.deepEqual(await during(numbers.always, "call", () => set("user", "recording_mode = 'on_demand'"),
		    "*45 *48", () => set("user", "recording_mode = 'always'")),
		{ state: "always:paused", said: ["recorded", "cannot_stop", "paused"], next: "on_demand:idle" });
	});
	test("the option withdrawn or granted", async () => {
		assert.deepEqual(await during(numbers.on_demand, "call *44", () => set("colleague", "recording_active = false"),
		    "*48 *49 *45", () => set("colleague", "recording_active = true")), { state: "on_demand:idle",
			said: ["activated", "recorded", "paused", "resumed"], next: "off:idle" });
		assert.deepEqual(await during(numbers.off, "call", () => set("administrator", "recording_active = true"),
		    "*44", () => set("administrator", "recording_active = false")),
		{ state: "off:idle", said: ["out_of_service"], next: "always:recording" });
	});
	test("the service of the site", async () => {
		const service = (on) => () => database.command(["site", "service", "alpha", "paris", on]);
		assert.deepEqual(await during(numbers.always, "call", service("off"), "*48", service("on")),
		    { state: "always:paused", said: ["recorded", "paused"], next: "off:idle" });
	});
});

test("complete calls make a file for each start, with the pauses inside", async () => {
	const played = async (number, id, script) => {
		const call = await new Call(decideByApi, number, { id }).play(script);
		assert.equal(call.state, null);
		await call.deliver(database, await policy(number));
		return call;
	};
	const always = await played(numbers.always, "whole-always", "call 2 *48 1 *48 *49 2 *45 hang_up");
	assert.deepEqual(always.said, ["recorded", "paused", "already_paused", "resumed", "cannot_stop"]);
	const demand = await played(numbers.on_demand, "whole-demand",
	    "call 1 *45 *48 *44 *44 2 *48 1 *49 1 *45 3 *44 2 *48 1 hang_up");
	assert.deepEqual(demand.said, ["not_recorded", "not_recorded", "activated", "recorded", "already_recorded",
	    "paused", "resumed", "activated", "recorded", "paused"]);
	const nothing = await played(numbers.off, "whole-off", "call 1 *44 1 hang_up");
	assert.deepEqual([nothing.said, nothing.pieces], [["out_of_service"], []]);

	const found = {};
	for (const { id, subject } of (await supervisor.get("/api/v1/recordings?limit=100")).json().items)
		if (subject?.startsWith("whole-")) {
			const call = (await supervisor.get(`/api/v1/recordings/${id}`)).json();
			const audio = await supervisor.get(`/api/v1/recordings/${id}/audio.mp3`);
			assert.equal(audio.status, 200);
			found[subject] = [call.mode, call.duration_ms, call.pauses.map((p) => [p.start_ms, p.end_ms])];
		}
	assert.deepEqual(found, {
		"whole-always/1": ["always", 5000, [[2000, 3000]]],
		"whole-demand/1": ["on_demand", 4000, [[2000, 3000]]],
		"whole-demand/2": ["on_demand", 3000, [[2000, 3000]]],
	});
});
