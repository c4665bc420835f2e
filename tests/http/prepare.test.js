// Every SQL file of src/ prepares against the migrated database, as the role
// that will run it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { freshDatabase } from "../lib/pg.js";
import { top } from "../lib/process.js";

// folders whose statements run as another role
const roles = { jobs: "smartrecord_jobs", tenants: "deployer", db: "deployer" };
// statements of commands
const commands = /^(people\/(account|password|person|profile)_|telephony\/(record|telephone_)|recordings\/site_)/;
// statements of the pipeline's client
const pipeline = /^recordings\/ingest/;
// statements of `smartrecord jobs` on archives
const making = /^exports\/run_/;

const src = path.join(top, "src");
// src/<folder>/<name>.sql; deeper files are functions and scripts
const names = readdirSync(src, { recursive: true }).filter((f) => /^\w+\/\w+\.sql$/.test(f)).sort();

let database;
before(async () => { database = await freshDatabase(); });

test("there are SQL files", () => assert.ok(names.length > 5));

for (const name of names)
	test(name, async () => {
		const text = readFileSync(path.join(src, name), "utf8");
		const role = pipeline.test(name) ? "pipeline" : making.test(name) ? "smartrecord_jobs"
		    : commands.test(name) ? "deployer" : roles[name.split("/")[0]] ?? "smartrecord_app";
		// psql would split several statements; prepare accepts a single one
		await database.sql(`prepare statement as ${text}\n;`, role);
	});
