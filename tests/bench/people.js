// People of a customer of the benchmark who search: a supervisor of all sites,
// one of the site with the most calls, and the user of the account with the
// most calls. Made when they are missing.
import { boss } from "./data.js";
import { password } from "../lib/fixtures.js";

// An account that has calls gets the person of the one that was made for it.
const giveCalls = (database, tenant, account, email) => database.sql(`
	create temporary table made as select person_id, email from account
		where tenant_id = ${tenant} and email = '${email}';
	update account set person_id = null, email = '' where tenant_id = ${tenant} and email = '${email}';
	update account a set person_id = made.person_id, email = made.email, entered = true
		from made where a.tenant_id = ${tenant} and a.id = ${account}`);

// Returns { boss, limited, user }: each with email, the settings of a request
// (see src/db/rows.h) and scope, the columns of texts.js that it is bound to.
export async function benchPeople(database, tenant) {
	const [most] = await database.rows(`select t.key as tenant, s.key as site, r.site_id, r.account_id from (
			select (select site_id from recording where tenant_id = ${tenant} group by 1 order by count(*) desc limit 1),
			(select account_id from recording where tenant_id = ${tenant} group by 1 order by count(*) desc limit 1)) r
		join tenant t on t.id = ${tenant} join site s on s.tenant_id = t.id and s.id = r.site_id`);
	const email = (key) => key === "boss" ? boss : `${key}@t1.test`;
	const profiles = { boss: ["--supervisor"], limited: ["--supervisor-sites", most.site], user: [] };
	for (const [key, options] of Object.entries(profiles)) {
		if (await database.sql(`select count(*) from account where tenant_id = ${tenant} and email = '${email(key)}'`) !== "0")
			continue;
		await database.command(["account", "create", most.tenant, key, "--site", most.site, "--first-name", "Béatrice",
		    "--last-name", "Chef", "--email", email(key), "--password-stdin", ...options], { input: `${password}\n` });
		if (key === "user")
			await giveCalls(database, tenant, most.account_id, email(key));
	}
	await database.sql("delete from mail; delete from right_notice");
	const rows = await database.rows(`select email, id as account, person_id as person from account
		where tenant_id = ${tenant} and email <> ''`);
	const person = (key, team, scope) => ({ ...rows.find((one) => one.email === email(key)), tenant, team, scope });
	return { boss: person("boss", "all", {}), limited: person("limited", `{${most.site_id}}`, { site: `s${most.site_id}` }),
		user: person("user", "", { account: `a${most.account_id}` }) };
}
