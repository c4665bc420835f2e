-- Mails an invitation to an account's person: $1 tenant's key, $2 account's
-- key. One value {"outcome", "what"}, see src/db/command.h and
-- onepass_invite().
with target as (
	select t.id as tenant_id, a.id, a.public_id
	from tenant t left join account a on a.tenant_id = t.id and a.key = $2
	where t.key = $1
), done as (
	select onepass_invite(tenant_id, id) as said from target
), noted as (
	insert into audit (tenant_id, kind, detail)
	select t.tenant_id, 'invitation', jsonb_build_object('account', t.public_id)
	from target t, done d where d.said ->> 'outcome' = 'changed'
)
select json_build_object(
	'outcome', coalesce((select said ->> 'outcome' from done), 'missing'),
	'what', case (select said ->> 'why' from done)
		when 'no-email' then format('account %s of %s has no e-mail to write to', $2, $1)
		when 'disabled' then format('account %s of %s is disabled', $2, $1)
		when 'exists' then format('account %s of %s has a password already', $2, $1)
		else case (select said ->> 'outcome' from done)
			when 'changed' then format('invitation of account %s of %s: its mail is on its way', $2, $1)
			else format('account %s of %s', $2, $1) end end)
