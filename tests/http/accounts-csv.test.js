// The accounts as a CSV file: the import takes it back without a change, in
// either language, whatever names and numbers are in it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";

let server, administrator;
before(async () => {
	server = await startServer();
	administrator = await server.client().signIn(people.administrator.email);
	const names = ["=cmd|'/C calc'!A0", "n;=1+1", "'=x", "''-y", "it's", "a,@b", "dit \"=oui\"", "\u00a0+z", "+", "Dupont"];
	await server.database.sql(names.map((name, i) => `
		insert into account (tenant_id, key, site_id, last_name, first_name)
			select tenant_id, '${["-", "@", "''", "k"][i % 4]}key-${i}', id, '${name.replaceAll("'", "''")}', '-${i}'
			from site where key = 'lyon';
		insert into account_number (tenant_id, account_id, number, kind)
			select tenant_id, id, n, k from account, (values ('+3347800010${i}', 'fixed'), ('+3347800020${i}', 'fixed'),
			('+3361300010${i}', 'mobile'), ('4${i}', 'mobile')) v (n, k) where key like '%key-${i}'`).join(";"));
});
after(async () => {
	administrator?.close();
	await server?.stop();
});

for (const [language, separator] of [["fr", ";"], ["en", ","]])
	test(`the file of ${language} comes back unchanged`, async () => {
		await server.database.sql(`update person set language = '${language}' where email = '${people.administrator.email}'`);
		const file = await administrator.get("/console/accounts.csv");
		assert.equal(file.status, 200);
		assert.deepEqual([file.headers["content-type"], file.headers["cache-control"], file.headers["content-disposition"]],
		    ["text/csv; charset=utf-8", "no-store", "attachment; filename=\"comptes.csv\""]);
		assert.match(file.text, new RegExp(`^\ufeff"key"${separator}"last_name"`));
		// no cell of any reading begins a formula
		for (const cells of [file.text.split(/[\r\n,]/), file.text.split(/[\r\n;]/), file.text.split(/[\r\n\t]/)])
			assert.deepEqual(cells.filter((cell) => /^[\s"]*[=+@-]/.test(cell)), []);
		assert.match(file.text, /"'\+33478000100 \/ \+33478000200"/);
		const { counts, lines, outcome } = (await administrator.post("/api/v1/accounts/imports",
		    { json: { csv: file.text } })).json();
		assert.deepEqual(lines.filter((line) => line.outcome !== "same"), []);
		assert.deepEqual([outcome, counts], ["preview", { create: 0, change: 0, error: 0, same: 16 }]);
	});
test("a file that a person writes has the same guards taken off", async () => {
	const csv = "key,last_name,site,fixed\nnew,\"'=Zed\",lyon,'+33478000999\n";
	const { lines } = (await administrator.post("/api/v1/accounts/imports", { json: { csv } })).json();
	assert.deepEqual(lines[0].changes.filter(({ field }) => field !== "site").map(({ field, to }) => [field, to]),
	    [["last_name", "=Zed"], ["fixed", "+33478000999"]]);
});
test("the list of accounts leads to it, for administrators", async () => {
	assert.match((await administrator.get("/console/accounts")).text, /href="\/console\/accounts\.csv" download/);
	const supervisor = await server.client().signIn(people.supervisor.email);
	assert.doesNotMatch((await supervisor.get("/console/accounts")).text, /accounts\.csv/);
	assert.equal((await supervisor.get("/console/accounts.csv")).status, 403);
	supervisor.close();
});
