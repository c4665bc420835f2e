// A password is the same composed (NFC) and decomposed (NFD), wherever it is set
// and typed. One that was hashed as it was typed stays right, and its hash is
// replaced at the next sign-in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { people } from "../lib/fixtures.js";
import { startServer } from "../lib/server.js";

let server;
const clients = [];
before(async () => { server = await startServer(); });
after(async () => {
	clients.forEach((client) => client.close());
	await server?.stop();
});

function visitor() {
	clients.push(server.client());
	return clients.at(-1);
}
const forms = ["NFC", "NFD"];
const { email, key } = people.user;
const signIn = async (password) => (await visitor().post("/api/v1/session", { json: { email, password } })).status;
const hash = () => server.database.sql(`select password_hash from person where email = '${email}'`);
const command = (input) => server.database.command(["account", "password", "alpha", key, "--password-stdin"],
    { input: `${input}\n`, check: false });

test("set by a command, in either form: signs in in both, also with another space", async () => {
	for (const set of forms) {
		assert.equal((await command("élève été noël 1".normalize(set))).status, 0);
		for (const typed of forms)
			assert.equal(await signIn("élève été noël 1".normalize(typed)), 201, `${set} ${typed}`);
		assert.equal(await signIn("élève\u00a0été\u202fnoël 1"), 201);
		assert.equal(await signIn("Élève été noël 1"), 401);
		assert.equal(await signIn("eleve ete noel 1"), 401);
	}
});
test("changed by its person, in either form", async () => {
	for (const set of forms) {
		const client = visitor();
		const current = set === "NFC" ? "élève été noël 1" : "où ça, près du chêne NFC";
		await client.signIn(email, current.normalize("NFD"));
		const changed = await client.send("PUT", "/api/v1/session/password", { json: {
			current: current.normalize(set), password: `où ça, près du chêne ${set}`.normalize(set) } });
		assert.equal(changed.status, 200, changed.text);
		for (const typed of forms)
			assert.equal(await signIn(`où ça, près du chêne ${set}`.normalize(typed)), 201);
	}
});
test("the length counts as it is prepared; control characters are refused", async () => {
	for (const bad of ["quatorze signé".normalize("NFD"), "quinze signes\u0085 ou plus", "quinze signes\t ou plus"])
		assert.notEqual((await command(bad)).status, 0, bad);
	// 1,000 bytes as composed are 1,500 decomposed
	const long = Array.from({ length: 500 }, (_, i) => "éèàùôîçÿñõ"[i * i % 1009 % 10]).join("");
	assert.equal((await command(long.normalize("NFD"))).status, 0);
	assert.deepEqual([await signIn(long), await signIn(long.normalize("NFD"))], [201, 201]);
	assert.notEqual((await command(`${long}é`)).status, 0);
});
test("a hash of the text as it was typed is replaced at the sign-in, and nobody is told", async () => {
	const typed = "élève-été-noël".normalize("NFD");
	// argon2id of the decomposed text
	const before = "$argon2id$v=19$m=19456,t=2,p=1$Wl+SxzlD2OP3I6t6LBDBdw$AVFPLxyX3HlZzwpArNLGX7r1lBowvxZ8MtmbnYrWkG4";
	await server.database.sql(`update person set password_hash = '${before}' where email = '${email}';
		delete from sign_in_failure`);
	const audited = () => server.database.sql("select string_agg(distinct kind, ' ' order by kind) from audit");
	const mails = () => server.database.sql("select count(*) from mail");
	const told = [await audited(), await mails()];
	assert.equal(await signIn(typed.normalize("NFC")), 401);
	assert.equal(await hash(), before);
	assert.equal(await signIn(typed), 201);
	const now = await hash();
	assert.notEqual(now, before);
	assert.match(now, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	assert.deepEqual([await signIn(typed), await signIn(typed.normalize("NFC"))], [201, 201]);
	// it is replaced once
	assert.equal(await hash(), now);
	assert.deepEqual([await audited(), await mails()], told);
});
test("an unknown person is refused in either form", async () => {
	for (const form of forms)
		assert.equal((await visitor().post("/api/v1/session", { json: { email: "no@alpha.test",
			password: "élève-été-noël".normalize(form) } })).status, 401);
});
