-- migrate:up
-- What an operator's pages look like, before and after signing in, and whom
-- its customers may write to.

set role smartrecord_admin;

alter table operator
	add column contact text
		check (contact ~ '^[^@\s]+@[^@\s]+$' and length(contact) <= 254),
	add column logo bytea check (length(logo) between 1 and 65536),	-- PNG
	add column logo_hash text
		generated always as (encode(sha256(logo), 'hex')) stored;

-- The brand of a customer's operator; without a customer, of the host's.
-- logo: its SHA-256, hex.
create function brand_of(tenant int, host text)
returns table (operator_id int, name text, color text, contact text, logo text)
language sql stable security definer rows 1
set search_path = pg_catalog, public, pg_temp
begin atomic
	select o.id, o.name, o.color, o.contact, o.logo_hash
	from operator o
	where case when brand_of.tenant is null
		then lower(brand_of.host) in (o.host, o.board_host)
		else o.id = (select t.operator_id from tenant t
			where t.id = brand_of.tenant) end;
end;

create function brand_logo(hash text) returns bytea
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select o.logo from operator o where o.logo_hash = hash limit 1);

-- What is to be found on a host: 'all' of an operator's pages, only its
-- 'console', only its 'board', or nothing any more ('moved': the board has).
-- No row: a host that is no operator's own has everything, for everybody.
create function host_find(host text)
returns table (operator_id int, purpose text, console_host text, board_host text)
language sql stable security definer rows 1
set search_path = pg_catalog, public, pg_temp
begin atomic
	select o.id, case
		when o.host = lower(host_find.host) and o.board_host is null then 'all'
		when o.host = lower(host_find.host) then 'console'
		when o.board_host = lower(host_find.host) then 'board'
		else 'moved' end,
		o.host, o.board_host
	from operator o
	where lower(host_find.host) in (o.host, o.board_host)
	or (o.old_hosts @> array[lower(host_find.host)] and o.board_host is not null)
	limit 1;
end;

grant execute on function brand_of(int, text), brand_logo(text), host_find(text)
	to smartrecord_app;

reset role;
