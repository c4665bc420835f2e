-- One value: the telephones of the tenant with key $1, [{"mac", "model",
-- "account", "recording_button"}], or {"outcome": "missing", "what"}.
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	else (
		select coalesce(json_agg(json_build_object(
			'mac', p.mac,
			'model', p.model,
			'account', a.key,
			'recording_button', p.recording_button)
			order by a.key, p.mac), '[]')
		from telephone p
		join tenant t on t.id = p.tenant_id
		join account a on a.tenant_id = p.tenant_id and a.id = p.account_id
		where t.key = $1)
	end
