// A small world for the tests: two operators, three customers, people of
// every profile, calls of every state. Made with the program's own commands
// and its own ingest. Dates go by today, so that nothing has expired.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { wav } from "./wav.js";

export const password = "correct-horse-battery-staple";

// e-mail is KEY@TENANT.test
export const people = {
	// whole customer, own calls in Paris
	supervisor: { tenant: "alpha", site: "paris", name: ["Sophie", "Martin"],
	    options: ["--supervisor"] },
	// supervises Lyon only, though the own calls are in Paris
	limited: { tenant: "alpha", site: "paris", name: ["Luc", "Perrin"],
	    options: ["--supervisor-sites", "lyon"] },
	user: { tenant: "alpha", site: "paris", name: ["Ursule", "Nadal"], options: [] },
	colleague: { tenant: "alpha", site: "paris", name: ["Chloé", "Legrand"], options: [] },
	lyonnais: { tenant: "alpha", site: "lyon", name: ["Yvan", "Lacroix"], options: [] },
	administrator: { tenant: "alpha", site: "paris", name: ["Adèle", "Moreau"],
	    options: ["--administrator"] },
	neighbour: { tenant: "beta", site: "brest", name: ["Bruno", "Voisin"],
	    options: ["--supervisor"] },
	stranger: { tenant: "gamma", site: "lille", name: ["Gaëlle", "Lointain"],
	    options: ["--supervisor"] },
};
for (const [key, person] of Object.entries(people)) {
	person.key = key;
	person.email = `${key}@${person.tenant}.test`;
}

const hour = 3600 * 1000;

// One call: account, hours ago, and what is said, from caller and callee in
// turn, in equal parts or in spans of its own. A recording is found by its
// key, which is its source_id.
export const calls = {
	supervisor_own: { account: "supervisor", ago: 3, mood: "positive",
	    subject: "Point hebdomadaire", words: ["Bonjour Sophie, voici le point.", "Merci, c'est parfait."] },
	limited_own: { account: "limited", ago: 4, mood: "neutral",
	    subject: "Planning de Lyon", words: ["Qui travaille samedi ?", "Je regarde le planning."] },
	user_own: { account: "user", ago: 5, mood: "frustrated",
	    subject: "Facture contestée", words: ["Ma facture est fausse, je conteste.", "Je vérifie votre facture."] },
	user_second: { account: "user", ago: 30, mood: "grateful", format: "pcm16", rate: 16000,
	    subject: "Livraison réussie", words: ["Le colis est arrivé, merci.", "Avec plaisir."] },
	colleague_own: { account: "colleague", ago: 6, mood: "angry", format: "ulaw",
	    subject: "Résiliation demandée", words: ["Je veux résilier mon contrat.", "Je comprends votre colère."] },
	lyonnais_own: { account: "lyonnais", ago: 7, mood: "relieved", hertz: [500],
	    subject: "Panne réparée", words: ["La panne est réparée ?", "Oui, le technicien est passé."] },
	administrator_own: { account: "administrator", ago: 8, mood: "neutral",
	    subject: "Accès au portail", words: ["Mon accès ne marche pas.", "Je le rétablis."] },
	neighbour_own: { account: "neighbour", ago: 9, mood: "anxious",
	    subject: "Secret du voisin", words: ["Ceci reste chez le voisin.", "Bien sûr."] },
	stranger_own: { account: "stranger", ago: 10, mood: "negative",
	    subject: "Affaire lointaine", words: ["Une affaire d'un autre opérateur.", "En effet."] },
	// still being analysed, with and without its sound
	pending_audio: { account: "user", ago: 1, pending: true },
	pending_nothing: { account: "user", ago: 0.5, pending: true, silent: true },
};

const sites = {
	alpha: [["paris", "Paris"], ["lyon", "Lyon"]],
	beta: [["brest", "Brest"]],
	gamma: [["lille", "Lille"]],
};

async function loadPeople(db) {
	await db.command(["operator", "create", "smart", "--name", "Smart Telecom"]);
	await db.command(["operator", "create", "autre", "--name", "Autre Télécom"]);
	for (const [tenant, places] of Object.entries(sites)) {
		const operator = tenant === "gamma" ? "autre" : "smart";
		await db.command(["tenant", "create", `${operator}/${tenant}`, "--name", tenant]);
		for (const [key, name] of places)
			await db.command(["site", "create", tenant, key, "--name", name]);
	}
	for (const p of Object.values(people))
		await db.command(["account", "create", p.tenant, p.key, "--site", p.site,
		    "--first-name", p.name[0], "--last-name", p.name[1], "--email", p.email,
		    "--password-stdin", ...p.options], { input: `${password}\n` });
}

// The document that the pipeline would send for a call.
export function document(key, call, now = Date.now()) {
	const person = people[call.account];
	const seconds = call.seconds ?? 4;
	const step = Math.floor(seconds * 1000 / (call.words?.length ?? 1));
	return {
		tenant: person.tenant, source_id: key, account: person.key,
		direction: call.direction ?? "inbound",
		caller: call.caller ?? { kind: "e164", value: "+33613241088", name: null },
		callee: { kind: "identity", value: person.email, name: person.name.join(" ") },
		started_at: new Date(Math.round(now - call.ago * hour)).toISOString(),
		duration_ms: seconds * 1000, mode: "always", language: "fr", pauses: call.pauses ?? [],
		audio: call.silent ? null : { file: `${key}.wav` },
		analysis: call.pending ? null : {
			mood: call.mood, subject: call.subject,
			summary: call.summary ?? `Appel au sujet de : ${call.subject}.`,
			utterances: call.words.map((text, i) => ({
				...(call.spans?.[i] ?? { start_ms: i * step, end_ms: (i + 1) * step }),
				speaker: i % 2 === 0 ? "caller" : "callee", text })),
		},
	};
}

// Loads calls (as above) through `smartrecord ingest`.
export async function loadCalls(db, wanted) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-calls-"));
	for (const [key, call] of Object.entries(wanted)) {
		writeFileSync(path.join(folder, `${key}.json`), JSON.stringify(document(key, call)));
		if (!call.silent)
			writeFileSync(path.join(folder, `${key}.wav`),
			    wav({ seconds: 4, ...call }));
	}
	try {
		await db.ingest(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export async function loadFixtures(db) {
	await loadPeople(db);
	await loadCalls(db, calls);
}

// key → id of every recording of the fixtures.
export async function recordingIds(db) {
	const rows = await db.rows("select source_id, recording_id as id from recording_source");
	return Object.fromEntries(rows.map(({ source_id, id }) => [source_id, id]));
}

// key → id of every account of the fixtures.
export async function accountIds(db) {
	const rows = await db.rows("select key, id from account");
	return Object.fromEntries(rows.map(({ key, id }) => [key, id]));
}
