-- One row: the exact number of recordings of the selection $1, and the
-- recording if its id is the only one: {"count", "select", "item"}. A count by
-- words or by number is a search in the access log.
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
