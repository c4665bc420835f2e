-- Creates a telecom operator: $1 key, $2 name, $3 console's host, $4 colour, $5
-- contact's e-mail. One value {"outcome", "what"}, see src/db/command.h.
with made as (
	insert into operator (key, name, host, color, contact)
	values ($1, $2, lower($3), lower($4), $5)
	on conflict (key) do nothing
	returning id
)
select json_build_object(
	'outcome', case when exists (select from made) then 'created' else 'exists' end,
	'what', 'operator ' || $1)
