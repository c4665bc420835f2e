// Two-customer history: random acts of customer A among those of customer B.
// B's answers, mails, access log and objects in the store equal those of a run
// without A, but for ids, times and random values. Each run has an operator of
// its own, with the same people: A writes down addresses of B's people too.
// HISTORIES=n: how many; SEED=n: this one only.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Client } from "../lib/client.js";
import { password, people } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";
import { Smtp } from "../lib/smtp.js";
import { ask, filled, leave } from "../lib/sql.js";
import { wav } from "../lib/wav.js";

const histories = Number(process.env.HISTORIES ?? 20), atOnce = 5;
const seeds = process.env.SEED ? [Number(process.env.SEED)]
    : Array.from({ length: histories }, () => randomInt(1, 2 ** 31));
const createAccount = readFileSync("src/people/account_create.sql", "utf8");
const fresh = "a sentence of mine, new";

// Numbers from a seed (mulberry32): each call returns one below n.
function dice(seed) {
	let state = seed >>> 0;
	return (n) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ state >>> 15, state | 1);
		t ^= t + Math.imul(t ^ t >>> 7, t | 61);
		return ((t ^ t >>> 14) >>> 0) % n;
	};
}
const pick = (roll, list) => list[roll(list.length)];
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

let server, db, smtp, jobs, hash, dir, count = 0;
before(async () => {
	db = await freshDatabase({ fixtures: true });
	hash = await db.sql(`select password_hash from person where email = '${people.user.email}'`);
	smtp = await new Smtp().start();
	dir = mkdtempSync(path.join(tmpdir(), "smartrecord-"));
	chmodSync(dir, 0o755);
	const [tls_certificate, tls_key] = ["cert.pem", "key.pem"].map((name) => path.join(dir, name));
	// one certificate for the hosts of all operators
	await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
	    "subjectAltName=DNS:localhost,DNS:*.history.test", "-out", tls_certificate, "-keyout", tls_key]);
	chmodSync(tls_key, 0o644);
	server = await startServer({ database: db, settings: { ...smtp.settings, tls_certificate, tls_key } });
	jobs = await startJobs(server);
});
after(async () => {
	await jobs?.stop();
	await smtp?.stop();
	await server?.stop();
	await leave(db);
	rmSync(dir, { recursive: true, force: true });
});

// One run: an operator with the customers B and, perhaps, A.
class Run {
	constructor(base) {
		this.n = ++count;
		this.mark = `r${String(this.n).padStart(4, "0")}`;	// in all its names
		this.host = `${this.mark}.history.test`;
		this.base = base;			// the instant that the calls' times are relative to
		this.clients = {};
		this.told = [];				// what B was answered
		this.calls = 0;
	}

	email(who) {
		return `${who}@${this.mark}.example`;
	}

	// Makes the operator and both customers: A is there in each run, and does
	// nothing in one of them.
	async start() {
		const m = this.mark;
		await ask(db, "deployer", `insert into operator (key, name, host, contact) values ('${m}', 'Opérateur', '${this.host}', 'aide@${m}.example');
			insert into tenant (operator_id, key, name) select id, '${m}' || k, n from operator,
				(values ('a', 'Société Anémone'), ('b', 'Société Bleuet')) v (k, n) where key = '${m}';
			insert into site (tenant_id, key, name, active) select t.id, 'nord', 'Nord', true from tenant t where t.key ~ '^${m}';
			insert into site (tenant_id, key, name, active) select t.id, 'sud', 'Sud', true from tenant t where t.key ~ '^${m}'`);
		const account = (tenant, key, first, team, administrator, secret = true, email = key) => ask(db, "deployer",
		    filled(createAccount, m + tenant, { line: 1, key, last_name: `Nom-${key}`, first_name: first, site: "nord", errors: [],
			...email && { email: this.email(email) } }, "TEAM", String(administrator), secret ? hash : "NULL")
			.replace("$value$TEAM$value$", team ? "'all'" : "null").replace("$value$NULL$value$", "null"));
		await account("b", "anne", "Anne", false, true);
		await account("b", "sam", "Samuel", true, false);
		await account("b", "bob", "Robert", false, false);
		await account("b", "nina", "Nina", false, false, false);
		await account("b", "kim", "Kim", false, false, false, null);
		await account("a", "zed", "Zed", true, true);
		await account("a", "ugo", "Ugo", false, false, false);
		for (const who of ["anne", "sam", "zed"])
			await this.enter(who);
		await this.ingest(["b", "bob"], ["b", "sam"], ["a", "zed"]);
	}

