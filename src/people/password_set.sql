-- Sets the password of an account's person and ends their sessions and links:
-- $1 tenant's key, $2 account's key, $3 hash. One value {"outcome", "what"},
-- see src/db/command.h.
with target as (
	select a.tenant_id, a.public_id, a.person_id from account a join tenant t on t.id = a.tenant_id
	where t.key = $1 and a.key = $2
), changed as (
	update person p set password_hash = $3 from target t
	where p.id = t.person_id
	returning p.id
), ended as (
	delete from session s using changed c where s.person_id = c.id
), unlinked as (
	delete from mail_link l using changed c where l.person_id = c.id
), noted as (
	insert into audit (tenant_id, kind, detail)
	select t.tenant_id, 'password', jsonb_build_object('account', t.public_id)
	from target t, changed c
)
select case
	when not exists (select from target) then
		json_build_object('outcome', 'missing',
			'what', format('account %s of %s', $2, $1))
	when not exists (select from changed) then
		json_build_object('outcome', 'refused',
			'what', format('account %s of %s has no e-mail to sign in with', $2, $1))
	else json_build_object('outcome', 'changed',
		'what', format('password of account %s of %s', $2, $1))
	end
