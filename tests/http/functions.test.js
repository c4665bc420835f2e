// The functions of a migrated database are those of the files, with one
// schema per release; a binary refuses a database of another release.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freshDatabase, functions, smartrecord, startCluster } from "../lib/pg.js";
import { top } from "../lib/process.js";
import { startServer } from "../lib/server.js";

const read = (...parts) => readFileSync(path.join(top, ...parts), "utf8");
const dirs = /sql_dirs='([^']*)'/.exec(read("tests", "lint", "doors"))[1].split(/\s+/);
const files = dirs.flatMap((dir) => {
	const folder = path.join("src", dir, "functions");
	try {
		return readdirSync(path.join(top, folder)).sort().map((name) => path.join(folder, name));
	} catch {
		return [];	// a directory without functions
	}
});
const migrations = readdirSync(path.join(top, "migrations")).filter((name) => name.endsWith(".sql")).sort();

let db;
before(async () => {
	db = await freshDatabase();
});
after(() => db?.drop());

// Returns a query of the name, definition and grants of each function of a
// schema and of the schema pipeline, independent of the schema's name.
const there = (schema) => `select p.oid::regprocedure::text as name, p.pronamespace = 'pipeline'::regnamespace as contract,
	replace(pg_get_functiondef(p.oid), '${schema}', 'functions') as definition,
	pg_get_userbyid(p.proowner) as owner, coalesce((select json_agg(a order by a) from
	unnest(p.proacl::text[]) a), '"public"') as grants
	from pg_proc p where p.pronamespace in ('${schema}'::regnamespace, 'pipeline'::regnamespace)
	order by 1, 3`;
const asJson = (query) => `select coalesce(json_agg(r), '[]') from (${query}) r`;

// Returns the functions that the files create: psql runs them in a transaction
// and rolls back.
async function ofTheFiles() {
	const schema = functions();
	const text = await db.sql(`begin;
		alter schema ${schema} rename to kept;
		select set_config('smartrecord.functions', '${schema}', true) as name \\gset
		set local check_function_bodies = off;
		set local search_path = ${schema}, public, pg_temp;
		${read("src/db/scripts/functions_begin.sql")};
		${files.map((name) => `${read(name)};\nset local role none;`).join("\n")}
		\\pset tuples_only on
		select '--- ' || (${asJson(there(schema)).replaceAll("\n", " ")});
		rollback`, "deployer");
	return JSON.parse(text.slice(text.indexOf("--- ") + 4));
}

describe("the functions of a migrated database", () => {
	test("are exactly those of the files, with the same definitions and grants", async () => {
		const wanted = await ofTheFiles();
		assert.ok(wanted.length > 150, String(wanted.length));
		assert.deepEqual(await db.rows(there(functions()), "deployer"), wanted);
	});
	test("those in the schema public are exactly those of the migrations", async () => {
		const named = migrations.flatMap((name) => [...read("migrations", name)
			.matchAll(/^create function (\w+)\(/gm)].map(([, name]) => name));
		const found = await db.sql(`select proname from pg_proc where pronamespace = 'public'::regnamespace
			and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')`);
		assert.deepEqual(found.split("\n").sort(), named.sort());
	});
	test("there are no other schemas", async () => {
		assert.equal(await db.sql(`select string_agg(nspname, ' ' order by nspname) from pg_namespace
			where nspname !~ '^pg_' and nspname <> 'information_schema'`), `${functions()} pipeline public`);
	});
});

describe("releases", () => {
	const schemas = async () => (await db.sql(`select nspname from pg_namespace
		where nspname like 'functions%' order by 1`)).split("\n");
	// Makes the database look as if another build had migrated it some time ago.
	const pretend = (version, schema, age) => db.sql(`alter schema ${functions()} rename to ${schema};
		update release set functions = '${schema}', version = '${version}',
			installed_at = now() - interval '${age}' where functions = '${functions()}'`);
	test("migrate again changes nothing", async () => {
		assert.match((await db.command(["migrate"])).stdout, /up to date|nothing to do/i);
		assert.deepEqual(await schemas(), [functions()]);
	});
	test("a database of another release is refused with one sentence, until it is migrated", async () => {
		await pretend("0.8.0", "functions_0000000000a8", "30 days");
		await assert.rejects(startServer({ database: db }),
		    /serve ended at once: 1\nsmartrecord serve: the database has the functions of release 0\.8\.0/);
		for (const args of [["jobs"], ["tenant", "list"]]) {
			const { status, stderr } = await db.command(args, { check: false });
			assert.deepEqual([status, stderr.includes("the functions of release 0.8.0, not those of this one"),
			    stderr.split("\n").length], [1, true, 2], stderr);
		}
		await db.command(["migrate"]);
		assert.deepEqual(await schemas(), ["functions_0000000000a8", functions()].sort());
		assert.equal((await db.command(["tenant", "list"])).status, 0);
	});
	test("the functions of two releases are kept; an object that depends on an older one is an error", async () => {
		await pretend("0.8.5", "functions_0000000000b8", "20 days");
		await db.sql("create view watching as select functions_0000000000a8.rights_reach()");
		const { status, stderr } = await db.command(["migrate"], { check: false });
		assert.equal(status, 1);
		assert.match(stderr, /cannot drop function .*rights_reach\(\)/);
		assert.deepEqual(await schemas(), ["functions_0000000000a8", "functions_0000000000b8"]);
		await db.sql("drop view watching");
		await db.command(["migrate"]);
		assert.deepEqual(await schemas(), ["functions_0000000000b8", functions()].sort());
	});
	test("an empty database is refused too", async () => {
		await db.sql("create database \"empty_one\"");
		try {
			await assert.rejects(startServer({ database: db,
				settings: { database: db.cluster.remote("empty_one", "smartrecord_app") } }),
			/serve ended at once: 1\nsmartrecord serve: the database is empty.*smartrecord migrate/);
		} finally {
			await db.sql("drop database \"empty_one\"");
		}
	});
});

test("the role that migrates may have any name", async (t) => {
	const cluster = await startCluster();
	t.after(() => cluster.destroy());
	const quoted = (text, mark) => mark + text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
	for (const [i, role] of ["smartrecord_owner", "Élodie O'Brien"].entries()) {
		await cluster.sql("postgres", `do $$ begin create role "${role}"; exception when duplicate_object then null; end $$;
			alter role "${role}" login createrole createdb`);
		await cluster.sql("postgres", `create database own${i} owner "${role}" template template0`);
		const settings = { database_admin: cluster.conninfo(`own${i}`, quoted(role, "'")) };
		assert.match((await smartrecord(["migrate"], settings)).stdout, /schema up to date/);
		assert.equal((await smartrecord(["operator", "create", "smart", "--name", "Smart"], settings)).stdout,
		    "created operator smart\n");
	}
});
