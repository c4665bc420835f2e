set local role smartrecord_owner;

-- Returns the condition on recording r that it is of the tenant of filter $1,
-- neither expired nor deleted. It checks recording_gone only while a deletion of
-- the tenant has not removed all its rows of recording.
create function search_visible(f search_filter) returns text
language sql stable
set search_path from current
as $$
select 'r.tenant_id = ($1).tenant and r.expires_at > now()'
	|| case when exists (select from deletion d where d.tenant_id = f.tenant
			and d.standing is not null and d.finished_at is null)
		then ' and not exists (select from recording_gone g '
		'where g.tenant_id = r.tenant_id and g.id = r.id)' else '' end
$$;

-- Returns the days of a filter as conditions on recording r, one per zone.
create function search_days_condition(days search_days[]) returns text
language sql immutable
set search_path from current
as $$
select string_agg(format('r.site_id = any (($1).days[%s].sites) '
	'and r.id >= %L and r.id < %L', n, lower_id, upper_id), ' or ')
from unnest(days) with ordinality d (sites, lower_id, upper_id, n)
$$;

-- Returns the filter as conditions on recording r. They refer to the parameter
-- $1, not to its values: a failing statement then logs no searched word, and
-- the planner still sees constants.
create function search_conditions(f search_filter, with_mood boolean) returns text
language sql stable
set search_path from current
as $$
select search_visible(f)
	|| case when f.own is not null then ' and r.account_id = ($1).own' else '' end
	|| case when f.team is not null then ' and r.site_id = any (($1).team)' else '' end
	|| case when f.sites is not null then ' and r.site_id = any (($1).sites)' else '' end
	|| case when f.account is not null then ' and r.account_id = ($1).account' else '' end
	|| coalesce(' and (' || search_days_condition(f.days) || ')', '')
	|| case when f.direction is not null then ' and r.direction = ($1).direction' else '' end
	|| case when f.min_ms is not null then ' and r.duration_ms >= ($1).min_ms' else '' end
	|| case when f.max_ms is not null then ' and r.duration_ms <= ($1).max_ms' else '' end
	|| case when f.fresh is not null then ' and r.ingested_at > ($1).fresh' else '' end
	|| case when f.query is not null then ' and r.tsv @@ ($1).query' else '' end
	|| case when with_mood and f.moods is not null
		then ' and r.mood = any (($1).moods)' else '' end
	|| case when with_mood and f.mood_query is not null
		then ' and r.tsv @@ ($1).mood_query' else '' end
$$;

-- Returns windows of ids [lower_id, upper_id) from until back to since, of 1,
-- 2, 4… UTC days, newest first. A query of one window has constant bounds and
-- touches few partitions. after: only ids before it.
create function search_windows(since timestamptz, until timestamptz, after uuid)
returns table (lower_id uuid, upper_id uuid)
language plpgsql stable
set search_path from current
as $$
declare
	top timestamptz := until;
	days int := 1;
begin
	if after is not null then
		top := least(top, uuid7_time(after) + interval '1 ms');
	end if;
	while top > since loop
		upper_id := least(uuid7_floor(top), after);
		top := greatest(since, date_trunc('day', top - interval '1 us', 'UTC')
			- (days - 1) * interval '24 hours');
		lower_id := uuid7_floor(top);
		days := days * 2;
		return next;
	end loop;
end $$;

-- Returns the ids of a page, newest first, and one more when there are more.
create function search_page(f search_filter) returns uuid[]
language plpgsql stable
set search_path from current
as $$
declare
	w record;
	more uuid[];
	ids uuid[] := '{}';
begin
	for w in select * from search_windows(f.since, f.until, f.after) loop
		execute format('select array(select r.id from recording r '
			'where r.id >= %L and r.id < %L and %s order by r.id desc limit %s)',
			w.lower_id, w.upper_id, search_conditions(f, true),
			f.size + 1 - cardinality(ids))
		into more using f;
		ids := ids || more;
		exit when cardinality(ids) > f.size;
	end loop;
	return ids;
end $$;

-- Returns how many recordings match per mood, {mood: count}, and in total,
-- which includes those without a mood yet. Stops after the window that passes
-- 10,000: the numbers are then lower bounds.
create function search_counts(f search_filter, with_mood boolean,
	out moods jsonb, out total int)
language plpgsql stable
set search_path from current
as $$
declare
	w record;
	c record;
