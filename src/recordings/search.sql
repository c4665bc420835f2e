-- The list: a page of recordings for a filter ($1: JSON, see
-- recordings_search), its counts, and what can be chosen in the filters. The
-- access log learns that something was looked for and how much was found, not
-- what; while somebody types or turns pages, once a minute.
select x, case
	when not $1::jsonb ?| '{q,number}' then null
	when $1::jsonb ?| '{typing,after}' then
		audit_seldom('search', jsonb_build_object('results', x -> 'total'))
	else audit_record('search', detail => jsonb_build_object('results', x -> 'total'))
	end
from recordings_search($1::jsonb) x
