-- Settings of the customer $1; null leaves one as it is: $2 whether people see
-- on a recording who has listened to it.
with changed as (
	update tenant set show_listeners = coalesce($2::boolean, show_listeners)
	where key = $1
	returning id
)
select json_build_object(
	'outcome', case when exists (select from changed) then 'changed' else 'missing' end,
	'what', 'tenant ' || $1)
