-- Creates a tenant: $1 operator's key, $2 key, $3 name, $4 time zone. One value
-- {"outcome", "what"}, see src/db/command.h.
with owner as (
	select id from operator where key = $1
), made as (
	insert into tenant (operator_id, key, name, time_zone)
	select id, $2, $3, $4 from owner
	on conflict (key) do nothing
	returning id
)
select case
	when not exists (select from owner)
	then json_build_object('outcome', 'missing', 'what', 'operator ' || $1)
	else json_build_object(
		'outcome', case when exists (select from made) then 'created' else 'exists' end,
		'what', 'tenant ' || $2)
	end
