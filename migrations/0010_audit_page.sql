-- migrate:up
-- The access log as people look at it.

set role smartrecord_admin;

create index audit_person on audit (tenant_id, person_id, id);
create index audit_kind on audit (tenant_id, kind, id);

-- Whose log this is to the request's person: null, all of their customer's
-- (an administrator, a supervisor of it all); else these sites' recordings and
-- what they did themselves; '{}', none of it. Read afresh, whatever the
-- request says.
create function audit_reach() returns int[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select case
	when account_administers(app_tenant(), app_account()) or sites = 'all' then null
	when sites like '{%' then sites::int[]
	else '{}' end
	from account_sites(app_tenant(), app_account()) s (sites));

-- Rows for a filter {"kind": [], "person", "recording", "from", "to", "after"},
-- newest first. What one act did to each of many calls is one row, unless
-- somebody asks for it.
create function audit_rows(filter jsonb, size int) returns setof audit
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
	reach int[] := audit_reach();
	kinds text[] := (select array_agg(x) from jsonb_array_elements_text(filter -> 'kind') x);
	person int := filter ->> 'person';
	recording uuid := filter ->> 'recording';
	zone text := (select time_zone from tenant where id = app_tenant());
	since timestamptz := (filter ->> 'from')::date::timestamp at time zone zone;
	until timestamptz := ((filter ->> 'to')::date + 1)::timestamp at time zone zone;
	after bigint := filter ->> 'after';
begin
	return query select a.* from audit a
	where a.tenant_id = app_tenant()
	and (reach is null or a.site_id = any (reach)
		or a.person_id = app_person() and reach <> '{}')
	and (kinds is null or a.kind = any (kinds))
	and (person is null or a.person_id = person)
	and (recording is null or a.recording_id = recording)
	and (since is null or a.at >= since)
	and (until is null or a.at < until)
	and (after is null or a.id < after)
	and (not a.detail ? 'many' or recording is not null
		or kinds is not null and 'delete' = any (kinds))
	order by a.id desc limit size;
end $$;

-- Who may be in the log; not whoever has an account and never came.
create function audit_people() returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'name', x.name)
		order by x.name, x.id), '[]')
	from (
		select p.id, p.name from person p join account a on a.person_id = p.id
		where a.tenant_id = app_tenant() and account_used(a, p)
		and (audit_reach() is null or p.id = app_person()
			or a.site_id = any (audit_reach()))
		order by p.name, p.id limit 500
	) x;
end;

-- A page: {"items", "next", "people"}.
create function audit_page(filter jsonb) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	with page as (
		select a, row_number() over (order by a.id desc) as n
		from audit_rows(filter, 51) a
	)
	select jsonb_build_object(
		'items', coalesce(jsonb_agg(jsonb_build_object(
			'id', (a).id,
			'at', audit_instant((a).at),
			'kind', (a).kind,
			'person', case when p.id is not null then jsonb_build_object(
				'id', p.id, 'name', p.name, 'email', p.email) end,
			'recording', (a).recording_id,
			'detail', (a).detail) order by n) filter (where n <= 50), '[]'),
		'next', case when count(*) > 50
			then (array_agg((a).id order by n))[50] end,
		'people', audit_people())
	from page left join person p on p.id = (a).person_id;
end;

-- A cell that no spreadsheet takes for a formula (OWASP: CSV injection), by
-- RFC 4180; nor any part of it, where ";" parts cells.
create function csv_cell(value text) returns text
language sql immutable parallel safe
return '"' || replace(regexp_replace(coalesce(value, ''),
	'(^|[;\t\r\n])(?=\s*[=+@-])', '\1''', 'g'), '"', '""') || '"';

-- The rows of a filter as CSV, 20,000 at most, with what parts the cells; next:
-- where the rest begins.
create function audit_csv(filter jsonb, comma text, out csv text, out next bigint)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	with page as (
		select a, row_number() over (order by a.id desc) as n
		from audit_rows(filter, 20001) a
	)
	select concat_ws(comma, 'at', 'kind', 'person', 'email', 'recording', 'detail') || e'\r\n'
		|| coalesce(string_agg(concat_ws(comma, csv_cell(audit_instant((a).at)),
			csv_cell((a).kind), csv_cell(p.name), csv_cell(p.email),
			csv_cell((a).recording_id::text), csv_cell((a).detail::text)),
			e'\r\n' order by n) filter (where n <= 20000) || e'\r\n', ''),
		case when count(*) > 20000 then (array_agg((a).id order by n))[20000] end
	from page left join person p on p.id = (a).person_id;
end;

grant execute on function audit_page(jsonb), audit_csv(jsonb, text) to smartrecord_app;

reset role;
