// The files of accounts that Excel, LibreOffice and clipboards make: as bytes in
// the console's form, and as text in the API. Each is one account to create.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";

let server, administrator;
before(async () => {
	server = await startServer();
	administrator = await server.client().signIn(people.administrator.email);
});
after(async () => {
	administrator?.close();
	await server?.stop();
});

const head = "Identifiant;Nom;Prénom;E-mail;Site;Fixe;Mobile\r\n";
const row = "n1;L’Éon;Zoë;ada.n1@alpha.test;Lyon;+33199004411;\r\n";
const both = head + row;
const swapped = (bytes) => Buffer.from(bytes).swap16();
const utf16 = (text) => Buffer.from(text, "utf16le");
const windows = (text) => Buffer.from(text.replaceAll("’", "\x92").replaceAll("€", "\x80"), "latin1");
const spaces = ["\u00a0", "\u202f", "\u200b", "\ufeff", " \t", "\u2003\u3000", "\u2060\u200e"];

// Posts the bytes as a browser does, with the field's text beside them.
function upload(bytes, text = "", name = "comptes.csv") {
	const form = [`--b=o_un d\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${administrator.csrf}\r\n`,
		`--b=o_un d\r\nContent-Disposition: form-data; name="csv"\r\n\r\n${text}\r\n`,
		`--b=o_un d\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
		"Content-Type: application/vnd.ms-excel\r\n\r\n", bytes, "\r\n--b=o_un d--\r\n"];
	return administrator.post("/console/accounts/imports", { body: Buffer.concat(form.map((part) => Buffer.from(part))),
		headers: { "content-type": "multipart/form-data; boundary=\"b=o_un d\"" } });
}
const post = async (csv) => (await administrator.post("/api/v1/accounts/imports", { json: { csv } }));
const wanted = [["last_name", "L’Éon"], ["first_name", "Zoë"], ["email", "ada.n1@alpha.test"], ["site", "Lyon"],
	["fixed", "+33199004411"]];

const texts = {
	"as it is": both,
	"with a mark": `\ufeff${both}`,
	"tabs": both.replaceAll(";", "\t"),
	"tabs, a quote in a cell": `${head}n2;Jean "Jo";;;Lyon;;\r\n`.replaceAll(";", "\t"),
	"commas": both.replaceAll(";", ","),
	"sep= of Excel": `sep=;\r\n${both}`,
	"LF": both.replaceAll("\r", ""),
	"CR": both.replaceAll("\n", ""),
	"empty rows below": `${both};;;;;;\r\n;;;;;;\r\n`,
	"empty rows above and between": `\r\n;;;;;;\r\n${head};;;;;;\r\n\r\n${row}`,
	"rows of blanks": `${both} ; ;\u00a0;\t; ; ;\u202f\r\n`,
	"empty columns": `;${head.replace("Nom;", ";Nom;").replace("\r", ";;\r")};${row.replace(";", ";;").replace("\r", "; ;\r")}`,
	"hundreds of empty columns": both.replaceAll("\r", `${";".repeat(300)}\r`),
	"empty cells left out at the end": both.replace(";\r\n", "\r\n").replace(";\r\n", "\r\n"),
	"headings in capitals": head.toUpperCase() + row,
	"headings without accents": head.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase() + row,
	"decomposed": both.normalize("NFD"),
	"blanks around": both.replace("Nom", " Nom\u00a0").replace(/;(?=[LZa+])/g, ";\u00a0").replaceAll(";L", "\u202f;L"),
	"blanks in and around quotes": head + "\"n1\" ; \" L’Éon \";\"Zoë\";ada.n1@alpha.test;\"Lyon\";\"+33199004411\" ;\r\n",
	"headings with line breaks and underscores": both.replace("Prénom", "\"Prénom\r\n\"").replace("Nom", "LAST NAME"),
	"a guarded number": both.replace("+33", "'+33"),
	...Object.fromEntries(spaces.map((s) => [`${escape(s)} at the edges`, head + row.split(";").map((cell) =>
	    s + cell.replace("\r\n", "") + s).join(";")])),
};
for (const [name, csv] of Object.entries(texts))
	test(`text: ${name}`, async () => {
		const { lines, counts, detail } = (await post(csv)).json();
		assert.deepEqual([counts, detail], [{ create: 1, change: 0, same: 0, error: 0 }, undefined]);
		if (lines[0].key === "n1")
			assert.deepEqual(lines[0].changes.map(({ field, to }) => [field, to]), wanted);
	});

const files = {
	"UTF-8": Buffer.from(both),
	"UTF-8 with a mark": Buffer.from(`\ufeff${both}`),
	"UTF-16 of Excel, tabs": utf16(`\ufeff${both.replaceAll(";", "\t")}`),
	"UTF-16 big end first": swapped(utf16(`\ufeff${both}`)),
	"UTF-16 without mark": utf16(both),
	"UTF-16 without mark, big end first": swapped(utf16(both)),
	"windows-1252": windows(both),
	"windows-1252, CR": windows(both.replaceAll("\n", "")),
};
for (const [name, bytes] of Object.entries(files))
	test(`file: ${name}`, async () => {
		const answer = await upload(bytes, "key\nignored");
		assert.equal(answer.status, 200, answer.text);
		assert.match(answer.text, /1 compte à créer/);
		for (const [, value] of wanted)
			assert.match(answer.text, new RegExp(`<ins>${value.replace("+", "(\\+|&#43;)")}</ins>`));
		assert.doesNotMatch(answer.text, /compte[s]? à modifier|en erreur/);
	});

test("without a file the field counts; a file that is no text is refused", async () => {
	assert.match((await upload("", both, "")).text, /1 compte à créer/);
	const euro = await upload(windows(`${head}n1;10 €;;;Lyon;;\r\n`));
	assert.match(euro.text, /<ins>10 €<\/ins>/);
	for (const [bytes, status, pattern] of [[Buffer.from([0xff, 0xfe, 0x00, 0xdc]), 400, /UTF-8/],
		[Buffer.from("key\n\x81", "latin1"), 400, /UTF-8/], [Buffer.from("PK\x03\x04\0\0\x08\0", "latin1"), 400, /illisible/]]) {
		const answer = await upload(bytes);
		assert.equal(answer.status, status);
		assert.match(answer.text, pattern);
	}
	// other forms take no files
	assert.equal((await administrator.post("/console/accounts/invitations", { body: "--b--\r\n",
		headers: { "content-type": "multipart/form-data; boundary=b" } })).status, 415);
});

test("what can't be meant is refused with its place", async () => {
	const errors = async (csv) => (await post(csv)).json().lines.flatMap((line) =>
	    line.errors.map(({ field, problem }) => [line.line, field, problem]));
	// a value without a heading names the column as a spreadsheet does
	assert.deepEqual(await errors(both.replaceAll("\r", ";\r").replace(";;\r\n", ";;x\r\n")
	    .replace(/(\r\n.*);x/, "$1;x")), [[2, "H", "heading_missing"]]);
	assert.deepEqual(await errors(`${head}${row.replace("\r", ";x\r")}`), [[2, "line", "cells"]]);
	assert.deepEqual(await errors(`${head}n1;Roux;Ada\r\n`), [[2, "line", "cells"]]);
	for (const csv of [head.replace("Nom", "IDENTIFIANT") + row, head.replace("Nom", "Identifiant".normalize("NFD")) + row,
		head.replace("Prénom", "nom") + row, head.replace("Nom", "Surnom") + row]) {
		const { status, detail, line } = { ...(await post(csv)).json() };
		assert.deepEqual([status, line], [400, 1]);
		assert.match(detail, /inconnue, ou deux fois la même/);
	}
});

test("numbers that Excel has rounded are refused with what to do", async () => {
	for (const number of ["3,318E+10", "3.318E+10", "3,32E+10", "3E+10", "+3,3e+10", " 3,318E+10\u00a0",
		"'+33199004411 / 3,318E+10", "3.318E+10;+33199004411"]) {
		const { lines } = (await post(`${head}n1;Roux;Ada;;Lyon;"${number}";\r\n`)).json();
		assert.deepEqual(lines[0].errors.map(({ field, problem }) => [field, problem]), [["fixed", "scientific"]], number);
		assert.match(lines[0].errors[0].detail, /Excel a changé cette cellule.*format Texte/);
	}
	const [{ errors }] = (await post(`${head}1,23457E+14;Roux;Ada;;Lyon;;\r\n`)).json().lines;
	assert.deepEqual(errors.map(({ field, problem }) => [field, problem]), [["key", "scientific"]]);
	assert.deepEqual((await post(`${head}1E5;Roux 2E+3;Ada;;Lyon;;\r\n`)).json().counts.create, 1);
	const english = await administrator.post("/api/v1/accounts/imports", { json: { csv: `${head}n1;R;A;;Lyon;3,3E+10;` },
		headers: { "accept-language": "en" } });
	assert.match(english.json().lines[0].errors[0].detail, /format(ez)? (the column as|la colonne au format) Text|format Texte/);
});

test("keys and names are the same composed, decomposed and with blanks", async () => {
	await server.database.sql(`insert into account (tenant_id, key, site_id, last_name, first_name)
		select tenant_id, k, id, normalize('Éa', NFD), '\u00a0Zoé' from site, (values (normalize('clé', NFD)), ('nbsp\u00a0'),
			('two'), ('two\u00a0')) v (k) where key = 'lyon'`);
	const csv = "key,last_name,first_name\r\nclé,Éa,Zoé\r\nnbsp,Éa\u00a0,Zoé\r\ntwo,Éa,Zoé\r\n";
	for (const form of ["NFC", "NFD"])
		assert.deepEqual((await post(csv.normalize(form))).json().counts, { create: 0, change: 0, same: 3, error: 0 });
	const { digest } = (await post(csv.normalize("NFD").replaceAll("E\u0301a", "E\u0301b"))).json();
	assert.equal((await administrator.post("/api/v1/accounts/imports", { json: { digest,
		csv: csv.normalize("NFD").replaceAll("E\u0301a", "E\u0301b") } })).json().outcome, "applied");
	assert.equal(await server.database.sql(`select string_agg(last_name, ' ' order by key collate "C") from account
		where first_name like '%Zo%'`), `Éb Éb Éb ${"Éa".normalize("NFD")}`);
});
