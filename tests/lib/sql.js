// Tests of the schema without the server: data of two customers made with SQL,
// and queries run as a role with the scope of a request.
import { spawn } from "node:child_process";
import { functions } from "./pg.js";
import { cleanEnvironment } from "./process.js";

// A psql process that is kept for a role and database, so that a query does not
// start a process. Errors are in its output.
class Session {
	constructor(db, role) {
		this.child = spawn("sh", ["-c", "exec psql -XqAt -v VERBOSITY=verbose -d \"$0\" 2>&1",
		    db.cluster.conninfo(db.name, role)],
		    { env: cleanEnvironment({ PGOPTIONS: `-c search_path=${functions()},public` }) });
		this.child.stdout.setEncoding("utf8").on("data", (s) => { this.output += s; this.look(); });
		this.output = "";
		this.waiting = [];
		this.count = 0;
	}

	look() {
		for (let at; this.waiting.length && (at = this.output.indexOf(this.waiting[0].mark)) >= 0;) {
			const { mark, resolve } = this.waiting.shift();
			resolve(this.output.slice(0, at).trimEnd());
			this.output = this.output.slice(at + mark.length + 1);
		}
	}

	// Returns psql's output for some statements.
	ask(text) {
		const mark = `-- answered ${++this.count}`;
		return new Promise((resolve) => {
			this.waiting.push({ mark, resolve });
			this.child.stdin.write(`${text}\n;\n\\echo ${mark}\n`);
		});
	}
}

export function session(db, role) {
	db.sessions ??= {};
	return db.sessions[role] ??= new Session(db, role);
}

// Ends the sessions and drops the database.
export async function leave(db) {
	for (const one of Object.values(db?.sessions ?? {}))
		one.child.stdin.end();
	await db?.drop();
}

// Like Session.ask(), throws on an error.
export async function ask(db, role, text) {
	const answer = await session(db, role).ask(text);
	if (/^(ERROR|FATAL|psql): /m.test(answer))
		throw new Error(answer);
	return answer;
}

// The public id of site, account or customer n below.
export const uid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

// Customers 1 and 2; sites 1 paris, 2 lyon (of 1), 3 brest (of 2); accounts
// 1 ada (paris), 2 lou (lyon), 3 voisin (brest).
export async function makeWorld(db) {
	await db.sql(`
		insert into operator (key, name) values ('op', 'Opérateur');
		insert into tenant (operator_id, key, name, time_zone)
			values (1, 'alpha', 'Alpha', 'Europe/Paris'), (1, 'beta', 'Beta', 'Europe/Paris');
		insert into site (tenant_id, key, name)
			values (1, 'paris', 'Paris'), (1, 'lyon', 'Lyon'), (2, 'brest', 'Brest');
		insert into account (tenant_id, key, site_id, first_name, last_name)
			values (1, 'ada', 1, 'Ada', 'Berger'), (1, 'lou', 2, 'Lou', 'Carré'),
			(2, 'voisin', 3, 'Val', 'Voisin');
		do $do$ declare name text; begin
			foreach name in array array['tenant', 'site', 'account'] loop
				execute format('update %I set public_id = (''00000000-0000-4000-8000-'' '
					'|| lpad(id::text, 12, ''0''))::uuid', name);
			end loop;
		end $do$;`, "deployer");
}

export const team = { tenant: 1, team: "all" };
export const own = (account, tenant = 1) => ({ tenant, account, team: "" });

const quote = (value) => `$value$${typeof value === "string" ? value : JSON.stringify(value)}$value$`;

// A statement in a transaction with a scope, as the application runs it.
export function inScope(db, scope, statement, role = "smartrecord_app") {
	const settings = Object.entries(scope).map(([key, value]) =>
		`perform set_config('app.${key}', ${quote(String(value))}, true);`).join(" ");
	return ask(db, role, `begin; do $do$ begin ${settings} null; end $do$; ${statement}; commit`);
}

// The text of a query of src/ with values instead of $1, $2…
export const filled = (text, ...values) =>
	text.replace(/^--.*$/gm, "").replace(/\$(\d)/g, (_, n) => quote(values[n - 1]));

export async function search(db, filter, scope = team) {
	return JSON.parse(await inScope(db, scope, `select recordings_search(${quote(filter)})`));
}

export async function ingest(db, document) {
	return JSON.parse(await ask(db, "pipeline", `select pipeline.ingest(${quote(document)})`));
}

// Runs a statement that must fail. Returns { state, column, message }; throws
// if it succeeds.
export async function refusal(db, statement, role = "smartrecord_app", scope = {}) {
	const settings = Object.entries(scope).map(([key, value]) =>
		`set local app.${key} = ${quote(String(value))};`).join(" ");
	const answer = await session(db, role).ask(`begin; ${settings} ${statement}; commit`);
	const error = answer.match(/ERROR: {2}(\w{5}): (.*)/);
	if (!error)
		throw new Error(`accepted: ${answer}`);
	return { state: error[1], message: error[2],
		column: answer.match(/COLUMN NAME: {2}(.*)/)?.[1] ?? null };
}

export const refusedIngest = (db, document) =>
	refusal(db, `select pipeline.ingest(${quote(document)})`, "pipeline");
export const refusedSearch = (db, filter, scope = team) =>
	refusal(db, `select recordings_search(${quote(filter)})`, "smartrecord_app", scope);

let calls = 0;
// A document of the pipeline about a call some hours ago, with changes.
export function call({ ago = 1, words = ["Bonjour."], ...changes } = {}) {
	const seconds = Math.max(words.length * 2, 4);
	return {
		tenant: "alpha", source_id: `call-${++calls}`, account: "ada", direction: "inbound",
		caller: { kind: "e164", value: "+33613241088", name: null },
		callee: { kind: "identity", value: "ada@alpha.test", name: "Ada Berger" },
		started_at: new Date(Date.now() - ago * 3600000).toISOString(),
		duration_ms: seconds * 1000, mode: "always", language: "fr", pauses: [], audio: null,
		analysis: { mood: "neutral", subject: "Sujet", summary: "Synthèse.",
			utterances: words.map((text, i) => ({ start_ms: i * 2000, end_ms: i * 2000 + 1900,
				speaker: i % 2 ? "callee" : "caller", text })) },
		...changes,
	};
}

let sounds = 0;
// The audio of a document, in an object of its own.
export const sound = (seconds = 4, tenant = "alpha") => ({ key: `${tenant}/ab/${++sounds}.wav`, format: "alaw", rate: 8000,
	channels: 2, samples: seconds * 8000, sha256: "ab".repeat(32) });
