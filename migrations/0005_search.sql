-- migrate:up
-- The list: a filter's page of recordings, its counts, its choices.

set role smartrecord_owner;

-- A filter's members, read and checked. src/recordings/filter.c has refused
-- nonsense in better words; here nothing may get through by another way.
create type search_filter as (
	tenant		int,
	own		int,		-- not null: this account only
	team		int[],		-- not null: these sites only
	since		timestamptz,
	until		timestamptz,
	after		uuid,
	size		int,
	sites		int[],
	moods		text[],
	account		int,
	direction	text,
	min_ms		int,
	max_ms		int,
	words		search_terms,
	query		tsquery,	-- words, number and keys; null: none asked
	mood_query	tsquery,
	fresh		timestamptz	-- ingested after it
);

create function search_member(filter jsonb, name text, pattern text) returns text
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
	if jsonb_typeof(filter -> name) not in ('string', 'number', 'boolean', 'null')
		or filter ->> name !~ pattern then
		perform search_refuse(name, 'Cette valeur ne convient pas.');
	end if;
	return filter ->> name;
end $$;

create function search_members(filter jsonb, name text, pattern text)
returns text[]
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	list jsonb := filter -> name;
begin
	if list is null or list = 'null' then
		return null;
	elsif jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 100 then
		perform search_refuse(name, 'Cette valeur ne convient pas.');
	end if;
	return array(
		select search_member(jsonb_build_object(name, x), name, pattern)
		from jsonb_array_elements(list) x);
end $$;

-- A day of the customer's zone (its end when it closes a range), or an exact
-- instant.
create function search_instant(filter jsonb, name text, zone text, days int)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	value text := search_member(filter, name, '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
		'(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$');
begin
	if length(value) = 10 then
		return (value::date + days)::timestamp at time zone zone;
	end if;
	return value::timestamptz;
exception when data_exception then
	perform search_refuse(name, 'Cette valeur ne convient pas.');
end $$;

-- Any of the keys; null: no keys.
create function search_keyed(kind text, keys text[]) returns tsquery
language sql immutable
return (select string_agg(search_quote(kind || k), ' | ') from unnest(keys) k)::tsquery;

-- All of the queries that are one.
create function search_all(variadic queries tsquery[]) returns tsquery
language sql immutable
return (select string_agg(format('(%s)', q), ' & ') from unnest(queries) q
	where q is not null)::tsquery;

create function search_filter_of(filter jsonb) returns search_filter
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	f search_filter;
	zone text;
	party tsquery;
	int_pattern constant text := '^[0-9]{1,9}$';
begin
	f.tenant := app_tenant();
	select time_zone into zone from tenant where id = f.tenant;
	f.own := case when app_team() = '' then coalesce(app_account(), 0) end;
	f.team := case when app_team() not in ('', 'all') then app_sites() end;
	f.sites := search_members(filter, 'site', int_pattern)::int[];
	f.moods := search_members(filter, 'mood', '^('
		|| array_to_string(recording_moods(), '|') || ')$');
	f.account := search_member(filter, 'account', int_pattern)::int;
	f.direction := search_member(filter, 'direction', '^(inbound|outbound|internal)$');
	f.min_ms := search_member(filter, 'min_ms', int_pattern)::int;
	f.max_ms := search_member(filter, 'max_ms', int_pattern)::int;
	f.after := search_member(filter, 'after',
		'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')::uuid;
	f.size := least(coalesce(search_member(filter, 'limit', int_pattern)::int, 50), 100);
	-- nothing is older than the longest retention, nor much newer than now
	f.since := greatest(search_instant(filter, 'from', zone, 0),
		now() - interval '90 days');
	f.fresh := search_instant(filter, 'since', 'UTC', 0);
	f.until := least(search_instant(filter, 'to', zone, 1),
		now() + interval '1 hour');
	if search_member(filter, 'q', '^.{0,255}$') ~ '\S' then
		f.words := search_read(filter ->> 'q',
			coalesce(search_member(filter, 'typing', '^(true|false)$') = 'true', false));
	end if;
	if search_member(filter, 'number', '^.{0,255}$') ~ '\S' then
		party := search_party(filter ->> 'number');
	end if;
	if (f.words).query is not null or party is not null then
		f.query := search_all((f.words).query, party,
			search_keyed('a/', array[f.own]::text[]),
			search_keyed('a/', array[f.account]::text[]),
			search_keyed('s/', f.team::text[]), search_keyed('s/', f.sites::text[]));
		f.mood_query := search_keyed('m/', f.moods);
	end if;
	return f;