	client(who) {
		return this.clients[who] ??= new Client(server, { host: this.host, from: `127.${1 + (this.n >> 8)}.${this.n & 255}.1` });
	}

	// Opens a session without the cost of a password.
	async enter(who) {
		const token = randomBytes(32).toString("hex"), client = this.client(who);
		await ask(db, "smartrecord_app", `select session_create(p, '${sha256(token)}', '', '127.0.0.1', '', '${hash}', '')
			from (select person_of.id as p from (select ${await this.person(who)} as id) person_of) x;
			select audit_signed_in('${sha256(token)}', '127.0.0.1')`);
		client.cookies.set("__Host-session", token);
		client.csrf = (await client.get("/api/v1/session")).json().csrf;
	}

	person(who) {
		return ask(db, "deployer", `select p.id from person p join operator o on o.id = p.operator_id
			where o.key = '${this.mark}' and p.email = '${this.email(who)}'`);
	}

	account(tenant, key) {
		return ask(db, "deployer", `select a.public_id from account a join tenant t on t.id = a.tenant_id
			where t.key = '${this.mark}${tenant}' and a.key = '${key}'`);
	}

	// Delivers calls as the pipeline does: [customer, account].
	async ingest(...calls) {
		const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-calls-"));
		for (const [tenant, key] of calls)
			this.call(folder, tenant, key);
		await db.ingest(folder);
		rmSync(folder, { recursive: true });
	}

	call(folder, tenant, key) {
		const id = `${this.mark}-${tenant}-${++this.calls}`;
		const minutes = 20 + 7 * this.count(tenant);
		writeFileSync(path.join(folder, `${id}.json`), JSON.stringify({
			tenant: this.mark + tenant, source_id: id, account: key, direction: "inbound",
			caller: { kind: "e164", value: "+33613241088", name: null },
			callee: { kind: "identity", value: this.email(key), name: `Nom ${key}` },
			started_at: new Date(this.base - minutes * 60000).toISOString(), duration_ms: 4000, mode: "always",
			language: "fr", pauses: [], audio: { file: `${id}.wav` }, analysis: { mood: "neutral", subject: `Sujet ${tenant}${minutes}`,
				summary: "Résumé.", utterances: [{ start_ms: 0, end_ms: 2000, speaker: "caller", text: "Bonjour." }] } }));
		writeFileSync(path.join(folder, `${id}.wav`), wav({ seconds: 4, hertz: [300 + minutes] }));
	}

	count(tenant) {
		this.counted ??= {};
		return this.counted[tenant] = (this.counted[tenant] ?? 0) + 1;
	}

	// Notes what B was answered.
	tell(what, answer) {
		const kept = ["content-type", "location", "link", "retry-after", "cache-control"];
		this.told.push([what, answer.status, ...kept.map((name) => this.plain(answer.headers[name] ?? "")), this.plain(answer.text)]);
		return answer;
	}

	// A text without ids, times and random values.
	plain(text) {
		return String(text).replaceAll(this.mark, "RUN")
		    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
		    .replace(/\d{4}-\d\d-\d\dT(\d|:|%3A|\.)+Z/g, "TIME").replace(/\b127(\.\d+){3}\b/g, "ADDRESS").replace(/\b[0-9a-f]{16,}\b/g, "RANDOM")
		    .replace(/\b\d\d?:\d\d(:\d\d)?\b/g, "HH:MM").replace(/\b\d\d\/\d\d(\/\d{4})?\b/g, "DATE");
	}

	async mail(who, subject, text) {
		const address = this.email(who);
		const found = await until(`a mail to ${address}: ${subject}`, () => smtp.mails.find((m) =>
		    m.to[0] === address && subject.test(m.headers.subject) && text.test(m.text) && !m.read));
		found.read = true;
		return found;
	}

	// Waits until no mail is due.
	delivered() {
		return until("all mails", async () => await ask(db, "deployer", `select count(*) from mail m join person p on p.id = m.person_id
			where p.email like '%@${this.mark}.example' and m.sent_at is null and m.failed is null
			and (m.due <= now() or m.tries > 0)`) === "0", 60000);	// due later: being sent, or a notice that waits
	}

	async import(who, lines) {
		const csv = `key,last_name,first_name,email,site\n${lines.map((l) => l.join(",")).join("\n")}`;
		const send = (digest) => this.client(who).post("/api/v1/accounts/imports", { json: { csv, digest } });
		const preview = await send();
		return [preview, await send(preview.json().digest ?? "x")];
	}

