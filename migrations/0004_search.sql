-- migrate:up
-- Words: how French is made searchable, and the list. Accent-blind, stemmed,
-- and found while half typed. The same functions make the words of a call and
-- those of a query, so that they can't drift apart.

set role smartrecord_owner;

-- Too common to be searched for, folded. The stock French list lacks some
-- ("les") and knows accents only; a list in a file would need the server's
-- disk.
create function search_stop_words() returns text[]
language sql immutable parallel safe
return array['a','ai','aie','aient','aies','ait','alors','as','au','aux','avec',
	'avez','aviez','avions','avons','avait','avaient','avais','ayant','ayez',
	'ayons','ben','bon','c','ca','ce','ceci','cela','ces','cet','cette','d',
	'dans','de','des','donc','du','elle','elles','en','es','est','et','etaient',
	'etais','etait','etant','ete','etes','etiez','etions','etre','eu','euh',
	'eue','eues','eurent','eus','eut','eux','fut','furent','h','hein','hum','il',
	'ils','j','je','l','la','le','les','leur','leurs','lui','m','ma','mais','me',
	'meme','mes','moi','mon','n','ne','nos','notre','nous','oh','on','ont','ou',
	'par','pas','pour','qu','que','qui','s','sa','se','sera','serai','seraient',
	'serais','serait','seras','serez','seriez','serions','serons','seront','ses',
	'soient','sois','soit','sommes','son','sont','soyez','soyons','suis','sur',
	't','ta','te','tes','toi','ton','tu','un','une','vos','votre','vous','y'];

-- The words of a text, in order: letters and digits only, so that
-- "rendez-vous", "l'été" and "44-22" are what a person would type.
create function search_words(t text) returns text[]
language sql immutable parallel safe
return string_to_array(btrim(regexp_replace(normalize(t, NFC),
	'[^[:alnum:]]+', ' ', 'g')), ' ');

create function search_fold(t text) returns text
language sql immutable parallel safe
return lower(public.unaccent('public.unaccent'::regdictionary, t));

-- A word's lexemes: folded, folded then stemmed, stemmed then folded. Folding
-- before stemming breaks the stemmer for one French word in eight, so both
-- orders count. Empty for a stop word. 60 characters: longer is no word.
create function search_forms(word text) returns text[]
language sql immutable parallel safe
return case when search_fold(left(word, 60)) = any (search_stop_words())
	then '{}'::text[]
	else (select array_agg(distinct form) from unnest(array[
		search_fold(left(word, 60)),
		(ts_lexize('pg_catalog.french_stem', search_fold(left(word, 60))))[1],
		search_fold((ts_lexize('pg_catalog.french_stem',
			lower(left(word, 60))))[1])]) form
		where form <> '')
	end;

create function search_quote(lexeme text) returns text
language sql immutable parallel safe
return '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''';

-- The index entry of some texts. Between two texts a position is left out:
-- a phrase does not cross from one utterance into the next.
create function search_tsv(texts text[]) returns tsvector
language sql immutable parallel safe
return (
	with word as (
		select w, row_number() over (order by n, m) + n as at
		from unnest(texts) with ordinality t (t, n),
			unnest(search_words(t)) with ordinality u (w, m)
		where w <> ''
	), form as materialized (
		-- each distinct word is worked out once
		select w, search_forms(w) as forms from (select distinct w from word) d
	)
	select coalesce(string_agg(search_quote(f) || ':' || least(at, 16383), ' '),
		'')::tsvector
	from word join form using (w), unnest(forms) f);

-- The words of one term as a tsquery's text: any form of each, in order, stop
-- words counting as a gap. Null: nothing but stop words. half: the last word
-- is still being typed, whatever begins like it is meant.
create function search_term(words text[], half boolean) returns text
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	result text;
	forms text[];
	part text;
	gap int := 1;
	i int;
begin
	for i in 1 .. cardinality(words) loop
		forms := search_forms(words[i]);
		if cardinality(forms) = 0 then
			gap := gap + 1;
			continue;
		end if;
		select string_agg(search_quote(f), ' | ') into part from unnest(forms) f;
		if half and i = cardinality(words) and length(words[i]) >= 3 then
			part := part || ' | ' ||
				search_quote(search_fold(left(words[i], 60))) || ':*';
		end if;
		result := case when result is null then '(' || part || ')'
			else result || ' <' || gap || '> (' || part || ')' end;
		gap := 1;
	end loop;
	return result;
end $$;

