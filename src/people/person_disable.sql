-- Disables an account's person, whose sessions and links end at once, or
-- enables them: $1 tenant's key, $2 account's key, $3 disabled. One value
-- {"outcome", "what"}, see src/db/command.h.
with target as (
	select a.person_id from account a join tenant t on t.id = a.tenant_id
	where t.key = $1 and a.key = $2
), changed as (
	update person p set disabled_at = case when $3::boolean then now() end
	from target t
	where p.id = t.person_id
	returning p.id
), ended as (
	delete from session s using changed c where s.person_id = c.id
), unlinked as (
	delete from mail_link l using changed c where l.person_id = c.id
)
select case
	when not exists (select from target) then
		json_build_object('outcome', 'missing',
			'what', format('account %s of %s', $2, $1))
	when not exists (select from changed) then
		json_build_object('outcome', 'refused',
			'what', format('account %s of %s has no e-mail to sign in with', $2, $1))
	else json_build_object('outcome', 'changed',
		'what', format('account %s of %s: %s', $2, $1,
			case when $3::boolean then 'disabled' else 'enabled' end))
	end