	close() {
		for (const client of Object.values(this.clients))
			client.close();
	}
}

// The acts of B. Each notes B's answers.
const bActs = {
	async list(r) {
		for (const who of ["anne", "sam"])
			for (const target of ["/api/v1/accounts", "/console/accounts"])
				r.tell(`${who} ${target}`, await r.client(who).get(target));
	},
	async account(r, roll) {
		const key = pick(roll, ["anne", "sam", "bob", "nina", "kim"]), id = await r.account("b", key);
		for (const base of ["/api/v1", "/console"])
			r.tell(`account ${key}`, await r.client("anne").get(`${base}/accounts/${id}`));
	},
	async rename(r, roll) {
		const key = pick(roll, ["bob", "nina", "sam"]);
		for (const answer of await r.import("anne", [[key, `Nom-${roll(9)}`, "", "", ""]]))
			r.tell(`rename ${key}`, answer);
	},
	async create(r, roll) {
		const key = pick(roll, ["lou", "max"]);
		for (const answer of await r.import("anne", [[key, "Nouveau", "Prénom", r.email(key), "sud"]]))
			r.tell(`create ${key}`, answer);
	},
	async invite(r, roll) {
		const key = pick(roll, ["nina", "lou"]), id = await r.account("b", key);
		if (id)
			r.tell(`invite ${key}`, await r.client("anne").post(`/api/v1/accounts/${id}/invitation`, { json: {} }));
		await r.delivered();
		r.tell("invitations", await r.client("anne").get("/api/v1/accounts/invitations"));
	},
	async claim(r, roll) {
		const who = pick(roll, ["nina", "lou"]);
		if (who === "lou")
			await r.import("anne", [["lou", "Nouveau", "Louise", r.email("lou"), "sud"]]);
		const answer = await r.client("anne").post(`/api/v1/accounts/${await r.account("b", who)}/invitation`, { json: {} });
		r.tell(`invite ${who}`, answer);
		if (answer.status !== 202)
			return;
		await r.mail(who, /Créez votre compte/, /Société Bleuet/);
		await r.delivered();
		// an earlier mail may have come meanwhile: its link is replaced
		const mail = smtp.mails.findLast((m) => m.to[0] === r.email(who) && /Créez/.test(m.headers.subject) && /Société Bleuet/.test(m.text));
		const [, link] = /https:\/\/[^/]+\/(?:board|console)(\/invitations\/[0-9a-f]{64})$/m.exec(mail.text);
		r.tell("open", await r.client(who).get(`/board${link}`));
		const entered = r.tell("claim", await r.client(who).post(`/api/v1${link}`, { json: { password: fresh } }));
		r.client(who).csrf = entered.json().csrf;
		for (const target of ["/api/v1/session", "/board/recordings", "/board/sessions"])
			r.tell(`${who} ${target}`, await r.client(who).get(target));
	},
	async signIn(r, roll) {
		const client = r.client("bob");
		if (roll(2) === 0)
			r.tell("wrong password", await client.post("/api/v1/session", { json: { email: r.email("bob"), password: "a wrong password" } }));
		r.tell("sign in", await client.post("/api/v1/session", { json: { email: r.email("bob"), password } }));
		for (const target of ["/api/v1/session", "/board/recordings", "/api/v1/recordings", "/board/sessions"])
			r.tell(`bob ${target}`, await client.get(target));
	},
	async reset(r) {
		const client = new Client(server, { host: r.host, from: `127.${1 + (r.n >> 8)}.${r.n & 255}.2` });
		r.tell("reset", await client.post("/api/v1/password-resets", { json: { email: r.email("bob") } }));
		client.close();
		await r.mail("bob", /nouveau mot de passe/, /./);
	},
	async ingest(r, roll) {
		await r.ingest(["b", pick(roll, ["bob", "sam"])]);
		r.tell("recordings", await r.client("sam").get("/api/v1/recordings"));
	},
	async listen(r) {
		r.tell("page", await r.client("sam").get("/console/recordings"));
		const { items } = r.tell("recordings", await r.client("sam").get("/api/v1/recordings")).json();
		if (items.length > 0)
			r.told.push(["audio", sha256((await r.client("sam").get(`/api/v1/recordings/${items[0].id}/audio.mp3`)).body)]);
	},
	async remove(r) {
		const { items } = (await r.client("sam").get("/api/v1/recordings")).json();
		if (items.length > 0)
			r.tell("delete", await r.client("sam").post("/api/v1/deletions", { json: { select: { ids: [items[0].id] }, expect: 1 } }));
	},
	async export(r) {
		const { items } = (await r.client("sam").get("/api/v1/recordings")).json();
		if (items.length === 0)
			return;
		const made = r.tell("export", await r.client("sam").post("/api/v1/exports", { json: { select: { ids: [items[0].id] }, content: "audio" } }));
		if (made.status === 202)
			await until("the archive", async () => (await r.client("sam").get(made.headers.location)).json().state === "ready");
	},
	async grant(r, roll) {
		const id = await r.account("b", "bob"), { version } = (await r.client("anne").get(`/api/v1/accounts/${id}`)).json().administration;
		r.tell("grant", await r.client("anne").send("PUT", `/api/v1/accounts/${id}/profiles`,
		    { json: { supervisor: roll(2) ? "all" : null, administrator: false, version } }));
	},
};

