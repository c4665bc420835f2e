-- One value: the acts that wait for a second person at the tenant with key $1,
-- or at all (null): [{"id", "tenant", "made_by", "made_at", "waits_for",
-- "changes"}], or {"outcome": "missing", "what"}.
select case
	when $1::text is not null and not exists (select from tenant where key = $1)
	then jsonb_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	else (
		select coalesce(json_agg(json_build_object(
			'id', c.public_id,
			'tenant', t.key,
			'made_by', m.key,
			'made_at', rfc3339(c.made_at),
			'waits_for', confirmation_json(c) ->> 'waits_for',
			'changes', (
				select coalesce(json_agg(concat(x ->> 'key', ' ', x ->> 'field', ' ', x ->> 'to')), '[]')
				from jsonb_array_elements(confirmation_changes(c)) x)) order by c.id), '[]')::jsonb
		from confirmation c
		join tenant t on t.id = c.tenant_id
		join account m on m.tenant_id = c.tenant_id and m.id = c.made_by
		where c.outcome is null and ($1 is null or t.key = $1))
	end