-- What a person typed: words, "phrases", -exclusions; all must be there.
-- wanted: the forms to mark; begins: how a marked word may begin.
create function search_query(q text, typing boolean,
	out query tsquery, out wanted text[], out begins text)
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	m text[];
	term text;
	half boolean;
	positive text[] := '{}';
	negative text[] := '{}';
	words text[];
	all_words text[] := '{}';
begin
	for m in select regexp_matches(left(q, 400),
		'(-?)(?:"([^"]*)("|$)|([^\s"]+))', 'g')
	loop
		words := search_words(coalesce(m[2], m[4]));
		-- the last word, with nothing typed behind it
		half := typing and m[4] is not null and right(q, length(m[4])) = m[4];
		term := search_term(words, half);
		continue when term is null;
		if m[1] = '-' then
			negative := negative || term;
		else
			positive := positive || term;
			all_words := all_words || words;
		end if;
	end loop;
	if cardinality(positive) = 0 and cardinality(negative) > 0 then
		raise exception using errcode = 'SR400', column = 'q', message =
			'Ajoutez un mot à chercher : une exclusion seule ne suffit pas.';
	elsif cardinality(positive) = 0 then
		raise exception using errcode = 'SR400', column = 'q', message =
			'Ces mots sont trop courants pour être cherchés. '
			'Ajoutez un mot plus précis.';
	end if;
	query := ('(' || array_to_string(positive, ') & (') || ')' ||
		coalesce(' & !(' || nullif(array_to_string(negative, ') & !('), '') ||
			')', ''))::tsquery;
	select array_agg(distinct f) into wanted
		from unnest(all_words) w, unnest(search_forms(w)) f;
	-- forms hold letters and digits; what folding made of them is checked
	select '^(' || string_agg(f, '|') || ')' into begins
		from unnest(wanted) f where f ~ '^[[:alnum:]]+$';
end $$;

-- A text cut around its first found word: [{"text", "hit"}, …]; null when no
-- word of it was found.
create function search_snippet(t text, wanted text[], begins text, typing boolean)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	tokens text[] := array(select x[1] from
		regexp_matches(t, '[[:alnum:]]+|[^[:alnum:]]+', 'g') x);
	hits boolean[];
	first_hit int;
	from_token int;
	to_token int;
	parts jsonb := '[]';
	run text := '';
	i int;
begin
	select array_agg(h order by n), min(n) filter (where h)
	into hits, first_hit
	from (select n, search_fold(x) ~ begins
		and (typing or search_forms(x) && wanted) as h
		from unnest(tokens) with ordinality u (x, n)) v;
	if first_hit is null then
		return null;
	end if;
	from_token := greatest(first_hit - 24, 1);
	to_token := least(from_token + 72, cardinality(tokens));
	if from_token > 1 then
		run := '… ';
	end if;
	for i in from_token .. to_token loop
		if not hits[i] then
			run := run || tokens[i];
			continue;
		end if;
		if run <> '' then
			parts := parts || jsonb_build_object('text', run, 'hit', false);
		end if;
		parts := parts || jsonb_build_object('text', tokens[i], 'hit', true);
		run := '';
	end loop;
	if to_token < cardinality(tokens) then
		run := run || ' …';
	end if;
	if run <> '' then
		parts := parts || jsonb_build_object('text', run, 'hit', false);
	end if;
	return parts;
end $$;

-- Where the words were said: the first utterance with all of them, else with
-- one of them; else the subject or the summary, which have no time.
create function search_match(utterances jsonb, subject text, summary text,
	query tsquery, wanted text[], begins text, typing boolean) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	anywhere text := '\m' || ltrim(begins, '^');
	u record;
	snippet jsonb;
	best jsonb;
	t text;
begin
	for u in
		select x -> 0 as start_ms, x ->> 3 as said
		from jsonb_array_elements(utterances) with ordinality e (x, n)
		where search_fold(x ->> 3) ~ anywhere
		order by n limit 20
	loop
		snippet := search_snippet(u.said, wanted, begins, typing);
		continue when snippet is null;
		snippet := jsonb_build_object('start_ms', u.start_ms, 'snippet', snippet);
		if search_tsv(array[u.said]) @@ query then
			return snippet;
		end if;
		best := coalesce(best, snippet);
	end loop;
	if best is not null then
		return best;
	end if;
	foreach t in array array[subject, summary] loop
		snippet := search_snippet(t, wanted, begins, typing);
		if snippet is not null then
			return jsonb_build_object('start_ms', null, 'snippet', snippet);
		end if;
	end loop;
	return null;
end $$;

-- An instant of a filter: a day of the customer's zone (the next day's start
-- when it is the end of a range), or an exact instant.
create function search_instant(value text, zone text, is_end boolean)
returns timestamptz
language sql stable
return case when length(value) = 10
	then (value::date + is_end::int)::timestamp at time zone zone
	else value::timestamptz end;

