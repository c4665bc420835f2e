-- Changes the tenant with key $1; a null parameter leaves a setting as it is:
-- $2 whether a recording's page shows who played it, $3 the e-mail of the
-- contract holder ('': none). One value {"outcome", "what"}, see
-- src/db/command.h.
with changed as (
	update tenant set show_listeners = coalesce($2::boolean, show_listeners),
		contract_email = case when $3::text is null then contract_email
			else nullif(lower(btrim($3)), '') end
	where key = $1
	returning id
)
select json_build_object(
	'outcome', case when exists (select from changed) then 'changed' else 'missing' end,
	'what', 'tenant ' || $1)
