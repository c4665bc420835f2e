set local role smartrecord_owner;

-- The searched words: as a query, and as what is needed to mark them in a text.
create type search_terms as (
	query		tsquery,	-- all terms and exclusions
	unwanted	tsquery,	-- the exclusions
	terms		tsquery[],	-- each word or phrase that must occur
	names		tsquery[],	-- or else for each term the number or
					-- name of a party or account
	pairs		tsquery[],	-- for each term the search_pair()s that
					-- it always has, or null
	roots		text[],		-- for each term a regular expression that
					-- its folded text always matches
	wanted		text[],		-- lexemes to mark
	begins		text[],		-- beginnings of half-typed words to mark
	numbers		text[],		-- expressions of digits to mark
	whole		text,		-- the number that the whole text is
	typed		jsonb,		-- what was typed: {"text", "kind",
					-- "number", "leads", "half"}
	length		int,		-- words, without stop words
	capped		boolean		-- further words are ignored
);

-- The sites of one time zone, and the days of a filter as bounds of the ids of
-- their recordings: lower_id <= id < upper_id.
create type search_days as (
	sites		int[],
	lower_id	uuid,
	upper_id	uuid
);

-- The sites of a filter in one time zone, and the filter's own bounds there.
create type search_zone as (
	name		text,
	sites		int[],
	since		timestamptz,	-- or null
	until		timestamptz,	-- or null
	retention	int		-- the longest, in days
);

-- The members of a filter, checked. src/recordings/filter.c refuses wrong
-- values with better messages; these checks protect against other callers.
create type search_filter as (
	tenant		int,
	own		int,		-- scope: this account only, or null
	team		int[],		-- scope: these sites only, or null
	since		timestamptz,
	until		timestamptz,
	zones		search_zone[],	-- by name; null: no site
	days		search_days[],	-- in each zone, if there are several; else null
	after		uuid,
	size		int,		-- items per page
	sites		int[],
	moods		text[],
	account		int,
	direction	text,
	min_ms		int,
	max_ms		int,
	party		boolean,	-- number is given
	words		search_terms,
	query		tsquery,	-- words or parties, number, keys; null:
					-- no words
	pairs		tsquery,	-- holds wherever query does, if the call
					-- has pairs; or null
	mood_query	tsquery,	-- the moods, where query is not null
	fresh		timestamptz,	-- ingested after this instant only
	prefix		boolean		-- the last word is a beginning
);

-- Returns a scalar member of the filter as text, or null. SR400 with the field:
-- it is no scalar or does not match the pattern.
create function search_member(filter jsonb, name text, pattern text) returns text
language plpgsql stable
set search_path from current
as $$
begin
	if jsonb_typeof(filter -> name) not in ('string', 'number', 'boolean', 'null')
		or filter ->> name !~ pattern then
		perform refuse_field(name, 'Cette valeur ne convient pas.');
	end if;
	return filter ->> name;
end $$;

-- Returns the elements of an array of the filter as texts, or null. SR400 with
-- the field: it is no array, has more than 100 elements, or one does not match.
create function search_members(filter jsonb, name text, pattern text)
returns text[]
language plpgsql stable
set search_path from current
as $$
declare
	list jsonb := filter -> name;
begin
	if list is null or list = 'null' then
		return null;
	elsif jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 100 then
		perform refuse_field(name, 'Cette valeur ne convient pas.');
	end if;
	return array(
		select search_member(jsonb_build_object(name, x), name, pattern)
		from jsonb_array_elements(list) x);
end $$;

-- Returns an instant of the filter, or null: an RFC 3339 instant as it is; for
-- a day, its beginning in the zone plus a number of days. SR400 with the field:
-- it is neither.
create function search_instant(filter jsonb, name text, zone text, days int)
returns timestamptz
language plpgsql stable
set search_path from current
as $$
declare
	value text := search_member(filter, name, '^[0-9]{4}-[0-9]{2}-[0-9]{2}');
	instant timestamptz := rfc3339_read(value);
begin
	if length(value) = 10 then
		-- midnight may occur twice, or not at all: a second after the day before
		instant := (value::date + days - interval '1 second') at time zone zone
			+ interval '1 second';
	end if;
	if value is not null and instant is null then
		perform refuse_field(name, 'Cette valeur ne convient pas.');
	end if;
	return instant;
exception when data_exception then
	perform refuse_field(name, 'Cette valeur ne convient pas.');
end $$;

-- Returns the filter with since and until. A day is that of each recording's
-- site, as its row shows it: since and until include the day in each zone, and
-- days has the bounds per zone where there are several. Both stay between the
-- longest retention (90 days) and the next hour.
create function search_between(f search_filter, filter jsonb) returns search_filter
language plpgsql stable
set search_path from current
as $$
declare
	oldest constant timestamptz := now() - 90 * interval '24 hours';
	newest constant timestamptz := now() + interval '1 hour';
	zones int;
