// Compares the manual (conf/man) and README.md with the program: they describe
// exactly its routes, settings and commands; the examples work; each page
// compiles.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { password, people } from "../lib/fixtures.js";
import { freshDatabase } from "../lib/pg.js";
import { binary, cleanEnvironment, run, top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const read = (...parts) => readFileSync(path.join(top, ...parts), "utf8");
const names = readdirSync(path.join(top, "conf", "man")).filter((name) => name.endsWith(".scd")).sort();
const pages = Object.fromEntries(names.map((name) => [name, read("conf", "man", name)]));
const api = pages["smartrecord-api.7.scd"], pipeline = pages["smartrecord-pipeline.7.scd"];

const ask = (args, env = {}) => run(binary, args, { env: cleanEnvironment(env), check: false });
const print = (...args) => execFileSync(binary, args, { encoding: "utf8", env: cleanEnvironment() });
const squeeze = (text) => text.replace(/\s+/g, " ").trim();
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, ...groups]) => groups);
// Returns the text from a heading to the next one of its level or above.
const section = (page, heading) => page.split(`\n${heading}\n`)[1]
    .split(heading.startsWith("##") ? /\n##? / : /\n# /)[0];
const blocks = (text) => all(text, /^\t*```\n(.*?)^\t*```$/gms).map(([block]) => block);

describe("the API", () => {
	const routes = Object.fromEntries(all(print("routes"), /^(\w+) +api +(\w+) +(\S+)$/gm)
	    .map(([method, right, target]) => [`${method} ${target}`, right]));

	test("exactly the routes have a section, with their right", () => {
		const told = all(api, /^## ((?:GET|POST|PUT|PATCH|DELETE) \S+)\n\nRight: (\w+)\.$/gm);
		assert.deepEqual(Object.fromEntries(told), routes);
		assert.equal(told.length, Object.keys(routes).length, "none twice");
		assert.equal(told.length, all(api, /^## (.*)$/gm).length);
	});

	test("no sentence names an unknown route", () => {
		const told = all(squeeze(api), /\b((?:GET|POST|PUT|PATCH|DELETE) \/[\w/.{}-]*[\w}])/g).flat();
		assert.ok(told.length > Object.keys(routes).length);
		assert.deepEqual(told.filter((route) => !(route in routes)), []);
	});

	test("each right is explained", () => {
		const told = all(section(api, "# RIGHTS"), /^(\*[A-Z_*, ]+\*)$/gm).flat()
		    .flatMap((line) => line.match(/\w+/g));
		assert.deepEqual(told.sort(), [...new Set(Object.values(routes))].sort());
	});

	test("exactly the types of error in the sources are listed", () => {
		const sources = readdirSync(path.join(top, "src"), { recursive: true })
		    .filter((name) => name.endsWith(".c")).map((name) => read("src", name)).join("\n");
		const told = all(blocks(section(api, "# ERRORS"))[1], /^(\d{3}) +([a-z, -]+?)(?:  |$)/gm)
		    .flatMap(([status, types]) => types.split(", ").map((type) => `${status} ${type}`));
		const raised = [/reply_problem\w*\(c,\s*(\d{3}),\s*"([a-z-]+)"/g, /\{ [A-Z_]+, (\d{3}), "([a-z-]+)"/g]
		    .flatMap((pattern) => all(sources, pattern)).map((pair) => pair.join(" "));
		assert.ok(raised.length > 20);
		assert.deepEqual(raised.filter((pair) => !told.includes(pair)), []);
		assert.deepEqual(told.filter((pair) => !sources.includes(`"${pair.slice(4)}"`)), []);
	});

	test("each kind of the access log is listed", () => {
		const kinds = all(read("src", "audit", "present.c"), /^\t\{ "(\w+)", "/gm).flat();
		const told = /^The kinds: (.*?)\.$/ms.exec(api)[1].match(/\w+/g);
		assert.ok(kinds.length > 20);
		assert.deepEqual(kinds.filter((kind) => !told.includes(kind)), []);
	});
});

describe("settings", () => {
	const inForce = all(print("config"), /^(\w+) = (.*)\t# default$/gm);

	test("the page has exactly the settings, with default and bounds", async () => {
		const told = all(pages["smartrecord.conf.5.scd"],
		    /^\*(\w+)\* \(default: (.*?)(?:, from (\d+) to (\d+))?\)$/gm)
		    .map(([key, preset, ...bounds]) => [key, preset === "empty" ? "" : preset, ...bounds]);
		const real = await Promise.all(inForce.map(async ([key, preset]) => {
			const wrong = await ask(["config"], { [`SMARTRECORD_${key.toUpperCase()}`]: "x" });
			const [, least, most] = /from (\d+) to (\d+)/.exec(wrong.stderr) ?? [];
			return [key, preset, least, most];
		}));
		assert.ok(real.length > 20);
		assert.deepEqual(told, real);
	});

	test("the example file has exactly the settings, with default", () => {
		assert.deepEqual(all(read("conf", "smartrecord.conf"), /^#([a-z_]+) =(.*)$/gm)
		    .map(([key, value]) => [key, value.trim()]), inForce);
	});
});

test("smartrecord(1) has exactly the commands, with their usage", async () => {
	const commands = all(print("--help").split("\nEach command")[0], /^  ([a-z-]+) /gm).flat();
	const real = {}, told = {};
	for (const command of commands) {
		const usage = squeeze((await ask([command, "--help"])).stdout.split("\n\n")[0]);
		for (const one of usage.split(/(?:usage: | )(?=smartrecord )/).filter(Boolean))
			real[/^smartrecord ([a-z-]+( [a-z]+(?![^ ]))?)/.exec(one)[1]] = one;
	}
	const text = section(pages["smartrecord.1.scd"], "# COMMANDS");
	for (const [name, rest] of all(`\n${text}\n## `, /\n## (.+?)\n(.*?)(?=\n## )/gs))
		told[name] = squeeze(blocks(rest)[0]);
	assert.ok(Object.keys(real).length > 20);
	assert.deepEqual(told, real);
});

describe("smartrecord help", () => {
	const short = (name) => name.slice("smartrecord".length + 1).split(".")[0];

	test("lists each page with the text of its section NAME", async () => {
		const { stdout, status } = await ask(["help"]);
		assert.equal(status, 0);
		for (const name of names) {
			const [, title, what] = /\n# NAME\n\n(\S+) - (.+)\n/.exec(pages[name]);
			assert.equal(`${title}.${name.split(".").at(-2)}.scd`, name);
			assert.ok(stdout.includes(`\n  ${short(name).padEnd(10)} ${what}\n`), name);
		}
	});

	test("prints each page, whatever the settings are", async () => {
		for (const name of names)
			assert.deepEqual(await ask(["--config", "/nonexistent", "help", short(name)]),
			    { status: 0, stdout: pages[name], stderr: "" });
	});

	test("an unknown page is an error that names the pages", async () => {
		const { status, stdout, stderr } = await ask(["help", "nothing"]);
		assert.deepEqual([status, stdout], [2, ""]);
		for (const name of names)
			assert.match(stderr, new RegExp(`no page 'nothing';.* ${short(name)}\\b`));
		assert.equal((await ask(["help", "api", "conf"])).status, 2);
	});

	// script(1) provides the terminal; the pager's output shows that it ran
	test("a terminal gets the page through its pager, or directly if there is none", () => {
		const typed = (pager) => spawnSync("script", ["-qec", `${binary} help changes`, "/dev/null"],
		    { encoding: "utf8", env: cleanEnvironment({ PAGER: pager }) }).stdout.replaceAll("\r", "");
		const lines = pages["smartrecord-changes.7.scd"].split("\n").length - 1;
		assert.equal(typed("wc -l").trim(), String(lines));
		assert.ok(typed("/nonexistent/pager").endsWith(pages["smartrecord-changes.7.scd"]));
	});
});

describe("each page", () => {
	const scdoc = spawnSync("scdoc", ["-v"]).error === undefined;
	const version = /^smartrecord (\S+)/.exec(print("--version"))[1];

	for (const name of names) {
		const [, page, number] = /^(.*)\.(\d)\.scd$/.exec(name);
		test(`${name}: has a head, no backslashes, and names only existing pages`, () => {
			assert.ok(pages[name].startsWith(`${page}(${number}) "Smart Record ${version}" `));
			// scdoc would remove backslashes, but readers of the source would see them
			assert.doesNotMatch(pages[name], /\\/);
			const told = all(pages[name], /\*(smartrecord[\w.-]*)\*\((\d)\)/g);
			assert.ok(told.length > 0);
			for (const [other, section] of told)
				assert.ok(names.includes(`${other}.${section}.scd`), `${other}(${section})`);
		});
		test(`${name}: compiles`, { skip: scdoc ? false : "scdoc is not installed (make man)" }, () => {
			const { status, stdout, stderr } = spawnSync("scdoc", { input: pages[name], encoding: "utf8" });
			assert.deepEqual([status, stderr], [0, ""]);
			assert.ok(stdout.includes(".SH NAME"));
		});
	}
});

describe("README.md", () => {
	const readme = read("README.md");

	test("is short", () => {
		assert.ok(readme.split("\n").length - 1 <= 130);
	});

	test("its links and paths exist", () => {
		const links = all(readme, /\]\((?!https?:)([^)]+)\)/g).flat();
		const named = all(readme, /`((?:[\w.-]+\/)+[\w.-]*)`/g).flat().filter((name) => !name.startsWith("build/"));
		assert.ok(links.length > 10 && named.length > 10);
		assert.deepEqual([...links, ...named].filter((name) => !existsSync(path.join(top, name)) &&
		    !existsSync(path.join(top, "src", name))), []);
	});

	test("it links to each page of the manual", () => {
		assert.deepEqual(names.filter((name) => !readme.includes(`(conf/man/${name})`)), []);
	});
});

describe("the examples of the pages work", () => {
	let server, database;
	before(async () => {
		database = await freshDatabase({ fixtures: true });
		server = await startServer({ database });
	});
	after(() => server?.stop());

	const call = async (text) => JSON.parse(await database.sql(`select pipeline.${text}`, "pipeline"));
	const example = (text) => blocks(text).find((block) => block.startsWith("{"));

	test("the example document of the pipeline is accepted", async () => {
		const document = JSON.parse(example(section(pipeline, "# DELIVERING A RECORDING")));
		// older than the other calls, because its audio does not exist
		Object.assign(document, { tenant: "alpha", account: "user",
		    audio: { ...document.audio, key: document.audio.key.replace(/^blueprint\//, "alpha/") },
			started_at: new Date(Date.now() - 5 * 24 * 3600 * 1000).toISOString() });
		const answer = await call(`ingest($d$${JSON.stringify(document)}$d$)`);
		assert.deepEqual(Object.keys(answer).sort(), Object.keys(JSON.parse(
		    blocks(section(pipeline, "# DELIVERING A RECORDING"))[1].replace("…", ""))).sort());
		assert.deepEqual([answer.outcome, answer.audio_key, answer.original_key],
		    ["created", document.audio.key, `${document.audio.key}.orig`]);
	});

	test("moods and announcements are those of the database", async () => {
		assert.deepEqual(section(pipeline, "## Moods").match(/\w+/g),
		    JSON.parse(await database.sql("select to_json(recording_moods())")));
		const table = blocks(section(pipeline, "# DECISIONS IN A CALL")).find((block) => block.startsWith("key "));
		assert.deepEqual(all(`${table.split("\n").slice(1).join("\n")}x`, /^(\w+) +(\w+) +(.*?)\n(?=\w)/gms)
		    .map(([key, to, text]) => ({ key, to, text: squeeze(text) })),
		    await database.rows("select key, heard_by as to, said as text from recording_announcements()"));
	});

	test("responses of policy, decision and telephone have the members that the page shows", async () => {
		await database.command(["telephone", "add", "alpha", "user", "80:5e:c0:12:34:56", "--model", "Yealink T54W"]);
		const shown = (heading) => blocks(section(pipeline, heading)).filter((block) => block.startsWith("{"))[0];
		for (const [heading, text] of [["# RECORDING POLICY", "recording_policy('+33180250194')"],
			["# DECISIONS IN A CALL", "recording_decision('+33180250194', 'call', null)"],
			["# TELEPHONES", "telephone('80:5e:c0:12:34:56')"]])
			assert.deepEqual(Object.keys(await call(text)).sort(), Object.keys(JSON.parse(shown(heading))).sort());
	});

	test("responses of the API have the members that the page shows", async () => {
		const client = await server.client().signIn(people.supervisor.email);
		const shown = (heading) => JSON.parse(example(section(api, heading)));
		const members = (value) => Object.keys(value).sort();
		const list = (await client.get("/api/v1/recordings?q=facture")).json(), told = shown("## GET /api/v1/recordings");
		assert.deepEqual(members(list), members(told));
		assert.deepEqual(members(list.items[0]), members(told.items[0]));
		const one = (await client.get(`/api/v1/recordings/${list.items[0].id}`)).json();
		assert.deepEqual(members(one), members({ ...told.items[0], ...shown("## GET /api/v1/recordings/{id}") }));
		assert.deepEqual([members(one.audio), members(one.audio.delivered)],
		    [members(told.items[0].audio), members(told.items[0].audio.delivered)]);
		const session = (await client.post("/api/v1/session",
		    { json: { email: people.supervisor.email, password } })).json();
		assert.deepEqual(members(session), members(shown("## POST /api/v1/session")));
		client.csrf = session.csrf;
		const accounts = (await client.get("/api/v1/accounts")).json();
		assert.deepEqual(members(accounts.items[0]), members(shown("## GET /api/v1/accounts")));
		const log = (await client.get("/api/v1/audit")).json();
		assert.deepEqual([members(log), members(log.items[0])],
		    [members(shown("## GET /api/v1/audit")), members(shown("## GET /api/v1/audit").items[0])]);
		const select = { ids: [list.items[0].id] };
		const archive = (await client.post("/api/v1/exports", { json: { select, content: "both" } })).json();
		assert.deepEqual(members(archive), members(JSON.parse(blocks(section(api, "## POST /api/v1/exports"))[1])));
		const receipt = (await client.post("/api/v1/deletions", { json: { select, expect: 1 } })).json();
		assert.deepEqual(members(receipt), members(shown("## POST /api/v1/deletions")));
		client.close();
	});

	test("the commands of the API's examples run one after the other", async (t) => {
		const dir = mkdtempSync(path.join(tmpdir(), "smartrecord-manual-"));
		t.after(() => rmSync(dir, { recursive: true }));
		const script = blocks(section(api, "# EXAMPLES")).join("\n")
		    .replace("https://localhost:8443", server.url)
		    .replace("superviseur@blueprint.demo", people.supervisor.email)
		    .replace("demo-smart-record", password);
		writeFileSync(path.join(dir, "script"), script);
		const { stdout } = await run("bash", ["-euo", "pipefail", "script"], { cwd: dir });
		assert.match(stdout, /^\d+\n\{"count":\d+\}/);
		assert.match(readFileSync(path.join(dir, "call.pdf"), "latin1"), /^%PDF-/);
		assert.ok(readFileSync(path.join(dir, "call.mp3")).length > 1000);
	});
});
