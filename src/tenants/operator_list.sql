-- One value: all operators, [{"key", "name", "host", "board_host", "old_hosts",
-- "color", "contact", "logo", "announce_stop", "tenants" (how many)}].
select coalesce(json_agg(json_build_object(
	'key', o.key,
	'name', o.name,
	'host', o.host,
	'board_host', o.board_host,
	'old_hosts', o.old_hosts,
	'color', o.color,
	'contact', o.contact,
	'logo', o.logo is not null,
	'announce_stop', o.announce_stop,
	'tenants', (select count(*) from tenant t where t.operator_id = o.id))
	order by o.key), '[]')
from operator o
