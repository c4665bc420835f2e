-- How many recordings a selection ($1) means, exactly, and, when it is one,
-- which: {"count", "select", "item"}. To count what words or a number find is
-- to search.
select jsonb_build_object(
	'count', n,
	'select', $1::jsonb,
	'item', (
		select recording_item(r, s, a)
		from recording r
		join site s on s.tenant_id = r.tenant_id and s.id = r.site_id
		join account a on a.tenant_id = r.tenant_id and a.id = r.account_id
		where jsonb_array_length($1::jsonb -> 'ids') = 1
		and r.id = ($1::jsonb -> 'ids' ->> 0)::uuid)),
	case when $1::jsonb -> 'filter' ?| '{q,number}' then
		audit_seldom('search', jsonb_build_object('results', n)) end
from (select recordings_count($1::jsonb) as n offset 0) c
