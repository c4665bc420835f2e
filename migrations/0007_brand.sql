-- migrate:up
-- What an operator's pages look like, before and after signing in, and whom
-- its customers may write to.

set role smartrecord_admin;

alter table operator add column contact text
	check (contact ~ '^[^@\s]+@[^@\s]+$' and length(contact) <= 254);

-- The brand of a customer's operator; without a customer, of the host's.
create function brand_of(tenant int, host text)
returns table (name text, color text, contact text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select o.name, o.color, o.contact
	from operator o
	where case when brand_of.tenant is null then o.host = lower(brand_of.host)
		else o.id = (select t.operator_id from tenant t
			where t.id = brand_of.tenant) end;
end;

grant execute on function brand_of(int, text) to smartrecord_app;

reset role;
