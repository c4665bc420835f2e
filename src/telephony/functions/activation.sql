set local role smartrecord_admin;

-- --- which accounts are recorded -------------------------------------------
-- Returns the ids of the sites with the service within the reach of the
-- request's person: all of the tenant for an administrator or a supervisor of
-- all sites, else the sites that they supervise.
create function telephony_sites() returns int[]
language sql stable security definer
set search_path from current
as $$
	select coalesce(array_agg(s.id), '{}') from site s, rights_reach() reach
	where s.tenant_id = app_tenant() and s.active
	and (reach is null or s.id = any (reach));
$$;

-- Returns the same sites by name: [{"id", "name"}].
create function telephony_sites_json() returns jsonb
language sql stable security definer
set search_path from current
as $$
	select coalesce(jsonb_agg(jsonb_build_object('id', s.public_id, 'name', s.name)
		order by s.name, s.id), '[]')
	from site s where s.tenant_id = app_tenant() and s.id = any (telephony_sites());
$$;

-- Returns a page of 50 accounts with a telephone number on these sites, by
-- name, for the filter {"q", "site", "after"}: {"items": [{"id", "name",
-- "email", "site", "numbers", "recording"}], "next", "total", "found",
-- "recorded", "sites"}. "found" counts the accounts that match q, "total" and
-- "recorded" count without q. Null when the filter's site is not one of these
-- sites.
create function telephony_accounts(filter jsonb) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
declare
	sites int[] := telephony_sites();
	q text := btrim(lower(unaccent(coalesce(filter ->> 'q', ''))));
	guess record := number_guess(coalesce(filter ->> 'q', ''));
	words text[] := string_to_array(regexp_replace(q, '\s+', ' ', 'g'), ' ');
	answer jsonb;
begin
	if filter ? 'site' then
		sites := array(select s.id from site s where s.tenant_id = app_tenant()
			and s.id = any (sites) and s.public_id = (filter ->> 'site')::uuid);
		if sites = '{}' then
			return null;
		end if;
	end if;
	with hosted as (
		select a as account, a.id, lower(unaccent(concat_ws(' ', a.last_name,
			a.first_name))) as name
		from account a
		where a.tenant_id = app_tenant() and a.site_id = any (sites)
		and exists (select from account_number n
			where n.tenant_id = a.tenant_id and n.account_id = a.id)
	), found as (
		select * from hosted h where q = '' or case
			when guess.digits is not null then exists (select from account_number n
				where n.tenant_id = app_tenant() and n.account_id = h.id
				and (position(guess.digits in n.number) > 0 or n.number = guess.number
					or exists (select from unnest(guess.begins) b
						where starts_with(n.number, b))))
			else (select bool_and(position(w in h.name || ' '
					|| lower(unaccent((h.account).email))) > 0)
				from unnest(words) w) end
	), page as (
		select *, row_number() over (order by name, id) as n from found
		where not filter ? 'after' or (name, id) > (
			select h.name, h.id from hosted h
			where (h.account).public_id = (filter ->> 'after')::uuid)
		order by name, id limit 51
	)
	select jsonb_build_object(
		'items', (select coalesce(jsonb_agg(jsonb_build_object(
			'id', (p.account).public_id,
			'name', btrim((p.account).first_name || ' ' || (p.account).last_name),
			'email', (p.account).email,
			'site', jsonb_build_object('id', s.public_id, 'name', s.name),
			'numbers', (select jsonb_agg(jsonb_build_object('number', n.number,
					'kind', n.kind) order by n.kind, n.number)
				from account_number n
				where n.tenant_id = s.tenant_id and n.account_id = p.id),
			'recording', jsonb_build_object('active', (p.account).recording_active,
				'mode', (p.account).recording_mode)) order by p.n), '[]')
			from page p join site s on s.tenant_id = (p.account).tenant_id
				and s.id = (p.account).site_id
			where p.n <= 50),
		'next', (select case when count(*) > 50
			then (array_agg((account).public_id order by n))[50] end from page),
		'total', (select count(*) from hosted),
		'found', (select count(*) from found),
		'recorded', (select count(*) from hosted where (account).recording_active),
		'sites', telephony_sites_json())
	into answer;
	return answer;