// The acts of A: of its own, and with the addresses of B's people.
const theirs = ["bob", "nina", "sam", "anne", "lou", "max"];
const aActs = {
	async import(r, roll) {
		const key = pick(roll, theirs);
		await r.import("zed", [[key, "URGENT", "Leurre", r.email(key), pick(roll, ["nord", "sud"])]]);
	},
	rename: (r, roll) => r.import("zed", [[pick(roll, theirs), `Leurre-${roll(9)}`, "Autre", "", "sud"]]),
	address: (r, roll) => r.import("zed", [[pick(roll, theirs), "", "", r.email(pick(roll, theirs)), ""]]),
	async invite(r, roll) {
		const id = await r.account("a", pick(roll, theirs));
		if (id)
			await r.client("zed").post(`/api/v1/accounts/${id}/invitation`, { json: {} });
	},
	inviteAll: (r) => r.client("zed").post("/api/v1/accounts/invitations", { json: { ids: "all" } }),
	async grant(r, roll) {
		const id = await r.account("a", pick(roll, theirs));
		if (!id)
			return;
		const { version } = (await r.client("zed").get(`/api/v1/accounts/${id}`)).json().administration;
		await r.client("zed").send("PUT", `/api/v1/accounts/${id}/profiles`, { json: { supervisor: null, administrator: true, version } });
	},
	async claim(r) {
		const answer = await r.client("zed").post(`/api/v1/accounts/${await r.account("a", "ugo")}/invitation`, { json: {} });
		if (answer.status !== 202)
			return;
		const mail = await r.mail("ugo", /Créez votre compte/, /Société Anémone/);
		const [, link] = /https:\/\/[^/]+\/(?:board|console)(\/invitations\/[0-9a-f]{64})$/m.exec(mail.text);
		await r.client("ugo").post(`/api/v1${link}`, { json: { password: fresh } });
	},
	ingest: (r) => r.ingest(["a", "zed"]),
	async remove(r) {
		const { items } = (await r.client("zed").get("/api/v1/recordings")).json();
		if (items.length > 0)
			await r.client("zed").post("/api/v1/deletions", { json: { select: { ids: [items[0].id] }, expect: 1 } });
	},
	export: (r) => r.client("zed").post("/api/v1/exports", { json: { select: { filter: {}, except: [], as_of: new Date().toISOString() }, content: "both" } }),
};

// The names and seeds of n acts.
const plan = (acts, roll, n) => Array.from({ length: n }, () => ({ act: pick(roll, Object.keys(acts)), seed: roll(2 ** 31) }));

// All files of B in the store, by their content.
function objects(r) {
	const folder = path.join(db.store, `${r.mark}b`);
	return existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
	    // an archive holds times; its own bytes differ from run to run
	    .map((f) => /\.zip$/.test(f.name) ? "archive" : sha256(readFileSync(path.join(f.parentPath ?? f.path, f.name)))).sort() : [];
}

