set local role smartrecord_admin;

-- Returns the rows of the request's tenant that match the filter {"kind": [],
-- "person", "recording", "from", "to", "after"}, at most size, newest first,
-- within rights_reach(). "from" and "to" are days in the tenant's time zone,
-- "after" is the public id of the last row of the page before. An action on
-- many calls shows as one row; its row per call is returned only for a filter
-- by recording or by the kind "delete".
create function audit_rows(filter jsonb, size int) returns setof audit
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
	reach int[] := rights_reach();
	kinds text[] := (select array_agg(x) from jsonb_array_elements_text(filter -> 'kind') x);
	person int := (select id from person where public_id = (filter ->> 'person')::uuid);
	recording uuid := filter ->> 'recording';
	zone text := (select time_zone from tenant where id = app_tenant());
	-- as search_instant(): midnight may occur twice, or not at all
	since timestamptz := ((filter ->> 'from')::date - interval '1 second')
		at time zone zone + interval '1 second';
	until timestamptz := ((filter ->> 'to')::date + 1 - interval '1 second')
		at time zone zone + interval '1 second';
	after bigint := (select id from audit
		where tenant_id = app_tenant() and public_id = (filter ->> 'after')::uuid);
begin
	return query select a.* from audit a
	where a.tenant_id = app_tenant()
	and (reach is null or a.site_id = any (reach)
		or a.person_id = app_person() and reach <> '{}')
	and (kinds is null or a.kind = any (kinds))
	and (not filter ? 'person' or a.person_id = person)
	and (recording is null or a.recording_id = recording)
	and (since is null or a.at >= since)
	and (until is null or a.at < until)
	and (not filter ? 'after' or a.id < after)
	and (not a.detail ? 'many' or recording is not null
		or kinds is not null and 'delete' = any (kinds))
	order by a.id desc limit size;
end $$;

-- Returns the people that the filter offers, by name, at most 500: [{"id",
-- "name"}]. Only people who have used their account, within rights_reach().
create function audit_people() returns jsonb
language sql stable security definer
set search_path from current
as $$
	select coalesce(jsonb_agg(jsonb_build_object('id', x.public_id, 'name', x.name)
		order by x.name, x.id), '[]')
	from (
		select p.id, p.public_id, account_name(a) as name from person p join account a on a.person_id = p.id
		where a.tenant_id = app_tenant() and account_used(a, p)
		and (rights_reach() is null or p.id = app_person()
			or a.site_id = any (rights_reach()))
		order by account_name(a), p.id limit 500
	) x;
$$;

-- Returns a page of 50 rows for the application: {"items": [{"id", "at",
-- "kind", "person": {"id", "name", "email"}, "recording", "detail"}], "next",
-- "people"}. "next" is the "after" of the next page, or null.
create function audit_page(filter jsonb) returns jsonb
language sql stable security definer
set search_path from current
as $$
	with page as (
		select a, row_number() over (order by a.id desc) as n
		from audit_rows(filter, 51) a
	)
	select jsonb_build_object(
		'items', coalesce(jsonb_agg(jsonb_build_object(
			'id', (a).public_id,
			'at', rfc3339_us((a).at),
			'kind', (a).kind,
			'person', case when p.id is not null then jsonb_build_object(
				'id', p.public_id, 'name', coalesce(account_name(c), p.email),
				'email', p.email) end,
			'recording', (a).recording_id,
			'detail', (a).detail) order by n) filter (where n <= 50), '[]'),
		'next', case when count(*) > 50
			then (array_agg((a).public_id order by n))[50] end,
		'people', audit_people())
	from page left join person p on p.id = (a).person_id
	left join account c on c.tenant_id = app_tenant() and c.id = (a).account_id;
$$;

-- Returns the page of audit_page() with "about" in each item: {"id", "name",
-- "sites"} of the account that its detail names, or null. "sites" are the names
-- of the sites in the detail, or null.
create function audit_named(page jsonb) returns jsonb
language sql stable security definer
set search_path from current
as $$
select page || jsonb_build_object('items', (
	select coalesce(jsonb_agg(item || jsonb_build_object('about', (
		select jsonb_build_object('id', a.public_id,
			'name', coalesce(nullif(btrim(a.first_name || ' ' || a.last_name), ''), a.key),
			'sites', (select jsonb_agg(s.name order by s.name) from site s
				where s.tenant_id = a.tenant_id
				and item -> 'detail' -> 'sites' @> to_jsonb(s.public_id)))
		from account a
		where a.tenant_id = app_tenant()
		and a.public_id = (item -> 'detail' ->> 'account')::uuid)) order by n), '[]')
	from jsonb_array_elements(page -> 'items') with ordinality i (item, n)))
$$;

-- Returns the rows of audit_rows() for a spreadsheet: at most 20,000, and one
-- more when there are more.
create function audit_csv(filter jsonb)
returns table (id uuid, at text, kind text, person text, email text,
	recording uuid, detail jsonb)
language sql stable security definer
set search_path from current
as $$
	select a.public_id, rfc3339_us(a.at), a.kind,
		coalesce(account_name(c), p.email), p.email,
		a.recording_id, a.detail
	from audit_rows(filter, 20001) a left join person p on p.id = a.person_id
	left join account c on c.tenant_id = app_tenant() and c.id = a.account_id
	order by a.id desc
$$;

-- Returns who played, downloaded or exported a recording's audio, each with the
-- first time: [{"name", "at"}], oldest first; null unless the tenant shows it.
create function audit_listeners(recording uuid) returns jsonb
language sql stable security definer
set search_path from current
as $$
	select coalesce((
		select jsonb_agg(jsonb_build_object('name', h.name,
			'at', rfc3339(h.at)) order by h.at)
		from (
			select min(account_name(c)) as name, min(a.at) as at
			from audit a join account c on c.tenant_id = a.tenant_id
				and c.id = a.account_id
			where a.tenant_id = t.id and (a.kind in ('listen', 'download')
				or a.kind = 'export' and a.detail ->> 'content' <> 'transcript')
			and a.recording_id = audit_listeners.recording
			group by a.person_id
		) h), '[]')
	from tenant t where t.id = app_tenant() and t.show_listeners;
$$;

grant execute on function audit_page(jsonb),
	audit_csv(jsonb),
	audit_named(jsonb)
	to smartrecord_app;

grant execute on function audit_listeners(uuid) to smartrecord_owner;
