// The fixtures of the tests: two operators, three customers, people of every
// profile, calls of every state. They are made with the commands of the program
// and its ingest. Dates are relative to today, so that nothing has expired.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { wav } from "./wav.js";

export const password = "correct-horse-battery-staple";

// The e-mail address is KEY@TENANT.test.
export const people = {
	// supervises all sites; has calls in Paris
	supervisor: { tenant: "alpha", site: "paris", name: ["Sophie", "Martin"],
	    options: ["--supervisor"] },
	// supervises Lyon only; has calls in Paris
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

// The calls: account, hours ago (or an instant), and the words, alternately of
// caller and callee, in equal parts or with given times. The key of a call is
// its source_id.
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
	// not analysed yet, with and without audio
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
	// the mails about these grants were sent, and their notices seen
	await db.sql("delete from mail; delete from right_notice");
}

// Makes the document that the pipeline sends for a call.
export function document(key, call, now = Date.now()) {
	const person = people[call.account];
	const seconds = call.seconds ?? 4;
	const step = Math.floor(seconds * 1000 / (call.words?.length ?? 1));
	return {
		tenant: person.tenant, source_id: key, account: person.key,
		direction: call.direction ?? "inbound",
		caller: call.caller ?? { kind: "e164", value: "+33613241088", name: null },
		callee: call.callee ?? { kind: "identity", value: person.email, name: person.name.join(" ") },
		started_at: call.at ?? new Date(Math.round(now - call.ago * hour)).toISOString(),
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

// Loads such calls with `smartrecord ingest`.
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

// Copies a recording many times in the database, a minute apart, without audio.
export const copyCall = (db, id, times) => db.sql(`
	create temporary table made as
	select uuid7_new(r.started_at - i * interval '1 minute') as new, i, r.*
	from recording r, generate_series(1, ${times}) i where r.id = '${id}';
	select recordings_make_partitions((now() - interval '35 days')::date, now()::date);
	insert into recording select tenant_id, new, site_id, account_id, duration_ms,
		started_at - i * interval '1 minute', expires_at, ingested_at, direction, mode, language, mood,
		caller_kind, caller_value, caller_name, callee_kind, callee_value, callee_name, subject, pauses,
		'copy/' || i || '.wav', audio_format, audio_rate, audio_channels, audio_samples, audio_sha256, tsv from made;
	insert into utterance select u.tenant_id, new, u.site_id, u.account_id, u.expires_at, summary, utterances
		from made join utterance u on u.id = made.id;
	insert into recording_source select tenant_id, 'copy-' || new, new, expires_at from made`);

export async function loadFixtures(db) {
	await loadPeople(db);
	await loadCalls(db, calls);
}

// Returns { key: id } of all recordings.
export async function recordingIds(db) {
	const rows = await db.rows("select source_id, recording_id as id from recording_source");
	return Object.fromEntries(rows.map(({ source_id, id }) => [source_id, id]));
}

// Returns { key: id } of all accounts.
export async function accountIds(db) {
	const rows = await db.rows("select key, public_id as id from account");
	return Object.fromEntries(rows.map(({ key, id }) => [key, id]));
}

// Confirms all acts that wait for a second person, with the operator's command.
export async function confirmAll(db) {
	for (const { public_id: id } of await db.rows("select public_id from confirmation where outcome is null order by id"))
		await db.command(["confirm", "accept", id]);
}
