set local role smartrecord_admin;

-- Brand of the operator of a tenant, or without a tenant of a host. logo is
-- its SHA-256, hex.
create function brand_of(tenant int, host text)
returns table (operator_id int, name text, color text, contact text, logo text)
language sql stable security definer rows 1
set search_path from current
as $$
	select o.id, o.name, o.color, o.contact, o.logo_hash
	from operator o
	where case when brand_of.tenant is null
		then lower(brand_of.host) in (o.host, o.board_host)
		else o.id = (select t.operator_id from tenant t
			where t.id = brand_of.tenant) end;
$$;

-- Purpose of a host of an operator: 'all' surfaces, the 'console', the
-- 'board', or 'moved' (an old host of the board). No row for a host without an
-- operator, which has all surfaces for everybody.
create function host_find(host text)
returns table (operator_id int, purpose text, console_host text, board_host text)
language sql stable security definer rows 1
set search_path from current
as $$
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
$$;

grant execute on function host_find(text)
	to smartrecord_app;

grant execute on function brand_of(int, text)
	to smartrecord_app, smartrecord_owner;
