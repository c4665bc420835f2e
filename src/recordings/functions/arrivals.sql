set local role smartrecord_owner;

-- Returns, for each tenant that recording_hold() holds now, the latest instant
-- up to which every arrival is committed: {tenant id: instant}. Must be read
-- before the snapshot that it describes: a lock ends after its rows become
-- visible.
create function recording_holds() returns jsonb
language plpgsql volatile
set search_path from current
as $$
begin
	-- a minute is added: a lock may be taken meanwhile, or the clock set
	-- back
	return (with base as materialized (
		select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
			+ 60000 as ms
	), hold as (
		select 4294967296 - l.classid::bigint as tenant,
			max((b.ms - l.objid::bigint) & 2147483647) as age
		from pg_locks l, base b
		where l.locktype = 'advisory' and l.objsubid = 2
		and l.classid::bigint > 2147483647 and l.database = (
			select oid from pg_database where datname = current_database())
		group by 1
	)
	select coalesce(jsonb_object_agg(tenant, to_timestamp((ms - age) / 1000.0)
		- interval '1 us'), '{}')
	from hold, base);
end $$;

-- Returns the instant up to which the next statement sees every arrival of the
-- request's tenant.
create function recordings_as_of() returns timestamptz
language plpgsql volatile security definer
set search_path from current
as $$
declare
	newest timestamptz := clock_timestamp() - interval '1 us';
begin
	return least(newest,
		(recording_holds() ->> app_tenant()::text)::timestamptz);
end $$;

-- Returns what arrived at each position [{"tenant", "after"}, …], for the
-- application: the positions with "as_of", from which to continue, and
-- "groups": [site, account, new, completed, [ids]], with at most 100 ids,
-- newest first. Leaves out recordings that were deleted or expired since. The
-- caller must check who may see which group.
create function recordings_arrived(positions jsonb) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	newest timestamptz := clock_timestamp() - interval '1 us';
	holds jsonb := recording_holds();
begin
	return (
		select jsonb_agg(jsonb_build_object('tenant', p.tenant, 'after', p.after,
			'as_of', rfc3339_us(greatest(p.after::timestamptz, u.upto)),
			'groups', (
				select coalesce(jsonb_agg(jsonb_build_array(g.site_id, g.account_id,
					g.new, g.completed, g.ids)), '[]')
				from (
					select a.site_id, a.account_id,
						count(*) filter (where not a.completed) as new,
						count(*) filter (where a.completed) as completed,
						(array_agg(distinct a.recording_id
							order by a.recording_id desc))[:100] as ids
					from recording_arrival a
					join recording_source s on s.tenant_id = a.tenant_id
						and s.recording_id = a.recording_id
						and s.deleted_at is null and s.expires_at > now()
					where a.tenant_id = p.tenant and a.at > p.after::timestamptz
					and a.at <= u.upto
					and not exists (select from recording_gone g
						where g.tenant_id = a.tenant_id and g.id = a.recording_id)
					group by a.site_id, a.account_id
				) g)))
		from jsonb_to_recordset(positions) p (tenant int, after text),
			lateral (select least(newest,
				(holds ->> p.tenant::text)::timestamptz) as upto) u);
end $$;

-- Returns a page of the list for the filter {"q", "typing", "prefix", "site": [], "mood":
-- [], "from", "to", "number", "account", "direction", "min_ms", "max_ms",
-- "since", "after", "limit"}, for the application: search_list() with "as_of".
-- The scope comes from the request's settings, never from an argument.
-- When nothing is found, the last word of q is taken as a beginning; not with
-- "since": news of a list is what that list would have. Volatile, so that it
-- reads the rows after it has taken as_of. SR400 with the field: a value is not
-- valid.
create function recordings_search(filter jsonb) returns json
language plpgsql volatile security definer
set search_path from current
as $$
declare
	as_of timestamptz := recordings_as_of();
	f search_filter := search_filter_of(filter);
	found record;
	begun record;
	g search_filter;
begin
	select * into found from search_list(f, as_of);
	if found.total = 0 and (f.words).query is not null and f.fresh is null
		and not filter ?| '{typing,prefix}' then
		g := search_filter_of(filter || '{"prefix": true}');
		if g.query is distinct from f.query then
			select * into begun from search_list(g, as_of);
			if begun.total > 0 then
				return begun.page;
			end if;
		end if;
	end if;
	if exists (select from unnest(found.tallies) t where t.snapshot is not null) then
		perform search_keep(f, found.tallies);
	end if;
	if (found.choices).snapshot is not null then
		perform search_choices_keep(f, found.choices);
	end if;
	return found.page;
end $$;

grant execute on function recordings_as_of(),
	recordings_arrived(jsonb),
	recordings_search(jsonb)
	to smartrecord_app;
