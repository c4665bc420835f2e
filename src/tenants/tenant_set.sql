-- Changes the tenant with key $1; a null parameter leaves a setting as it is:
-- $2 whether a recording's page shows who played it. One value {"outcome",
-- "what"}, see src/db/command.h.
with changed as (
	update tenant set show_listeners = coalesce($2::boolean, show_listeners)
	where key = $1
	returning id
)
select json_build_object(
	'outcome', case when exists (select from changed) then 'changed' else 'missing' end,
	'what', 'tenant ' || $1)
