-- Switches the service of the site with key $2 of the tenant with key $1: $3 on
-- or off. One value {"outcome", "what"}, see src/db/command.h.
with target as (
	select s.tenant_id, s.id from site s join tenant t on t.id = s.tenant_id
	where t.key = $1 and s.key = $2
), changed as (
	update site s set active = $3::boolean from target t
	where s.tenant_id = t.tenant_id and s.id = t.id
	and s.active <> $3::boolean
	returning s.tenant_id, s.id, s.public_id
), noted as (
	insert into audit (tenant_id, kind, site_id, detail)
	select tenant_id, 'service', id, jsonb_build_object('site', public_id, 'active', $3::boolean)
	from changed
)
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	when not exists (select from target)
	then json_build_object('outcome', 'missing', 'what', format('site %s of %s', $2, $1))
	else json_build_object('outcome', 'changed', 'what', format('site %s of %s: service %s',
		$2, $1, case when $3::boolean then 'on' else 'off' end))
	end
