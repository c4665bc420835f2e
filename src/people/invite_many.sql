-- Mails invitations to the people of accounts: $1 public ids, a JSON array, or
-- null for all who have none yet. One value, see accounts_invite().
select accounts_invite(case when $1::text is not null then array(
	select x::uuid from jsonb_array_elements_text($1::jsonb) x) end)
