-- Sets how accounts of the tenant with key $1 are recorded, all or none: $2
-- their keys, a JSON array, $3 always, on_demand or off. One value {"outcome",
-- "what", "counts"}, see src/db/command.h and recording_apply().
with target as (
	select w.key, w.n, a.tenant_id, a.public_id as id, s.key as site, s.active
	from jsonb_array_elements_text($2::jsonb) with ordinality w (key, n)
	left join tenant t on t.key = $1
	left join account a on a.tenant_id = t.id and a.key = w.key
	left join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
), verdict as (
	select case
		when not exists (select from tenant where key = $1) then
			array['missing', 'tenant ' || $1]
		when exists (select from target where id is null) then
			array['missing', format('account %s of %s',
				(select key from target where id is null limit 1), $1)]
		when $3 <> 'off' and exists (select from target where not active) then
			array['refused', format('site %s of %s is without the service '
				'(smartrecord site service %2$s %1$s on)',
				(select site from target where not active limit 1), $1)]
		else array['changed', format('recording of %s of %s: %s',
			(select string_agg(key, ', ' order by n) from target), $1, $3)]
		end as said
)
select json_build_object('outcome', said[1], 'what', said[2],
	'counts', case when said[1] = 'changed' then recording_apply(
		(select tenant_id from target limit 1),
		(select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id,
			'active', $3 <> 'off', 'mode', nullif($3, 'off')))) from target)) end)
from verdict
