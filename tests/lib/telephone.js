// A simulated telephone system. It plays calls, requests a decision of the
// recording policy at each event, keeps the state of the call, and gives the
// recorded files to `smartrecord ingest` as a pipeline does: a file for each
// start, with silence and an entry for each pause.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { wav } from "./wav.js";

const format = { rate: 8000, channels: 2, head: 44, quiet: 0xd5 };	// A-law

// Writes silence between two times of a WAV file.
function silence(bytes, from, to) {
	const at = (ms) => format.head + Math.round(ms * format.rate / 1000) * format.channels;
	bytes.fill(format.quiet, at(from), at(to));
}

export class Call {
	// decide(number, event, state) returns the decision of the policy.
	constructor(decide, number, { id, hoursAgo = 1 } = {}) {
		Object.assign(this, { decide, number, id, state: null, now: 0, pieces: [], said: [] });
		this.began = Date.now() - hoursAgo * 3600000;
	}

	// Sends an event and carries out the policy's decision. Returns the decision.
	async event(event) {
		const decision = await this.decide(this.number, event, this.state);
		const piece = this.pieces.at(-1);
		this.state = decision.state;
		this.said.push(...decision.announcements.map((a) => a.key));
		if (decision.action === "start")
			this.pieces.push({ start: this.now, pauses: [] });
		else if (decision.action === "pause")
			piece.pauses.push({ from: this.now });
		else if (decision.action === "resume")
			piece.pauses.at(-1).to = this.now;
		else if (decision.action === "stop") {
			piece.end = this.now;
			if (piece.pauses.length && !piece.pauses.at(-1).to)
				piece.pauses.at(-1).to = this.now;
		}
		return decision;
	}

	// Advances the call by so many seconds.
	talk(seconds) {
		this.now += seconds * 1000;
		return this;
	}

	// Plays a script of events and seconds: "call 2 *48 1 *49 hang_up".
	async play(script) {
		for (const word of script.split(" "))
			if (/^\d+$/.test(word))
				this.talk(Number(word));
			else
				await this.event(word);
		return this;
	}

	documents(mode, { tenant, account }) {
		return this.pieces.map(({ start, end, pauses }, i) => ({
			tenant, account, source_id: `${this.id}/${i + 1}`, direction: "outbound", mode, language: "fr",
			caller: { kind: "e164", value: this.number, name: null },
			callee: { kind: "e164", value: "+33613241088", name: null },
			started_at: new Date(this.began + start).toISOString(), duration_ms: end - start,
			pauses: pauses.map(({ from, to }) => ({ start_ms: from - start, end_ms: to - start })),
			audio: { file: `${i + 1}.wav` },
			analysis: { mood: "neutral", subject: `${this.id}/${i + 1}`, summary: "Appel d’essai.", utterances: [] },
		}));
	}

	// Ingests the files. policy: the result of recording_policy.
	async deliver(database, policy) {
		const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-call-"));
		this.documents(policy.mode, policy).forEach((document, i) => {
			const sound = Buffer.from(wav({ seconds: document.duration_ms / 1000 }));
			for (const { start_ms, end_ms } of document.pauses)
				silence(sound, start_ms, end_ms);
			writeFileSync(path.join(folder, `${i + 1}.json`), JSON.stringify(document));
			writeFileSync(path.join(folder, `${i + 1}.wav`), sound);
		});
		try {
			await database.ingest(folder);
		} finally {
			rmSync(folder, { recursive: true });
		}
	}
}