begin
	moods := '{}';
	total := 0;
	for w in select * from search_windows(f.since, f.until, null) loop
		for c in execute format('select r.mood, count(*)::int as n '
			'from recording r where r.id >= %L and r.id < %L and %s group by r.mood',
			w.lower_id, w.upper_id, search_conditions(f, with_mood)) using f
		loop
			total := total + c.n;
			if c.mood is not null then
				moods := moods || jsonb_build_object(c.mood,
					c.n + coalesce((moods ->> c.mood)::int, 0));
			end if;
		end loop;
		exit when total > 10000;
	end loop;
end $$;

-- Returns the recording_item() of each id, newest first; "match" as
-- search_matches(). Each id is looked up in its own partition.
create function search_items(f search_filter, ids uuid[]) returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	words boolean := (f.words).query is not null;
	items jsonb[];
	texts search_text[];
begin
	if cardinality(ids) = 0 then
		return '[]';
	end if;
	execute format('select array_agg(item), array_agg(said) from ('
		'select recording_item(r, s, a) as item, %s as said '
		'from unnest($2) with ordinality x (id, n) '
		'cross join lateral (select * from recording r '
			'where r.tenant_id = ($1).tenant and r.id = x.id '
			'and r.id between %2$L and %3$L offset 0) r '
		'join site s on s.tenant_id = r.tenant_id and s.id = r.site_id '
		'join account a on a.tenant_id = r.tenant_id and a.id = r.account_id %4$s '
		'order by n) x',
		case when words then '(r.tsv, u.starts, r.subject, u.summary, '
			'u.utterances)::search_text' else 'null::search_text' end,
		ids[cardinality(ids)], ids[1],
		case when words then format('left join lateral (select * from utterance u '
			'where u.tenant_id = ($1).tenant and u.id = x.id '
			'and u.id between %L and %L offset 0) u on true',
			ids[cardinality(ids)], ids[1]) end)
	into items, texts using f, ids;
	if words then
		return coalesce((
			select jsonb_agg(item || jsonb_build_object('match', match) order by n)
			from unnest(items, search_matches(texts, f.words)) with ordinality
				x (item, match, n)), '[]');
	end if;
	return coalesce(to_jsonb(items), '[]');
end $$;

-- Returns the choices of the filter within the scope: {"sites": [{"id", "name",
-- "retention_days", "time_zone"}], "time_zones" (how many the sites have),
-- "accounts": [{"id", "name"}] (at most 200), "retention_days": {"min", "max"}}.
create function search_choices(f search_filter) returns jsonb
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
	select jsonb_build_object(
		'sites', (select coalesce(jsonb_agg(to_jsonb(reach) order by name, id), '[]')
			from reach),
		'time_zones', (select count(distinct time_zone) from reach),
		'accounts', (select coalesce(jsonb_agg(to_jsonb(listed) order by name, id), '[]')
			from listed),
		'retention_days', (select jsonb_build_object('min', min(retention_days),
			'max', max(retention_days)) from reach));
$$;

-- Returns a page of the list, from one snapshot: search_choices() with {"items",
-- "next", "counts", "counts_are_capped", "total", "total_is_capped",
-- "words_are_capped", "understood", "prefix"}. "next" is the last id, or null;
-- "total" stops at 10,000; "words_are_capped" is true when words of the search
-- were ignored; for "understood" see search_understood().
--
-- The planner must use indexes. A search by words must use the index of words:
-- a scan of the primary key would read each row's words from the TOAST table.
create function search_list(f search_filter) returns jsonb
language plpgsql stable
set search_path from current
set jit = off
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	walk text := case when f.query is null then 'on' else 'off' end;
	ids uuid[];
	found record;
	total int;
begin
	perform set_config('enable_indexscan', walk, true),
		set_config('enable_indexonlyscan', walk, true);
	ids := search_page(f);
	select * into found from search_counts(f, false);
	total := case
		when f.moods is null then found.total
		when found.total > 10000 then (search_counts(f, true)).total
		else (select coalesce(sum((found.moods ->> m)::int), 0)
			from unnest(f.moods) m) end;
	perform set_config('enable_indexscan', 'on', true),
		set_config('enable_indexonlyscan', 'on', true);
	return search_choices(f) || jsonb_build_object(
		'items', search_items(f, ids[:f.size]),
		'next', case when cardinality(ids) > f.size then ids[f.size] end,
		'counts', found.moods,
		'counts_are_capped', found.total > 10000,
		'total', least(total, 10000),
		'total_is_capped', total > 10000,
		'words_are_capped', coalesce((f.words).capped, false),
		'understood', case when (f.words).query is null then '[]'
			else search_understood(f.words, f.tenant, ids[:f.size]) end,
		'prefix', coalesce(f.prefix, false));
end $$;
