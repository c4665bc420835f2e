// Each French sentence of templates, C and SQL has a translation in
// templates/en.json, which has no unused ones. Needs no server.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { top } from "../lib/process.js";

const english = JSON.parse(readFileSync(path.join(top, "templates/en.json"), "utf8"));

function files(folder, ending) {
	return readdirSync(path.join(top, folder), { recursive: true })
	    .filter((name) => name.endsWith(ending)).map((name) => path.join(top, folder, name));
}

const found = (names, pattern, read = (s) => s) => names.flatMap((name) =>
    [...read(readFileSync(name, "utf8")).matchAll(pattern)].map((match) => match[1]));

// Returns a sentence as the program reads it: a line break is a blank; a
// no-break space stays.
const oneLine = (text) => text.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, "");

// Returns the text with adjacent literals joined, as the compiler and
// PostgreSQL do, and without comments.
const literals = (text) => text.replace(/\/\*.*?\*\//gs, "").replace(/(["'])\s*\n\s*\1/g, "");

test("templates", () => {
	const sentences = found(files("templates", ".html"), /\{\{#_\}\}(.*?)\{\{\/_\}\}/gs).map(oneLine);
	assert.ok(sentences.length > 50);
	assert.deepEqual(sentences.filter((s) => !(s in english)), []);
});

test("French sentences in C, recognised by their accents", () => {
	const sources = files("src", ".c").filter((name) => !/\/src\/(base|media)\//.test(name) &&
	    !name.endsWith("/gate_refusal.c"));
	const sentences = found(sources, /"((?:[^"\\\n]|\\.)*[éèêàùçôîûÉÀ’](?:[^"\\\n]|\\.)*)"/g, literals);
	assert.ok(sentences.length > 50);
	assert.deepEqual(sentences.filter((s) => !(s in english)), []);
});

test("error messages in SQL for people", () => {
	const sentences = found([...files("src", ".sql"), ...files("migrations", ".sql")],
	    /errcode = 'SR40\d',\s*message = '([^']*)'/g, literals);
	assert.ok(sentences.length > 0);
	assert.deepEqual(sentences.filter((s) => !(s in english)), []);
});

test("no translation is unused", () => {
	const all = [...files("templates", ".html"), ...files("src", ".c"), ...files("src", ".sql"),
	    ...files("migrations", ".sql")].map((name) => oneLine(literals(readFileSync(name, "utf8")))).join("\n");
	assert.deepEqual(Object.keys(english).filter((s) => !all.includes(s)), []);
});
