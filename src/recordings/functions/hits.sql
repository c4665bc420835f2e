set local role smartrecord_owner;

-- Returns how many recordings found by words are counted: a number beyond is a
-- lower bound.
create function search_counted_max() returns int
language sql immutable
as $$
select 2000
$$;

-- Returns a query for the lexemes of the UTC hours from an instant until
-- another, see search_keys().
create function search_hours(since timestamptz, until timestamptz) returns tsquery
language plpgsql immutable
set search_path from current
as $$
begin
	return (select string_agg(search_quote(search_hour(h)), ' | ')::tsquery
	from generate_series(date_trunc('hour', since, 'UTC'), until - interval '1 us',
		interval '1 hour') h);
end $$;

-- Returns the beginning of the next window before top: about so many hours. One
-- of less than a day begins with an hour, others with a UTC day. A window has
-- only days with the lexemes of hours and pairs, or only days without.
create function search_window_start(f search_filter, top timestamptz, hours float)
returns timestamptz
language plpgsql immutable
set search_path from current
as $$
begin
	return (select greatest(f.since, case when top > search_paired_since()
		then greatest(search_paired_since(), bottom)
		else least(bottom, date_trunc('day', top - interval '1 us', 'UTC')) end)
	from (
		select date_trunc(case when hours < 24 then 'hour' else 'day' end,
			top - hours * interval '1 hour', 'UTC') as bottom) b);
end $$;

-- Returns a query for r.id, r.mood and whether it fits a condition, of the
-- recordings of a window [bottom, top) of filter $1. Of frequent words a day has
-- thousands of recordings, and of a phrase each must be read: the index finds
-- those of some hours, and those that have the pairs.
--
-- It names the days' partitions, which takes less planning than the table, and
-- bounds started_at, not the id that is made of it: a new partition has no
-- statistics, and the planner might prefer the primary key's bounds, and read
-- each row's words. null: no partition.
create function search_window(f search_filter, with_mood boolean, fits text,
	bottom timestamptz, top timestamptz)
returns text
language plpgsql stable
set search_path from current
as $$
begin
	return (select string_agg(format('select r.id, r.mood, %s as fits from public.%I r where %s',
			fits, partition, conditions
			|| case when day < bottom then format(' and r.started_at >= %L', bottom) else '' end
			|| case when day + interval '24 hours' > top
				then format(' and r.started_at < %L', top) else '' end),
		' union all ')
	from (
		select day, 'recording_' || to_char(day at time zone 'UTC', 'YYYYMMDD') as partition
		from generate_series(date_trunc('day', top - interval '1 us', 'UTC'), bottom
			- interval '24 hours' + interval '1 us', - interval '24 hours') day) d,
		(select search_conditions(f, with_mood)
			|| case when f.after is not null then ' and r.id < ($1).after' else '' end
			|| search_pairs_condition(f, bottom)
			|| case when bottom >= search_paired_since() and top - bottom < interval '23 hours'
				then format(' and r.tsv @@ %L', search_hours(bottom, top)) else '' end
				as conditions) c
	where to_regclass('public.' || partition) is not null);
end $$;

-- Returns the sums of numbers by name, {name: number}; either may be null.
create function search_sums(a jsonb, b jsonb) returns jsonb
language plpgsql immutable
as $$
begin
	return (select coalesce(jsonb_object_agg(name, n), '{}') from (
		select key as name, sum(value::int) as n from (
			select * from jsonb_each(a) union all select * from jsonb_each(b)) e
		group by key) s);
end $$;

-- Returns what a search by words or parties finds: the ids of its page, newest
-- first, and one more when there are more; and, when counting, how many
-- recordings match per mood, {mood: count}, of f.moods and all others, and in
-- total, of f.moods only. Numbers above search_counted_max() are lower bounds.
--
-- It walks windows of time, newest first, and reads each hit once, for both. The
-- size of a window follows from the hits in the one before, so that a rare word
-- takes few statements and a frequent one reads few recordings. What is counted
-- by mood is asked for without f.moods; once enough is counted, with them.
--
-- It must use the index of words: a scan of the primary key would read each
-- row's words from the TOAST table. Other processes are not started, as in
-- search_list().
create function search_found(f search_filter, counting boolean, out ids uuid[],
	out moods jsonb, out counted int, out total int)
language plpgsql stable
set search_path from current
set jit = off
set max_parallel_workers_per_gather = 0
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
as $$
declare
	most constant int := search_counted_max();
	top timestamptz := least(f.until, uuid7_time(f.after) + interval '1 ms');
	start constant timestamptz := top;
	bottom timestamptz;
	hours float := 4;
	facets boolean;		-- this window is asked for all moods
	hits text;
	w record;
	whole search_filter := f;
	wanted int;		-- hits that are missing
	found int;
begin
	ids := '{}';
	moods := '{}';
	counted := 0;
	total := 0;
	if counting and f.after is not null then	-- the page is apart
		whole.after := null;
		whole.size := -1;
		select h.moods, h.counted, h.total into moods, counted, total
		from search_found(whole, true) h;
		counting := false;
	end if;
	while top > f.since loop
		facets := counting and counted <= most;
		exit when not facets and cardinality(ids) > f.size
			and (not counting or f.moods is null or total > most);
		bottom := search_window_start(f, top, hours);
		hits := search_window(f, not facets, case when facets and f.moods is not null
			then 'coalesce(r.mood = any (($1).moods), false)' else 'true' end, bottom, top);
		top := bottom;
		continue when hits is null;
		execute format('with hit as materialized (%s) '
			'select array(select id from hit where fits order by id desc limit %s) as ids, '
			'(select jsonb_object_agg(mood, n) from (select mood, count(*) as n from hit '
			'where mood is not null group by mood) m) as moods, '
			'count(*)::int as n, count(*) filter (where fits)::int as fits from hit',
			hits, f.size + 1 - cardinality(ids))
		into w using f;
		ids := ids || w.ids;
		total := total + case when counting then w.fits else 0 end;
		if facets then
			counted := counted + w.n;
			moods := search_sums(moods, w.moods);
		end if;
		if counting and counted <= most then
			wanted := most - counted;
			found := counted;
		elsif counting then
			wanted := greatest(most - total, f.size + 1 - cardinality(ids));
			found := total;
		else
			wanted := f.size + 1 - cardinality(ids);
			found := cardinality(ids);
		end if;
		hours := extract(epoch from start - bottom) / 3600
			* least(16, greatest(1, 1.2 * wanted / greatest(found, 0.1)));
	end loop;
end $$;
