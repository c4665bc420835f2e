set local role smartrecord_owner;

-- How many recordings a filter finds in a part of its time, see
-- recording_tally.
create type search_tally as (
	zone		int,		-- of the filter's zones, from 1; 0: of all
	day		date,		-- there; -infinity: all before; infinity:
					-- all days, see search_whole()
	lower_id	uuid,
	upper_id	uuid,
	sites		int[],
	until		timestamptz,	-- when the first of them expires
	total		int,		-- null: not known
	moods		jsonb,		-- {mood: number}
	snapshot	pg_snapshot	-- that it was counted in; null: it is kept
);

-- Returns the UTC day of an id, in days since 1970, as recording_change has it.
create function search_day(id uuid) returns int
language sql immutable
as $$
select (('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
	/ 86400000)::int
$$;

-- Returns the beginning of a day in a zone: midnight may occur twice, or not at
-- all, so it is a second after the day before.
create function search_midnight(day date, zone text) returns timestamptz
language sql stable
as $$
select (day - interval '1 second') at time zone zone + interval '1 second'
$$;

-- Are the filter's numbers kept? They are without words, for more than one
-- person, and of the whole list, not of its news.
create function search_is_kept(f search_filter) returns boolean
language sql immutable
as $$
select f.query is null and f.own is null and f.account is null and f.fresh is null
$$;

-- Returns what makes the filter find what it finds, but its bounds of time,
-- which each part has. The scope is in the sites.
create function search_key(f search_filter) returns text
language plpgsql stable
set search_path from current
as $$
begin
	return (select md5((f.direction, f.min_ms, f.max_ms, (
		select array_agg((z.name, z.sites)::text order by z.name)
		from unnest(f.zones) z))::text));
end $$;

-- Returns what makes the filter find what it finds in all of its time.
create function search_whole_key(f search_filter) returns text
language plpgsql stable
set search_path from current
as $$
begin
	return md5((f.direction, f.min_ms, f.max_ms, f.moods, f.zones)::text);
end $$;

-- Returns the parts of the filter's time, without numbers, from `first` days
-- back to `last`, newest first. A call may have begun in the next hour. All
-- that is older than the longest retention is one part.
create function search_parts(f search_filter, first int, last int)
returns setof search_tally
language plpgsql stable
set search_path from current
as $$
begin
	return query
	select b.zone, b.day, uuid7_floor(greatest(b.since, b.lower)),
		uuid7_floor(least(b.until, b.upper)), b.sites, null::timestamptz, null::int,
		null::jsonb, null::pg_snapshot
	from (
		select z.zone::int, z.sites, z.since, z.until, n,
			case when n < z.retention + 3 then d.day else '-infinity' end as day,
			case when n < z.retention + 3 then search_midnight(d.day, z.name)
				else to_timestamp(0) end as lower,
			search_midnight(d.day + 1, z.name) as upper
		from unnest(f.zones) with ordinality z (name, sites, since, until, retention, zone)
		cross join lateral generate_series(first, least(last, z.retention + 3)) n
		cross join lateral (
			select ((now() + interval '1 hour') at time zone z.name)::date - n as day) d
	) b
	where greatest(b.since, b.lower) < least(b.until, b.upper)
	order by b.n, b.zone;
end $$;

-- Returns the parts with the kept numbers that are true for this snapshot: none
-- of the calls has expired since, and no transaction that this snapshot sees,
-- and the kept one did not, has changed calls of these days. Changes are noted
-- for 24 hours.
create function search_recall(f search_filter, key text, parts search_tally[])
returns search_tally[]
language plpgsql stable
set search_path from current
as $$
begin
	return (select array_agg((p.zone, p.day, p.lower_id, p.upper_id, p.sites, t.until, t.total,
		t.moods, null)::search_tally order by n)
	from unnest(parts) with ordinality p (zone, day, lower_id, upper_id, sites, until,
		total, moods, snapshot, n)
	left join recording_tally t on t.tenant_id = f.tenant
		and t.slot = hashtext(search_recall.key) & 255
		and t.zone = p.zone and t.day = p.day and t.key = search_recall.key
		and t.lower_id = p.lower_id and t.upper_id = p.upper_id
		and t.xmin = t.written::xid
		and t.at <= now() and t.until > now() and t.at > now() - interval '12 hours'
		and not exists (select from recording_change c
			where c.tenant_id = f.tenant
			and c.day between search_day(p.lower_id) and search_day(p.upper_id)
			and c.xid >= pg_snapshot_xmin(t.snapshot)
			and not pg_visible_in_snapshot(c.xid, t.snapshot)));
end $$;

-- Returns the part that is all of the filter's time, with the numbers of its
-- moods if they are kept and true for this snapshot. One look replaces one for
-- each day while nothing changes.
create function search_whole(f search_filter) returns search_tally
language plpgsql stable
set search_path from current
as $$
declare
	whole search_tally;
begin
	whole.zone := 0;
	whole.day := 'infinity';
	whole.lower_id := '00000000-0000-0000-0000-000000000000';
	whole.upper_id := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
	return (search_recall(f, search_whole_key(f), array[whole]))[1];
end $$;

-- Returns the parts with their numbers, counted. One statement for all, whose
-- bounds are constants: few partitions are planned, and each part reads its own.
create function search_count(f search_filter, parts search_tally[])
returns search_tally[]
language plpgsql stable
set search_path from current
as $$
declare
	counted search_tally[];
begin
	f.days := null;
	execute format('select array_agg((p.zone, p.day, p.lower_id, p.upper_id, p.sites, '
		'c.until, c.total, c.moods, pg_current_snapshot())::search_tally) '
		'from unnest($2) p cross join lateral ('
		'select coalesce(sum(n), 0)::int as total, '
		'coalesce(min(until), ''infinity'') as until, '
		'coalesce(jsonb_object_agg(mood, n) filter (where mood is not null), ''{}'') '
		'as moods from (select r.mood, count(*) as n, min(r.expires_at) as until '
		'from recording r where r.id >= p.lower_id and r.id < p.upper_id '
		'and r.id >= %L and r.id < %L and %s %s group by r.mood) m) c',
		(select min(p.lower_id::text) from unnest(parts) p),
		(select max(p.upper_id::text) from unnest(parts) p),
		search_conditions(f, false), case when cardinality(f.zones) > 1
			then 'and r.site_id = any (p.sites)' end)
	into counted using f, parts;
	return counted;
end $$;

-- Returns the parts of the filter's time with their numbers, newest first, at
-- least until they have more than `enough` recordings of its moods (null: all).
-- See search_keep().
create function search_tallies(f search_filter, enough int) returns search_tally[]
language plpgsql stable
set search_path from current
as $$
declare
	key text := search_key(f);
	oldest int := 3 + (select max(z.retention) from unnest(f.zones) z);
	parts search_tally[];
	tallies search_tally[] := '{}';
	n int := 0;
	days int := 2;
begin
	while n <= oldest loop
		parts := search_recall(f, key,
			array(select p from search_parts(f, n, n + days - 1) p));
		tallies := tallies || array(select p from unnest(parts) p
			where p.total is not null);
		parts := array(select p from unnest(parts) p where p.total is null);
		if cardinality(parts) > 0 then
			tallies := tallies || search_count(f, parts);
		end if;
		exit when search_sum(tallies, f.moods) > enough;
		n := n + days;
		days := days * 3;
	end loop;
	return tallies;
end $$;

-- Returns search_whole() with the numbers of all parts, to be kept.
create function search_join(f search_filter, whole search_tally,
	tallies search_tally[]) returns search_tally
language plpgsql stable
set search_path from current
as $$
begin
	whole.until := coalesce((select min(t.until) from unnest(tallies) t), 'infinity');
	whole.total := search_sum(tallies, f.moods);
	whole.moods := (select coalesce(jsonb_object_agg(mood, n), '{}') from (
		select m.key as mood, sum(m.value::int) as n
		from unnest(tallies) t, jsonb_each_text(t.moods) m group by m.key) x);
	whole.snapshot := pg_current_snapshot();
	return whole;
end $$;

-- Returns how many recordings of the moods (null: of any, or none yet).
create function search_sum(tallies search_tally[], moods text[]) returns int
language plpgsql immutable
set search_path from current
as $$
begin
	return (select coalesce(sum(case when search_sum.moods is null then t.total else (
		select coalesce(sum((t.moods ->> m)::int), 0)
		from unnest(search_sum.moods) m) end), 0)::int
	from unnest(tallies) t);
end $$;

-- May this transaction keep numbers of the customer? One at a time: others do
-- without rather than wait for its end.
create function search_may_keep(f search_filter) returns boolean
language sql volatile
as $$
select pg_try_advisory_xact_lock(hashtextextended('search_keep', f.tenant))
$$;

-- Keeps what was counted anew, see search_recall(). A kept number that replaces
-- a newer one is true all the same.
create function search_keep(f search_filter, tallies search_tally[]) returns void
language sql volatile
set search_path from current
as $$
insert into recording_tally as t
select f.tenant, hashtext(k) & 255, n.zone, n.day, k, n.lower_id, n.upper_id, now(),
	n.until, n.snapshot, pg_current_xact_id(), n.total, n.moods
from unnest(tallies) n, search_key(f) part, search_whole_key(f) whole,
	lateral (select case when n.zone = 0 then whole else part end) x (k)
where n.snapshot is not null
and (select search_may_keep(f))
order by n.zone, n.day
on conflict (tenant_id, slot, zone, day) do update set key = excluded.key,
	lower_id = excluded.lower_id, upper_id = excluded.upper_id, at = excluded.at,
	until = excluded.until, snapshot = excluded.snapshot,
	written = excluded.written, total = excluded.total, moods = excluded.moods
$$;

-- What can be chosen in the filters of a scope, see search_choices().
create type search_choice as (
	sites		json,		-- [{"id", "name", "retention_days", "time_zone"}]
	time_zones	int,		-- how many the sites have
	accounts	json,		-- [{"id", "name"}], at most 200
	retention_days	json,		-- {"min", "max"}
	alone		boolean,	-- there is one account
	snapshot	pg_snapshot	-- that it was read in; null: it is kept
);

-- Returns the choices of the filter within the scope.
create function search_choices(f search_filter) returns search_choice
language sql stable
set search_path from current
as $$
	with reach as (
		select s.public_id as id, s.name, s.retention_days, s.time_zone from site s
		where s.tenant_id = f.tenant
		and (f.team is null or s.id = any (f.team))
		and (f.own is null or s.id in (select a.site_id from account a
			where a.tenant_id = f.tenant and a.id = f.own))
	), listed as (
		select a.public_id as id, btrim(a.first_name || ' ' || a.last_name) as name
		from account a
		where a.tenant_id = f.tenant and f.own is null
		and (f.team is null or a.site_id = any (f.team))
		order by a.last_name, a.first_name, a.id limit 200
	)
	select (
		(select coalesce(array_to_json(array_agg(reach order by name, id)), '[]') from reach),
		(select count(distinct time_zone)::int from reach),
		(select coalesce(array_to_json(array_agg(listed order by name, id)), '[]') from listed),
		(select json_build_object('min', min(retention_days),
			'max', max(retention_days)) from reach),
		(select count(*) = 1 from listed),
		pg_current_snapshot())::search_choice;
$$;

-- Returns search_choices() of a team, kept if that is true, see search_recall();
-- of one person always read.
create function search_choices_kept(f search_filter) returns search_choice
language plpgsql stable
set search_path from current
as $$
declare
	c search_choice;
begin
	select k.sites, k.time_zones, k.accounts, k.retention_days, k.alone, null into c
	from recording_choice k
	where f.own is null and k.tenant_id = f.tenant and k.team = app_team()
	and k.xmin = k.written::xid and k.at > now() - interval '12 hours'
	and not exists (select from recording_change m
		where m.tenant_id = f.tenant and m.day = -1
		and m.xid >= pg_snapshot_xmin(k.snapshot)
		and not pg_visible_in_snapshot(m.xid, k.snapshot));
	if not found then
		c := search_choices(f);
	end if;
	return c;
end $$;

-- Keeps the choices of a team that were read anew.
create function search_choices_keep(f search_filter, c search_choice) returns void
language sql volatile
set search_path from current
as $$
insert into recording_choice
select f.tenant, app_team(), now(), c.snapshot, pg_current_xact_id(), c.sites,
	c.time_zones, c.accounts, c.retention_days, c.alone
where c.snapshot is not null and f.own is null and (select search_may_keep(f))
on conflict (tenant_id, team) do update set at = excluded.at,
	snapshot = excluded.snapshot, written = excluded.written,
	sites = excluded.sites, time_zones = excluded.time_zones,
	accounts = excluded.accounts, retention_days = excluded.retention_days,
	alone = excluded.alone
$$;
