-- Adds a telephone to the account with key $2 of the tenant with key $1: $3 its
-- hardware address, $4 its model. One value {"outcome", "what"}, see
-- src/db/command.h.
with owner as (
	select a.tenant_id, a.id, a.key from account a join tenant t on t.id = a.tenant_id
	where t.key = $1 and a.key = $2
), known as (
	select t.key as tenant, a.key as account
	from telephone p
	join account a on a.tenant_id = p.tenant_id and a.id = p.account_id
	join tenant t on t.id = p.tenant_id
	where p.mac = $3::macaddr
), made as (
	insert into telephone (tenant_id, mac, account_id, model)
	select o.tenant_id, $3::macaddr, o.id, $4 from owner o
	where not exists (select from known)
	returning mac
)
select case
	when not exists (select from tenant where key = $1)
	then json_build_object('outcome', 'missing', 'what', 'tenant ' || $1)
	when not exists (select from owner)
	then json_build_object('outcome', 'missing', 'what', format('account %s of %s', $2, $1))
	when exists (select from known where tenant = $1 and account = $2)
	then json_build_object('outcome', 'exists', 'what',
		format('telephone %s of account %s of %s', $3::macaddr, $2, $1))
	when exists (select from known)
	then (select json_build_object('outcome', 'refused', 'what', format(
		'telephone %s is account %s of %s''s (smartrecord telephone remove %3$s %1$s)',
		$3::macaddr, account, tenant)) from known)
	else json_build_object('outcome', 'created', 'what',
		format('telephone %s of account %s of %s', $3::macaddr, $2, $1))
	end
from (values (1)) always left join made on true