// What B can see or get in the end: { answers, mails, log, objects }.
async function outcome(r) {
	await r.delivered();
	for (const act of [bActs.list, bActs.listen])
		await act(r);
	for (const key of ["anne", "sam", "bob", "nina", "kim", "lou", "max"])
		r.tell(`account ${key}`, await r.client("anne").get(`/console/accounts/${await r.account("b", key) || "none"}`));
	// those who are signed in: where, as whom, and what else they are offered
	for (const key of ["bob", "nina", "lou"])
		for (const target of ["/api/v1/session", "/board/sessions"])
			r.tell(`${key} ${target}`, await r.client(key).get(target));
	for (const target of ["/console/audit", "/console/audit.csv", "/api/v1/session"])
		r.tell(target, await r.client("anne").get(target));
	const removed = () => ask(db, "deployer", `select count(*) from recording_gone g join tenant t on t.id = g.tenant_id where t.key = '${r.mark}b'`);
	await until("what was deleted to be removed", async () => await removed() === "0");
	await until("its objects, too", () => objects(r).filter((o) => o !== "archive").length === r.living);
	const log = await ask(db, "deployer", `select a.kind || ' ' || coalesce(p.email, '-') || ' ' || a.detail from audit a
		join tenant t on t.id = a.tenant_id left join person p on p.id = a.person_id where t.key = '${r.mark}b' order by a.id`);
	return { answers: r.told, objects: objects(r), log: log.split("\n").map((line) => r.plain(line)).sort(),
		// what A itself sends to an address carries A's name
		mails: smtp.mails.filter((m) => m.to[0].endsWith(`@${r.mark}.example`) && !/^(zed|ugo)@/.test(m.to[0]) &&
		    !m.text.includes("Société Anémone")).map((m) => r.plain(`${m.to} ${m.headers.from} ${m.headers.subject}\n${m.text}`)).sort() };
}

// Runs B's acts of a seed, with A's among them. plant: a difference to be found.
async function history(seed, withA, base, plant) {
	const r = new Run(base), b = plan(bActs, dice(seed), 7), a = plan(aActs, dice(seed ^ 0x5bd1e995), 9), mix = dice(seed + 1);
	try {
		await r.start();
		while (b.length > 0 || a.length > 0) {
			const ours = a.length === 0 || b.length > 0 && mix(16) < 7;
			const { act, seed: own } = (ours ? b : a).shift();
			if (ours)
				await bActs[act](r, dice(own));
			else if (withA)
				await aActs[act](r, dice(own));
		}
		await plant?.(r);
		r.living = Number(await ask(db, "deployer", `select count(*) from recording_source s join tenant t on t.id = s.tenant_id
			where t.key = '${r.mark}b' and s.deleted_at is null`));
		return await outcome(r);
	} finally {
		r.close();
	}
}

// The first differences of two outcomes, by part.
function differences(alone, together) {
	const found = {};
	for (const part of Object.keys(alone)) {
		const n = Math.max(alone[part].length, together[part].length);
		for (let i = 0; i < n && (found[part]?.length ?? 0) < 3; i++) {
			const [x, y] = [alone[part][i], together[part][i]].map((one) => JSON.stringify(one) ?? "nothing");
			let at = 0;
			while (at < x.length && x[at] === y[at])
				at++;
			if (x !== y)
				(found[part] ??= []).push(`${x.slice(0, 60)} … ${x.slice(Math.max(0, at - 60), at + 120)}   |   ${y.slice(Math.max(0, at - 60), at + 120)}`);
		}
	}
	return found;
}

async function compared(seed, plant) {
	const base = Date.now();
	return differences(...await Promise.all([history(seed, false, base), history(seed, true, base, plant)]));
}

test(`${seeds.length} histories: what A does changes nothing of B's`, async (t) => {
	const waiting = [...seeds], wrong = {};
	t.diagnostic(`seeds ${seeds.join(" ")}`);
	await Promise.all(Array.from({ length: atOnce }, async () => {
		for (let seed; (seed = waiting.shift()) !== undefined;) {
			const found = await compared(seed).catch((error) => ({ error: [error.stack] }));
			if (Object.keys(found).length > 0)
				wrong[`SEED=${seed}`] = found;
		}
	}));
	assert.deepEqual(wrong, {});
});

// The test finds differences where there are some.
const planted = {
	answers: (r) => ask(db, "deployer", `update account a set last_name = 'Planté' from tenant t where t.id = a.tenant_id and t.key = '${r.mark}b' and a.key = 'kim'`),
	mails: (r) => ask(db, "deployer", `select mail_queue(p.id, 'password_reset') from person p where p.email = '${r.email("sam")}'`),
	log: (r) => ask(db, "deployer", `insert into audit (tenant_id, kind) select id, 'search' from tenant where key = '${r.mark}b'`),
	objects: (r) => r.ingest(["b", "bob"]),
};
test("planted differences are found, and none where none is", async () => {
	const base = Date.now(), seed = 7;
	const [alone, same, ...others] = await Promise.all([undefined, undefined, ...Object.values(planted)]
	    .map((plant) => history(seed, false, base, plant)));
	assert.deepEqual(differences(alone, same), {});
	Object.keys(planted).forEach((part, i) => assert.ok(differences(alone, others[i])[part]?.length > 0, part));
});
