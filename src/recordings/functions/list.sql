set local role smartrecord_owner;

-- Returns the condition on recording r that it is of the tenant of filter $1,
-- neither expired nor deleted. It checks recording_gone only while a deletion of
-- the tenant has not removed all its rows of recording.
create function search_visible(f search_filter) returns text
language plpgsql stable
set search_path from current
as $$
begin
	return (select 'r.tenant_id = ($1).tenant and r.expires_at > now()'
		|| case when exists (select from deletion d where d.tenant_id = f.tenant
				and d.standing is not null and d.finished_at is null)
			then ' and not exists (select from recording_gone g '
			'where g.tenant_id = r.tenant_id and g.id = r.id)' else '' end);
end $$;

-- Returns the days of a filter as conditions on recording r, one per zone.
create function search_days_condition(days search_days[]) returns text
language plpgsql immutable
set search_path from current
as $$
begin
	return (select string_agg(format('r.site_id = any (($1).days[%s].sites) '
		'and r.id >= %L and r.id < %L', n, lower_id, upper_id), ' or ')
	from unnest(days) with ordinality d (sites, lower_id, upper_id, n));
end $$;

-- Returns the filter as conditions on recording r. They refer to the parameter
-- $1, not to its values: a failing statement then logs no searched word, and
-- the planner still sees constants.
create function search_conditions(f search_filter, with_mood boolean) returns text
language plpgsql stable
set search_path from current
as $$
begin
	return (select search_visible(f)
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
			then ' and r.tsv @@ ($1).mood_query' else '' end);
end $$;

-- Returns the condition on recording r that it has the pairs of the words, which
-- narrows a phrase, for recordings that all have pairs: those from `since` on.
create function search_pairs_condition(f search_filter, since timestamptz)
returns text
language plpgsql stable
set search_path from current
as $$
begin
	return case when f.pairs is not null and since >= search_paired_since()
		then ' and r.tsv @@ ($1).pairs' else '' end;
end $$;

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

-- Returns the ids of a page without words, newest first, and one more when there
-- are more.
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

-- Returns the recording_item() of each id, newest first. Its plan is made once
-- for all: it looks ids up, between bounds that choose the partitions, and for
-- each its site and account ("offset 0" keeps this order, as the planner does
-- not know how few there are).
create function search_plain_items(tenant int, ids uuid[]) returns json
language plpgsql stable
set search_path from current
set plan_cache_mode = force_generic_plan
as $$
begin
	return (select array_to_json(array_agg(recording_item(r, s, a) order by r.id desc))
		from (select * from recording r
			where r.tenant_id = search_plain_items.tenant and r.id = any (ids)
			and r.id between ids[cardinality(ids)] and ids[1] offset 0) r
		cross join lateral (select * from site s
			where s.tenant_id = r.tenant_id and s.id = r.site_id offset 0) s
		cross join lateral (select * from account a
			where a.tenant_id = r.tenant_id and a.id = r.account_id offset 0) a);
end $$;

-- Returns the recording_item() of each id, newest first; "match" as
-- search_matches(). Each id is looked up in its own partition, by a plan that is
-- made once for all.
create function search_word_items(tenant int, ids uuid[], t search_terms)
returns json
language plpgsql stable
set search_path from current
set plan_cache_mode = force_generic_plan
as $$
declare
	items json[];
	texts search_text[];
begin
	select array_agg(recording_item(r, s, a) order by x.n),
		array_agg((r.tsv, u.starts, r.subject, u.summary, u.utterances)::search_text
			order by x.n)
	into items, texts
	from unnest(ids) with ordinality x (id, n)
	cross join lateral (select * from recording r
		where r.tenant_id = search_word_items.tenant and r.id = x.id
		and r.id between ids[cardinality(ids)] and ids[1] offset 0) r
	cross join lateral (select * from site s
		where s.tenant_id = r.tenant_id and s.id = r.site_id offset 0) s
	cross join lateral (select * from account a
		where a.tenant_id = r.tenant_id and a.id = r.account_id offset 0) a
	left join lateral (select * from utterance u
		where u.tenant_id = search_word_items.tenant and u.id = x.id
		and u.id between ids[cardinality(ids)] and ids[1] offset 0) u on true;
	return (
		select array_to_json(array_agg(item::jsonb
			|| jsonb_build_object('match', match) order by n))
		from unnest(items, search_matches(texts, t)) with ordinality
			x (item, match, n));
