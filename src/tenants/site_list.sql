-- One value: the sites of the tenant with key $1, [{"key", "name", "time_zone",
-- "retention_days", "service"}], or {"outcome": "missing", "what"}.
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	else (
		select coalesce(json_agg(json_build_object(
			'key', s.key,
			'name', s.name,
			'time_zone', s.time_zone,
			'retention_days', s.retention_days,
			'service', s.active) order by s.key), '[]')
		from site s join tenant t on t.id = s.tenant_id
		where t.key = $1)
	end
