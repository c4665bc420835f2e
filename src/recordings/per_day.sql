-- One row: how many recordings the filter $1 (JSON) finds on each day, see
-- recordings_per_day(). A count by words or by number is a search in the access
-- log, at most once a minute.
select x, case when $1::jsonb ?| '{q,number}' then
	audit_seldom('search', jsonb_build_object('results', x -> 'total')) end
from recordings_per_day($1::jsonb) x
