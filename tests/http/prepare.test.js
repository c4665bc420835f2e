// Every SQL file of src/ prepares against the migrated database, as the role
// that will run it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";

// rooms whose statements are not the web application's
const roles = { jobs: "smartrecord_jobs", tenants: "deployer", db: "deployer" };
// what commands ask about people
const commands = /^people\/(account|password|person|profile)_/;
// the pipeline's client
const pipeline = /^recordings\/ingest/;
// what `smartrecord jobs` asks about archives
const making = /^exports\/run_/;

const src = path.join(top, "src");
const names = readdirSync(src, { recursive: true }).filter((f) => f.endsWith(".sql")).sort();

let database;
before(async () => { database = await freshDatabase(); });

test("there are SQL files", () => assert.ok(names.length > 5));

for (const name of names)
	test(name, async () => {
		const text = readFileSync(path.join(src, name), "utf8");
		const role = pipeline.test(name) ? "pipeline" : making.test(name) ? "smartrecord_jobs"
		    : commands.test(name) ? "deployer" : roles[name.split("/")[0]] ?? "smartrecord_app";
		// psql would split several statements; prepare takes one alone
		await database.sql(`prepare statement as ${text}\n;`, role);
	});
