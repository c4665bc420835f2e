set local role smartrecord_owner;

-- The searched words: as a query, and as what is needed to mark them in a text.
create type search_terms as (
	query		tsquery,	-- all terms and exclusions
	terms		tsquery[],	-- each word or phrase that must occur
	roots		text[],		-- for each term a regular expression that
					-- its folded text always matches
	wanted		text[],		-- lexemes to mark
	begins		text[],		-- beginnings of half-typed words to mark
	length		int,		-- words, without stop words
	capped		boolean		-- further words are ignored
);

-- The members of a filter, checked. src/recordings/filter.c refuses wrong
-- values with better messages; these checks protect against other callers.
create type search_filter as (
	tenant		int,
	own		int,		-- scope: this account only, or null
	team		int[],		-- scope: these sites only, or null
	since		timestamptz,
	until		timestamptz,
	after		uuid,
	size		int,		-- items per page
	sites		int[],
	moods		text[],
	account		int,
	direction	text,
	min_ms		int,
	max_ms		int,
	words		search_terms,
	query		tsquery,	-- words, number, keys; null: no words
	mood_query	tsquery,	-- the moods, where query is not null
	fresh		timestamptz	-- ingested after this instant only
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
	value text := search_member(filter, name, '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
		'(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$');
begin
	if length(value) = 10 then
		return (value::date + days)::timestamp at time zone zone;
	end if;
	return value::timestamptz;
exception when data_exception then
	perform refuse_field(name, 'Cette valeur ne convient pas.');
end $$;

-- Returns a query for any of the keys with their prefix; null without keys.
create function search_keyed(kind text, keys text[]) returns tsquery
language sql immutable
as $$
select (select string_agg(search_quote(kind || k), ' | ') from unnest(keys) k)::tsquery
$$;

-- Returns the conjunction of the queries that are not null; null without any.
create function search_all(variadic queries tsquery[]) returns tsquery
language sql immutable
as $$
select (select string_agg(format('(%s)', q), ' & ') from unnest(queries) q
	where q is not null)::tsquery
$$;

-- Returns the checked filter with the request's scope. SR400 with the field: a
-- value is not valid, or q has no word to search for.
create function search_filter_of(filter jsonb) returns search_filter
language plpgsql stable
set search_path from current
as $$
declare
	f search_filter;
	zone text;
	party tsquery;
	int_pattern constant text := '^[0-9]{1,9}$';
	id_pattern constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
	sites uuid[];
	account uuid;
begin
	f.tenant := app_tenant();
	select time_zone into zone from tenant where id = f.tenant;
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
	-- bounds: the longest retention (90 days), and an hour ahead
	f.since := greatest(search_instant(filter, 'from', zone, 0),
		now() - 90 * interval '24 hours');
	f.fresh := search_instant(filter, 'since', 'UTC', 0);
	f.until := least(search_instant(filter, 'to', zone, 1),
		now() + interval '1 hour');
	if search_member(filter, 'q', '^.{0,200}$') ~ '\S' then
		f.words := search_read(filter ->> 'q',
			coalesce(search_member(filter, 'typing', '^(true|false)$') = 'true', false));
	end if;
	if search_member(filter, 'number', '^.{0,100}$') ~ '\S' then
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