end $$;

-- Changes accounts of a tenant, each {"id", "active", "mode"}; a null member
-- stays as it is. Adds one row to the access log for each account whose mode
-- differs. Returns how many changed: {"on", "off", "always", "on_demand"}.
create function recording_apply(tenant int, changes jsonb) returns jsonb
language sql volatile
set search_path from current
as $$
	with wanted as (
		select distinct on (x.id) x.*
		from jsonb_to_recordset(changes) x (id uuid, active boolean, mode text)
	), locked as (
		select a.* from account a
		where a.tenant_id = recording_apply.tenant
		and a.public_id in (select id from wanted)
		order by a.id for update
	), change as (
		select l.id, l.public_id, l.site_id,
			l.recording_active as was_active, l.recording_mode as was_mode,
			coalesce(w.active, l.recording_active) as active,
			coalesce(w.mode, l.recording_mode) as mode
		from locked l join wanted w on w.id = l.public_id
	), real as (
		select *, case when was_active then was_mode else 'off' end as was,
			case when active then mode else 'off' end as now
		from change
		where (active, mode) is distinct from (was_active, was_mode)
	), changed as (
		update account a set recording_active = r.active, recording_mode = r.mode
		from real r where a.tenant_id = recording_apply.tenant and a.id = r.id
	), noted as (
		insert into audit (tenant_id, kind, person_id, account_id, session_id,
			site_id, detail)
		select recording_apply.tenant, 'mode', app_person(), app_account(),
			app_session(), site_id,
			jsonb_build_object('account', public_id, 'from', was, 'to', now)
		from real where was <> now
	)
	select jsonb_build_object(
		'on', count(*) filter (where was = 'off' and now <> 'off'),
		'off', count(*) filter (where was <> 'off' and now = 'off'),
		'always', count(*) filter (where was = 'on_demand' and now = 'always'),
		'on_demand', count(*) filter (where was = 'always' and now = 'on_demand'))
	from real;
$$;

-- Does recording_apply() for the request's person, all or none. Returns its
-- counts with {"outcome": "changed"}; {"outcome": "inactive", "site"} when a
-- site is without the service; null when an account is out of the person's
-- reach.
create function recording_change(changes jsonb) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	wanted uuid[] := array(select distinct (x ->> 'id')::uuid
		from jsonb_array_elements(changes) x);
	reach int[] := rights_reach();
	found record;
begin
	select count(*) as accounts, min(s.name) filter (where not s.active) as inactive
	into found
	from account a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
	where a.tenant_id = app_tenant() and a.public_id = any (wanted)
	and (reach is null or s.id = any (reach));
	if found.accounts < cardinality(wanted) then
		return null;
	elsif found.inactive is not null then
		return jsonb_build_object('outcome', 'inactive', 'site', found.inactive);
	end if;
	return jsonb_build_object('outcome', 'changed')
		|| recording_apply(app_tenant(), changes);
end $$;

-- --- help ------------------------------------------------------------------
-- Returns what the help page shows about the sites of the request's person:
-- {"sites": [{"name", "retention_days"}], "announce_stop"}.
create function telephony_help() returns jsonb
language sql stable security definer
set search_path from current
as $$
	select jsonb_build_object(
		'sites', coalesce(jsonb_agg(jsonb_build_object('name', s.name,
			'retention_days', s.retention_days) order by s.name, s.id), '[]'),
		'announce_stop', coalesce((select o.announce_stop from operator o
			join tenant t on t.operator_id = o.id where t.id = app_tenant()), false))
	from site s, rights_reach() reach
	where s.tenant_id = app_tenant() and (reach is null or s.id = any (reach)
		or s.id = (select a.site_id from account a
			where a.tenant_id = app_tenant() and a.id = app_account()));
$$;

grant execute on function telephony_sites_json(),
	telephony_accounts(jsonb),
	recording_change(jsonb),
	telephony_help()
	to smartrecord_app;
