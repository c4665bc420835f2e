-- Removes the telephone with hardware address $2 of the tenant with key $1. One
-- value {"outcome", "what"}, see src/db/command.h.
with removed as (
	delete from telephone p using tenant t
	where t.key = $1 and p.tenant_id = t.id and p.mac = $2::macaddr
	returning p.mac
)
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	when not exists (select from removed)
	then json_build_object('outcome', 'missing', 'what',
		format('telephone %s of %s', $2::macaddr, $1))
	else json_build_object('outcome', 'changed', 'what',
		format('telephone %s of %s: removed', $2::macaddr, $1))
	end
from (values (1)) always left join removed on true