begin
	f.zones := array(
		select (s.time_zone, array_agg(s.id order by s.id),
			search_instant(filter, 'from', s.time_zone, 0),
			search_instant(filter, 'to', s.time_zone, 1),
			max(s.retention_days))::search_zone
		from site s
		where s.tenant_id = f.tenant and (f.team is null or s.id = any (f.team))
		and (f.sites is null or s.id = any (f.sites))
		group by s.time_zone order by s.time_zone);
	zones := cardinality(f.zones);
	select min(z.from_here), max(z.to_here), case when several_days then array_agg((
		z.sites, uuid7_floor(z.from_here), uuid7_floor(z.to_here))::search_days
		order by z.name) end
	into f.since, f.until, f.days
	from (
		select z.name, z.sites, greatest(z.since, oldest) as from_here,
			least(z.until, newest) as to_here,
			zones > 1 and (length(filter ->> 'from') = 10
				or length(filter ->> 'to') = 10) is true as several_days
		from unnest(f.zones) z
	) z group by several_days;
	if zones = 0 then	-- no site, no recording; wrong values are refused all the same
		f.since := coalesce(search_instant(filter, 'from', 'UTC', 0), newest);
		f.until := coalesce(search_instant(filter, 'to', 'UTC', 1), oldest);
	end if;
	return f;
end $$;

-- Returns a query for any of the keys with their prefix; null without keys.
create function search_keyed(kind text, keys text[]) returns tsquery
language plpgsql immutable
as $$
begin
	return (select (select string_agg(search_quote(kind || k), ' | ') from unnest(keys) k)::tsquery);
end $$;

-- Returns the conjunction of the queries that are not null; null without any.
create function search_all(variadic queries tsquery[]) returns tsquery
language plpgsql immutable
as $$
begin
	return (select (select string_agg(format('(%s)', q), ' & ') from unnest(queries) q
		where q is not null)::tsquery);
end $$;

-- Returns the checked filter with the request's scope. SR400 with the field: a
-- value is not valid, or q has no word to search for.
create function search_filter_of(filter jsonb) returns search_filter
language plpgsql stable
set search_path from current
as $$
declare
	f search_filter;
	party tsquery;
	int_pattern constant text := '^[0-9]{1,9}$';
	id_pattern constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
	sites uuid[];
	account uuid;
begin
	f.tenant := app_tenant();
	f.own := case when app_team() = '' then coalesce(app_account(), 0) end;
	f.team := case when app_team() not in ('', 'all') then app_sites() end;
	-- a site or an account of another tenant matches nothing
	sites := search_members(filter, 'site', id_pattern)::uuid[];
	if sites is not null then
		f.sites := array(select s.id from site s
			where s.tenant_id = f.tenant and s.public_id = any (sites)) || 0;
	end if;
	f.moods := search_members(filter, 'mood', '^('
		|| array_to_string(recording_moods(), '|') || ')$');
	account := search_member(filter, 'account', id_pattern)::uuid;
	if account is not null then
		f.account := coalesce((select a.id from account a
			where a.tenant_id = f.tenant and a.public_id = account), 0);
	end if;
	f.direction := search_member(filter, 'direction', '^(inbound|outbound|internal)$');
	f.min_ms := search_member(filter, 'min_ms', int_pattern)::int;
	f.max_ms := search_member(filter, 'max_ms', int_pattern)::int;
	f.after := search_member(filter, 'after', id_pattern)::uuid;
	f.size := least(coalesce(search_member(filter, 'limit', int_pattern)::int, 50), 100);
	f := search_between(f, filter);
	f.fresh := search_instant(filter, 'since', 'UTC', 0);
	if search_member(filter, 'q', '^.{0,200}$') ~ '\S' then
		f.prefix := search_member(filter, 'prefix', '^(true|false)$') = 'true';
		f.words := search_names(f, search_read(
			case when f.prefix then rtrim(search_typed(filter ->> 'q'))
				else filter ->> 'q' end,
			search_member(filter, 'typing', '^(true|false)$') = 'true' is true
				or f.prefix is true));
	end if;
	f.party := coalesce(search_member(filter, 'number', '^.{0,100}$') ~ '\S', false);
	if f.party then
		party := search_party(filter ->> 'number');
	end if;
	if (f.words).query is not null or party is not null then
		f.query := search_all(search_box(f.words), party,
			search_keyed('a/', array[f.own]::text[]),
			search_keyed('a/', array[f.account]::text[]),
			search_keyed('s/', f.team::text[]), search_keyed('s/', f.sites::text[]));
		f.pairs := search_pairs(f.words);
		f.mood_query := search_keyed('m/', f.moods);
	end if;
	return f;
end $$;