end $$;

-- Returns the items of a page of search_list().
create function search_items(f search_filter, ids uuid[]) returns json
language plpgsql stable
set search_path from current
as $$
begin
	return coalesce(case when cardinality(ids) = 0 then null
		when (f.words).query is null then search_plain_items(f.tenant, ids)
		else search_word_items(f.tenant, ids, f.words) end, '[]');
end $$;

-- Returns how many recordings match per mood, and in total, as search_counts(),
-- with the tallies that were counted anew.
create function search_counted(f search_filter, out moods jsonb, out floors boolean,
	out total int, out tallies search_tally[])
language plpgsql stable
set search_path from current
as $$
declare
	whole search_tally;
	found record;
begin
	if search_is_kept(f) then
		whole := search_whole(f);
		if whole.total is null then
			tallies := search_tallies(f, 10000);
			whole := search_join(f, whole, tallies);
			tallies := tallies || whole;
		end if;
		total := whole.total;
		floors := total > 10000;
		moods := whole.moods;
		return;
	end if;
	select * into found from search_counts(f, false);
	moods := found.moods;
	floors := found.total > 10000;
	total := case
		when f.moods is null then found.total
		when floors then (search_counts(f, true)).total
		else (select coalesce(sum((found.moods ->> m)::int), 0)
			from unnest(f.moods) m) end;
end $$;

-- Is it one person whose calls the filter finds? Moods are not counted then. It
-- is when the filter names an account or a number, or q is only that, or when
-- there is one account (alone: in the scope without the filter).
create function search_one_person(f search_filter, understood jsonb,
	alone boolean) returns boolean
language plpgsql stable
set search_path from current
as $$
begin
	return (select f.own is not null or f.account is not null or f.party
		or (f.words).query is not null and (f.words).whole is not null
		or understood <> '[]' and not exists (
			select from jsonb_array_elements(understood) u
			where u ->> 'kind' not in ('number', 'name', 'excluded'))
		or case when f.sites is null then alone else 1 = (
			select count(*) from (select from account a
				where a.tenant_id = f.tenant and a.site_id = any (array(
					select s from unnest(f.zones) z, unnest(z.sites) s)) limit 2) x)
			end);
end $$;

-- Returns a page of the list, from one snapshot: the choices of search_choice
-- with {"items", "next", "counts", "counts_are_capped", "total",
-- "total_is_capped", "words_are_capped", "understood", "prefix", "as_of"}. "next"
-- is the last id, or null; "total" stops at 10,000, with words at
-- search_counted_max(); "counts" is null where search_one_person();
-- "words_are_capped" is true when words of the search were ignored; for
-- "understood" see search_understood(). Also returns what search_keep() and
-- search_choices_keep() keep.
--
-- The planner must use indexes, in this process: to start others takes longer
-- than the list.
create function search_list(f search_filter, as_of timestamptz, out page json,
	out total int, out tallies search_tally[], out choices search_choice)
language plpgsql stable
set search_path from current
set jit = off
set max_parallel_workers_per_gather = 0
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	ids uuid[];
	found record;
	understood jsonb := '[]';
	most constant int := case when f.query is null then 10000
		else search_counted_max() end;
begin
	if f.query is null then
		ids := search_page(f);
		select c.moods, c.total, c.floors, c.tallies into found from search_counted(f) c;
		tallies := found.tallies;
	else
		select h.ids, h.moods, h.total, h.counted > most as floors into found
		from search_found(f, true) h;
		ids := found.ids;
	end if;
	total := found.total;
	choices := search_choices_kept(f);
	if (f.words).query is not null then
		understood := search_understood(f.words, f.tenant, ids[:f.size]);
	end if;
	page := json_build_object(
		'items', search_items(f, ids[:f.size]),
		'next', case when cardinality(ids) > f.size then ids[f.size] end,
		'as_of', rfc3339_us(as_of),
		'total', least(total, most),
		'total_is_capped', total > most,
		'counts', case when not search_one_person(f, understood,
			choices.alone) then found.moods end,
		'counts_are_capped', found.floors,
		'words_are_capped', coalesce((f.words).capped, false),
		'understood', understood,
		'prefix', coalesce(f.prefix, false),
		'sites', choices.sites,
		'time_zones', choices.time_zones,
		'accounts', choices.accounts,
		'retention_days', choices.retention_days);
end $$;