-- A number as it may be written in a filter: digits without the prefixes that
-- differ between "06 13", "+33 6 13" and "0033 6 13".
create function search_digits(value text) returns text
language sql immutable parallel safe
return regexp_replace(regexp_replace(value, '\D', '', 'g'), '^(0033|33|0)', '');

-- What a filter asks for, as the where clause of a query on recording r.
-- Values are inlined as constants, so that partitions are pruned and widths
-- estimated; each goes through format's %L.
create function search_conditions(filter jsonb, query tsquery, with_mood boolean)
returns text
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	c text := format('r.tenant_id = %s and r.expires_at > %L',
		app_tenant(), now());
	digits text;
begin
	c := c || case
		when app_team() = 'all' then ''
		when app_team() like '{%' then format(' and r.site_id = any(%L::int[])',
			app_team()::int[])
		else format(' and r.account_id = %L::int', app_account()) end;
	if filter ? 'site' then
		c := c || format(' and r.site_id = any(%L::int[])',
			array(select jsonb_array_elements_text(filter -> 'site')::int));
	end if;
	if filter ? 'account' then
		c := c || format(' and r.account_id = %L::int', filter ->> 'account');
	end if;
	if filter ? 'direction' then
		c := c || format(' and r.direction = %L', filter ->> 'direction');
	end if;
	if filter ? 'min_ms' then
		c := c || format(' and r.duration_ms >= %L::int', filter ->> 'min_ms');
	end if;
	if filter ? 'max_ms' then
		c := c || format(' and r.duration_ms <= %L::int', filter ->> 'max_ms');
	end if;
	if with_mood and filter ? 'mood' then
		c := c || format(' and r.mood = any(%L::text[])',
			array(select jsonb_array_elements_text(filter -> 'mood')));
	end if;
	if filter ? 'number' then
		digits := search_digits(filter ->> 'number');
		if filter ->> 'number' ~ '[[:alpha:]]' or digits = '' then
			c := c || format(' and position(%L in search_fold(concat_ws('' '', '
				'r.caller_name, r.caller_value, r.callee_name, r.callee_value))) > 0',
				search_fold(filter ->> 'number'));
		else
			c := c || format(' and position(%L in concat_ws('' '', '
				'r.caller_value, r.callee_value)) > 0', digits);
		end if;
	end if;
	if query is not null then
		c := c || format(' and r.tsv @@ %L::tsquery', query);
	end if;
	return c;
end $$;

-- Ids of a page, newest first, one more than asked for when there are more.
-- Windows of 1, 2, 4… days: each is planned with its constants and touches
-- few partitions. With words, ordering by an expression keeps the planner
-- from walking the primary key and reading every row's words.
create function search_page(conditions text, words boolean, lo timestamptz,
	hi timestamptz, after uuid, wanted int) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	ids uuid[] := '{}';
	found_ids uuid[];
	upper_id uuid := least(uuid7_floor(hi), after);
	top timestamptz := to_timestamp(
		('x' || translate(left(upper_id::text, 13), '-', ''))::bit(48)::bigint
		/ 1000.0);
	bottom timestamptz;
	days int := 1;
begin
	while top > lo and cardinality(ids) < wanted loop
		bottom := greatest(lo, date_trunc('day', top - interval '1 ms', 'UTC')
			- (days - 1) * interval '24 hours');
		execute format('select array_agg(id) from (select r.id from recording r '
			'where %s and r.id < %L and r.id >= %L order by %s desc limit %s) p',
			conditions, least(upper_id, uuid7_floor(top + interval '1 ms')),
			uuid7_floor(bottom),
			case when words then 'r.id::text collate "C"' else 'r.id' end,
			wanted - cardinality(ids))
		into found_ids;
		ids := ids || found_ids;
		top := bottom;
		upper_id := uuid7_floor(bottom);
		days := days * 2;
	end loop;
	return ids;
end $$;

-- {"mood": n} of what the conditions find, at most 10,001 in all, and their
-- number; calls still being analysed have no mood but count.
create function search_counts(conditions text, lo timestamptz, hi timestamptz,
	out counts jsonb, out total int)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
	execute format('select coalesce(jsonb_object_agg(mood, n) '
		'filter (where mood is not null), ''{}''), coalesce(sum(n), 0)::int '
		'from (select mood, count(*) as n from (select r.mood from recording r '
		'where %s and r.id >= %L and r.id < %L limit 10001) a group by mood) b',
		conditions, uuid7_floor(lo), uuid7_floor(hi))
	into counts, total;
