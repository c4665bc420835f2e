// Measures making an archive of many calls: CPU time and memory of `smartrecord
// jobs`, relative to zip -0 of the finished files, and the time of the first
// progress event. Nothing is cached: each minute of audio is encoded.
import { linkSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { document, loadCalls, people, recordingIds } from "../lib/fixtures.js";
import { startJobs } from "../lib/jobs.js";
import { freshDatabase } from "../lib/pg.js";
import { run, until } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const utterances = ["Bonjour, je vous appelle au sujet de ma commande.", "Je regarde cela tout de suite.",
    "Merci, j'attends depuis une semaine.", "Elle part aujourd'hui, je vous le confirme."];
const call = { account: "user", ago: 1, seconds: 60, mood: "neutral", subject: "Une minute",
	words: Array.from({ length: 12 }, (_, i) => utterances[i % 4]) };

// Makes calls of one minute, whose objects in the store are links to one file.
async function load(database, calls) {
	await loadCalls(database, { minute: call });
	const one = document("minute", call);
	const { minute } = await recordingIds(database);
	const key = await database.sql(`select audio_key from recording where id = '${minute}'`);
	for (let n = 2; n <= calls; n++)
		linkSync(path.join(database.store, key), path.join(database.store, `${key}-${n}`));
	await database.sql(`select count(pipeline.ingest($doc$${JSON.stringify(one)}$doc$::jsonb
		|| jsonb_build_object('source_id', 'minute-' || n, 'started_at',
		to_char(now() at time zone 'utc' - interval '1 hour' - n * interval '4 minutes',
		'YYYY-MM-DD"T"HH24:MI:SS.000"Z"'), 'audio', (select jsonb_build_object('key', audio_key || '-' || n,
		'format', audio_format, 'rate', audio_rate, 'channels', audio_channels,
		'samples', audio_samples, 'sha256', audio_sha256) from recording where id =
		'${minute}')))) from generate_series(2, ${calls}) n`);
	await database.sql("vacuum analyze");
}

// CPU time of a process with its threads, in seconds.
function cpu(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	const field = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(field[11]) + Number(field[12])) / 100;
}

// CPU time of zip -0 of the files of the archive, in seconds.
async function zipAgain(archive) {
	const folder = mkdtempSync(path.join(tmpdir(), "smartrecord-bench-"));
	await run("unzip", ["-q", archive, "-d", "files"], { cwd: folder });
	const { stdout } = await run("sh", ["-c", "zip -0qr ../again.zip . ; times"],
	    { cwd: path.join(folder, "files") });
	rmSync(folder, { recursive: true });
	return [...stdout.trim().split("\n").at(-1).matchAll(/(\d+)m([\d.]+)s/g)]
	    .reduce((sum, [, m, s]) => sum + 60 * Number(m) + Number(s), 0);
}

export async function measureExport(row, calls = 200) {
	const database = await freshDatabase({ fixtures: true });
	await load(database, calls);
	const server = await startServer({ database });
	const client = await server.client().signIn(people.supervisor.email);
	const jobs = await startJobs(server, { cache_dir: "/nonexistent" });
	const { as_of } = (await client.get("/api/v1/recordings?limit=1")).json();
	const before = cpu(jobs.pid), start = performance.now();
	const asked = (await client.send("POST", "/api/v1/exports", { json: { content: "both",
		select: { filter: { q: "commande" }, as_of } } })).json();
	let first, e;
	await until("the archive", async () => {
		e = (await client.get(`/api/v1/exports/${asked.id}`)).json();
		if (e.bytes > 0)
			first ??= performance.now() - start;
		return e.state === "ready";
	}, 3600000);
	const took = (performance.now() - start) / 1000, spent = cpu(jobs.pid) - before;
	const peak = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${jobs.pid}/status`, "utf8"))[1]);
	const [archive] = readdirSync(database.store, { recursive: true }).filter((f) => f.endsWith(".zip"));
	const zip = await zipAgain(path.join(database.store, archive));
	const what = `archive of ${e.done} calls of a minute, sound and transcript`;
	row(`${what}: CPU`, `${spent.toFixed(1)} s`, `zip -0 of its files, ready ${zip.toFixed(1)} s`,
	    spent / zip, "");
	row(`${what}: time`, `${took.toFixed(1)} s`, `first progress ${(first / 1000).toFixed(1)} s`,
	    took / (first / 1000), "");
	row(`${what}: memory`, `${(peak / 1024).toFixed(1)} MiB`,
	    `the archive ${(e.bytes / 1048576).toFixed(0)} MiB`, peak * 1024 / e.bytes, "");
	client.close();
	await jobs.stop();
	await server.stop();
}
