-- One value: all tenants, or those of the operator with key $1: [{"operator",
-- "key", "name", "time_zone", "sites", "accounts" (how many)}], or {"outcome":
-- "missing", "what"}.
select case
	when $1::text is not null
		and not exists (select from operator where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'operator ' || $1)
	else (
		select coalesce(json_agg(json_build_object(
			'operator', o.key,
			'key', t.key,
			'name', t.name,
			'time_zone', t.time_zone,
			'sites', (select count(*) from site s where s.tenant_id = t.id),
			'accounts', (select count(*) from account a where a.tenant_id = t.id))
			order by o.key, t.key), '[]')
		from tenant t
		join operator o on o.id = t.operator_id
		where $1 is null or o.key = $1)
	end