end $$;

-- What of the customer is there to be seen, by whomever: a condition on
-- recording r.
create function search_visible(f search_filter) returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
return 'r.tenant_id = ($1).tenant and r.expires_at > now()';

-- The filter $1 as a where clause on recording r. Parameters, not texts: a
-- statement that fails puts no word searched into a log; the planner sees
-- constants all the same.
create function search_conditions(f search_filter, with_mood boolean) returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
return search_visible(f)
	|| case when f.own is not null then ' and r.account_id = ($1).own' else '' end
	|| case when f.team is not null then ' and r.site_id = any (($1).team)' else '' end
	|| case when f.sites is not null then ' and r.site_id = any (($1).sites)' else '' end
	|| case when f.account is not null then ' and r.account_id = ($1).account' else '' end
	|| case when f.direction is not null then ' and r.direction = ($1).direction' else '' end
	|| case when f.min_ms is not null then ' and r.duration_ms >= ($1).min_ms' else '' end
	|| case when f.max_ms is not null then ' and r.duration_ms <= ($1).max_ms' else '' end
	|| case when f.fresh is not null then ' and r.ingested_at > ($1).fresh' else '' end
	|| case when f.query is not null then ' and r.tsv @@ ($1).query' else '' end
	|| case when with_mood and f.moods is not null
		then ' and r.mood = any (($1).moods)' else '' end
	|| case when with_mood and f.mood_query is not null
		then ' and r.tsv @@ ($1).mood_query' else '' end;

-- Ids from since to until, newest first, in windows of 1, 2, 4… UTC days:
-- each is planned with its bounds as constants and touches few partitions.
create function search_windows(since timestamptz, until timestamptz, after uuid)
returns table (lower_id uuid, upper_id uuid)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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

-- Ids of a page, newest first, and one more when there are more.
create function search_page(f search_filter) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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

-- {"mood": n} and how many in all; calls still being analysed count without a
-- mood. Past 10,000 the older days are left out: the numbers are then floors.
create function search_counts(f search_filter, with_mood boolean,
	out moods jsonb, out total int)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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

-- The rows of a page as people see them, each with the place of its words.
create function search_items(f search_filter, ids uuid[]) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	items jsonb;
begin
	execute format('select jsonb_agg(recording_item(r, s, a) %s order by r.id desc) '
		'from recording r '
		'join site s on s.tenant_id = r.tenant_id and s.id = r.site_id '
		'join account a on a.tenant_id = r.tenant_id and a.id = r.account_id %s '
		'where r.tenant_id = ($1).tenant and r.id = any ($2) '
		'and r.id between %3$L and %4$L',
		case when (f.words).query is not null then
			'|| jsonb_build_object(''match'', search_match(u.utterances, '
			'r.subject, u.summary, ($1).words))' end,
		case when (f.words).query is not null then
			format('join utterance u on u.tenant_id = r.tenant_id and u.id = r.id '
			'and u.id between %L and %L', ids[cardinality(ids)], ids[1]) end,
		ids[cardinality(ids)], ids[1])
	into items using f, ids;
	return coalesce(items, '[]');
end $$;

-- What can be chosen in the filters.
create function search_choices(f search_filter) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	with reach as (
		select s.id, s.name, s.retention_days from site s
		where s.tenant_id = f.tenant
		and (f.team is null or s.id = any (f.team))
		and (f.own is null or s.id in (select a.site_id from account a
			where a.tenant_id = f.tenant and a.id = f.own))
	), listed as (
		select a.id, btrim(a.first_name || ' ' || a.last_name) as name
		from account a
		where a.tenant_id = f.tenant and f.own is null
		and (f.team is null or a.site_id = any (f.team))
		order by a.last_name, a.first_name, a.id limit 200
	)
	select jsonb_build_object(
		'sites', (select coalesce(jsonb_agg(to_jsonb(reach) order by name, id), '[]')
			from reach),
		'accounts', (select coalesce(jsonb_agg(to_jsonb(listed) order by name, id), '[]')
			from listed),
		'retention_days', (select jsonb_build_object('min', min(retention_days),
			'max', max(retention_days)) from reach));
end;

-- One snapshot for the page, its counts and its rows.
--
-- The planner's settings are this function's own: indexes it is. With words,
-- rows are reached through the index of words or not at all: walking the
-- primary key instead would read each row's words from their own table.
create function search_list(f search_filter) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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
		'total_is_capped', total > 10000);
end $$;

reset role;
