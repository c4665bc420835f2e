-- One row: a page of recordings for the filter $1 (JSON), its counts and the
-- filter's choices, see recordings_search(). The access log gets the number of
-- results, never the searched words; at most once a minute while a person types
-- or turns pages.
select x, case
	when not $1::jsonb ?| '{q,number}' then null
	when $1::jsonb ?| '{typing,after}' then
		audit_seldom('search', jsonb_build_object('results', x -> 'total'))
	else audit_record('search', detail => jsonb_build_object('results', x -> 'total'))
	end
from recordings_search($1::jsonb) x