end $$;

-- The rows of a page, dressed; with words, each with the place of its match.
create function search_items(ids uuid[], query tsquery, wanted text[],
	begins text, typing boolean) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	items jsonb;
begin
	execute format('select jsonb_agg(recording_item(r, s, a)%s '
		'order by r.id desc) from recording r '
		'join site s on s.tenant_id = r.tenant_id and s.id = r.site_id '
		'join account a on a.tenant_id = r.tenant_id and a.id = r.account_id %s'
		'where r.tenant_id = %s and r.id = any(%L::uuid[])',
		case when query is not null then ' || jsonb_build_object(''match'', '
			'search_match(u.utterances, r.subject, u.summary, $1, $2, $3, $4))'
			else '' end,
		case when query is not null then 'left join utterance u on '
			'u.tenant_id = r.tenant_id and u.id = r.id '
			|| format('and u.id = any(%L::uuid[]) ', ids) else '' end,
		app_tenant(), ids)
	into items using query, wanted, begins, typing;
	return coalesce(items, '[]');
end $$;

-- What can be chosen in the filters, in the caller's scope.
create function search_choices(zone text) returns jsonb
language sql stable
return (
	with reach as (
		select s.* from site s
		where s.tenant_id = app_tenant() and case
			when app_team() = 'all' then true
			when app_team() like '{%' then s.id = any (app_sites())
			else exists (select from account a where a.tenant_id = s.tenant_id
				and a.id = app_account() and a.site_id = s.id) end
	)
	select jsonb_build_object(
		'sites', (select coalesce(jsonb_agg(jsonb_build_object('id', id,
			'name', name, 'retention_days', retention_days) order by name), '[]')
			from reach),
		'accounts', (select coalesce(jsonb_agg(jsonb_build_object('id', id,
			'name', name) order by name), '[]')
			from (select a.id, btrim(a.first_name || ' ' || a.last_name) as name
				from account a join reach on reach.id = a.site_id
				where a.tenant_id = app_tenant() and app_team() <> ''
				order by 2 limit 200) l),
		'retention_days', (select jsonb_build_object('min', min(retention_days),
			'max', max(retention_days)) from reach)));

-- The list. filter: see src/recordings/filter.c. The tenant and what may be
-- seen of it come from the request's settings, never from an argument.
create function recordings_search(filter jsonb) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	zone text := (select t.time_zone from tenant t where t.id = app_tenant());
	choices jsonb;
	typing boolean := coalesce((filter ->> 'typing')::boolean, false);
	size int := coalesce((filter ->> 'limit')::int, 50);
	w record;
	c record;
	lo timestamptz;
	hi timestamptz := now() + interval '1 hour';
	ids uuid[];
	total int;
	more boolean;
begin
	if zone is null then
		return null;
	end if;
	choices := search_choices(zone);
	select null::tsquery as query, null::text[] as wanted, null::text as begins
		into w;
	if filter ? 'q' then
		select * into w from search_query(filter ->> 'q', typing);
	end if;
	-- nothing is older than the longest retention
	lo := now() - interval '24 hours' * greatest(90,
		(choices -> 'retention_days' ->> 'max')::int);
	lo := greatest(lo, (select min(s.started) from (
		select now() - interval '24 hours' * max(retention_days) as started
		from site where tenant_id = app_tenant()) s));
	if filter ? 'from' then
		lo := greatest(lo, search_instant(filter ->> 'from', zone, false));
	end if;
	if filter ? 'to' then
		hi := least(hi, search_instant(filter ->> 'to', zone, true));
	end if;
	ids := search_page(search_conditions(filter, w.query, true),
		w.query is not null, lo, hi, (filter ->> 'after')::uuid, size + 1);
	more := cardinality(ids) > size;
	ids := ids[1:size];
	select * into c from search_counts(
		search_conditions(filter, w.query, false), lo, hi);
	total := c.total;
	if filter ? 'mood' and c.total > 10000 then
		total := (search_counts(search_conditions(filter, w.query, true),
			lo, hi)).total;
	elsif filter ? 'mood' then
		total := (select coalesce(sum(n::int), 0)
			from jsonb_each_text(c.counts) e (mood, n)
			where filter -> 'mood' ? mood);
	end if;
	return jsonb_build_object(
		'items', search_items(ids, w.query, w.wanted, w.begins, typing),
		'next', case when more then ids[size] end,
		'counts', c.counts,
		'total', least(total, 10000),
		'total_is_capped', total > 10000,
		'as_of', rfc3339(now())) || choices;
end $$;

grant execute on function recordings_search(jsonb) to smartrecord_app;

reset role;
