-- Creates a site: $1 tenant's key, $2 key, $3 name, $4 retention in days, $5
-- time zone (null: the tenant's). One value {"outcome", "what"}, see
-- src/db/command.h.
with customer as (
	select id, time_zone from tenant where key = $1
), made as (
	insert into site (tenant_id, key, name, retention_days, time_zone)
	select id, $2, $3, $4::int, coalesce($5, time_zone) from customer
	on conflict (tenant_id, key) do nothing
	returning id
)
select case
	when not exists (select from customer)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	else json_build_object(
		'outcome', case when exists (select from made) then 'created' else 'exists' end,
		'what', format('site %s of %s', $2, $1))
	end
