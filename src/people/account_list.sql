-- One value: the accounts of the tenant with key $1, [{"key", "first_name",
-- "last_name", "email", "site", "numbers", "supervisor", "administrator",
-- "recording", "password", "disabled"}], or {"outcome": "missing", "what"}.
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	else (
		select coalesce(json_agg(json_build_object(
			'key', a.key,
			'first_name', a.first_name,
			'last_name', a.last_name,
			'email', a.email,
			'site', s.key,
			'numbers', (
				select coalesce(json_agg(n.number order by n.number), '[]')
				from account_number n
				where n.tenant_id = a.tenant_id and n.account_id = a.id),
			'supervisor', (
				select coalesce((
					select json_agg(w.key order by w.key) from site w
					where w.tenant_id = p.tenant_id
					and w.id = any (p.site_ids)), '["all"]')
				from profile p
				where p.tenant_id = a.tenant_id and p.account_id = a.id
				and p.kind = 'supervisor'),
			'administrator', exists (
				select from profile p
				where p.tenant_id = a.tenant_id and p.account_id = a.id
				and p.kind = 'administrator'),
			'recording', case when a.recording_active then a.recording_mode
				else 'off' end,
			'password', p.password_hash is not null,
			'disabled', p.disabled_at is not null)
			order by a.key), '[]')
		from account a
		join tenant t on t.id = a.tenant_id
		join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
		left join person p on p.id = a.person_id
		where t.key = $1)
	end
