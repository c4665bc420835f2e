-- migrate:up
-- Words: how French is made searchable, and the list. Accent-blind, stemmed,
-- found while half typed. The same functions make the words of a call and
-- those of a query, so that they can't drift apart.

set role smartrecord_owner;

-- Stemming before folding keeps French endings ("payée" with "payer");
-- folding before stemming lets people leave accents out. One word in eight
-- differs, so a call holds both, and the plain word for half-typed ones.
-- None of the three drops a word: a word's position is its rank.
create text search dictionary search_stem (template = snowball, language = french);
create text search configuration search_stemmed (parser = default);
create text search configuration search_folded (parser = default);
create text search configuration search_plain (parser = default);
alter text search configuration search_stemmed
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with search_stem;
alter text search configuration search_folded
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with unaccent, search_stem;
alter text search configuration search_plain
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with unaccent, simple;

-- Words too common to be searched for, with and without their accents. The
-- stock French list lacks some ("les") and drops words that mean something
-- too ("vous" in rendez-vous, "sommes", "avions"); a list of one's own in a
-- dictionary would need a file on the server's disk.
create function search_stop() returns text[]
language sql immutable parallel safe
return array['a', 'à', 'ai', 'aie', 'aient', 'ait', 'as', 'au', 'aurai',
	'auraient', 'aurais', 'aurait', 'aux', 'avaient', 'avais', 'avait', 'avec',
	'avez', 'avons', 'bah', 'ben', 'c', 'ca', 'ça', 'ce', 'ceci', 'cela', 'ces',
	'cet', 'cette', 'd', 'dans', 'de', 'des', 'donc', 'du', 'e', 'eh', 'elle',
	'elles', 'en', 'es', 'est', 'et', 'étaient', 'etaient', 'étais', 'etais',
	'était', 'etait', 'étant', 'etant', 'été', 'ete', 'êtes', 'etes', 'étiez',
	'etiez', 'étions', 'etions', 'être', 'etre', 'eu', 'euh', 'eux', 'h', 'hein',
	'hum', 'il', 'ils', 'j', 'je', 'l', 'la', 'là', 'le', 'les', 'leur', 'leurs',
	'lui', 'm', 'ma', 'mais', 'me', 'même', 'meme', 'mêmes', 'memes', 'mes', 'moi',
	'mon', 'n', 'ne', 'nos', 'notre', 'nous', 'oh', 'on', 'ont', 'ou', 'où', 'par',
	'pas', 'pour', 'qu', 'que', 'qui', 's', 'sa', 'se', 'sera', 'serai', 'serais',
	'serait', 'seront', 'ses', 'soient', 'sois', 'soit', 'son', 'sont', 'suis',
	'sur', 't', 'ta', 'te', 'tes', 'toi', 'ton', 'tu', 'un', 'une', 'vos',
	'votre', 'y'];

-- Character by character, what is no letter and no digit becomes a space:
-- the parser then sees words, never addresses, hyphens or signs. The last
-- few are letters that folding would turn into quotes.
create function search_words(t text) returns text
language sql immutable parallel safe
return translate(t, E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u00a0\u202f\t\n\r'
	|| E'’‘“”«»…–—·•°€\u0149\u02b9\u02bb\u02bc\u02bd\u02c8', repeat(' ', 60));

-- The same with "e" for each stop word, which keeps its rank that way.
create function search_sift(t text) returns text
language sql immutable parallel safe
return (select string_agg(case when lower(w) = any (search_stop()) then 'e' else w end,
	' ' order by n)
	from unnest(string_to_array(search_words(t), ' ')) with ordinality u (w, n));

-- The words of some texts. Between two texts a position stays empty: a phrase
-- does not cross from one utterance into the next. PostgreSQL keeps positions
-- up to 16,383 and 256 a word: beyond (two hours of talk) words are found,
-- phrases are not.
create function search_tsv(texts text[]) returns tsvector
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
declare
	content jsonb := to_jsonb(array(
		select search_sift(t) from unnest(texts) with ordinality u (t, n)
		order by n));
begin
	return ts_delete((
		jsonb_to_tsvector('search_folded', content, '["string"]')::text || ' ' ||
		unaccent(jsonb_to_tsvector('search_stemmed', content, '["string"]')::text)
		|| ' ' || jsonb_to_tsvector('search_plain', content, '["string"]')::text
		)::tsvector, 'e');
end $$;

-- What is searched besides words, as lexemes that no word can be, so that one
-- index answers "this word and this mood": m/ mood, a/ account, s/ site,
-- n/ a party's number, r/ its digits backwards, p/ a word of its name.
create function search_keys(r recording) returns tsvector
language sql stable parallel safe
return array_to_tsvector(array_remove(array[
		'a/' || r.account_id,
		's/' || r.site_id,
		'm/' || r.mood], null)
	|| array(
		select key || d from (values
			(r.caller_kind, ltrim(r.caller_value, '+')),
			(r.callee_kind, ltrim(r.callee_value, '+'))) v (kind, digits),
			lateral (values ('n/', digits), ('r/', reverse(digits))) k (key, d)
		where kind in ('e164', 'short'))
	|| array(
		select 'p/' || lexeme from unnest(to_tsvector('search_plain',
			search_words(concat_ws(' ', r.caller_name, r.callee_name,
				case when r.caller_kind = 'identity' then r.caller_value end,
				case when r.callee_kind = 'identity' then r.callee_value end))))));

create function search_refuse(field text, problem text) returns void
language plpgsql
as $$
begin
	raise exception using errcode = 'SR400', column = field, message = problem;
end $$;

create function search_quote(lexeme text) returns text
language sql immutable parallel safe
return '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''';

-- What a person looks for, ready to be asked and to be marked.
create type search_terms as (
	query		tsquery,	-- all of it, exclusions included
	terms		tsquery[],	-- the words and phrases that must be there
	roots		text[],		-- of each, a regular expression that its
					-- folded text is sure to match: a quick look
	wanted		text[],		-- lexemes to mark
	begins		text[]		-- how half-typed words to mark begin
);

-- How a word with this lexeme begins. The stemmer may have put its own last
-- letters: "évidemment", "evident"; "heureuse", "heureux"; "chevaux", "cheval";
-- "payer", "pai"; "explication", "expliqu"; "fiabilité", "fiabl".
create function search_root(lexeme text) returns text
language sql immutable
return regexp_replace(
	regexp_replace(lexeme, '(?:(?<=[ea])nt|(?<=eu)x|(?<=a)b?l|(?<=i)qu|i)$', ''),
	'[^[:alnum:]]', '.', 'g');

-- One word, compound or phrase. half: its last word is still being typed.
-- Nothing but stop words: query is null.
create function search_term(content text, half boolean) returns search_terms
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	t search_terms;
	words text := search_sift(content);
	last_word text;
	half_word text;
	w record;
	before int;
	longest int := 0;
begin
	select lexeme into last_word
	from unnest(to_tsvector('search_plain', words)) l, unnest(positions) p
	order by p desc limit 1;
	if not half or length(last_word) < 3 or last_word = 'e' then
		last_word := null;
	end if;
	for w in
		select p, array_agg(lexeme) as forms, p = max(p) over () as is_last
		from (
			select lexeme, unnest(positions) as p
			from unnest(to_tsvector('search_folded', words)) f
			union
			select unaccent(lexeme), unnest(positions)
			from unnest(to_tsvector('search_stemmed', words)) s) l
		where lexeme <> 'e'
		group by p order by p
	loop
		half_word := case when w.is_last then last_word end;
		t.wanted := t.wanted || w.forms;
		t.query := coalesce(
			tsquery_phrase(t.query, search_any(w.forms, half_word), w.p - before),
			search_any(w.forms, half_word));
		before := w.p;
		-- of a phrase the longest word, likely the rarest
		if length(w.forms[1]) > longest then
			longest := length(w.forms[1]);
			t.roots := array['\m(' || array_to_string(array(
				select search_root(l) from unnest(w.forms || half_word) l
				where l is not null), '|') || ')'];
		end if;
	end loop;
	if last_word is not null then
		t.begins := array[last_word];
	end if;
	t.terms := array[t.query];
	return t;
end $$;

-- Any of the lexemes, or what begins like this.
create function search_any(lexemes text[], beginning text) returns tsquery
language sql immutable
return ((select string_agg(search_quote(l), ' | ') from unnest(lexemes) l)
	|| coalesce(' | ' || search_quote(beginning) || ':*', ''))::tsquery;

-- What a person typed: words, "phrases", -exclusions; all must hold.
create function search_read(q text, typing boolean) returns search_terms
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	content text := normalize(translate(q, '«»“”„', '"""""'), NFC);
	result search_terms;
	t search_terms;
	m text[];
	unwanted tsquery;
	only_stop_words boolean := false;
begin
	for m in
		select regexp_matches(content, '(-?)(?:"([^"]*)("|$)|([^\s"]+))(\s*)', 'g')
	loop
		t := search_term(coalesce(m[2], m[4]), typing and m[1] = ''
			and m[4] is not null and m[5] = '' and content like '%' || m[4]);
		if t.query is null then
			only_stop_words := only_stop_words
				or to_tsvector('search_plain', search_words(coalesce(m[2], m[4]))) <> '';
		elsif m[1] = '-' then
			unwanted := coalesce(unwanted || t.query, t.query);
		else
			result.query := coalesce(result.query && t.query, t.query);
			result.terms := result.terms || t.terms;
			result.wanted := result.wanted || t.wanted;
			result.begins := result.begins || t.begins;
			result.roots := result.roots || t.roots;
		end if;
	end loop;
	if result.query is null then
		perform search_refuse('q', case
			when unwanted is not null then
				'Ajoutez un mot à chercher : une exclusion seule ne suffit pas.'
			when only_stop_words then
				'Ces mots sont trop courants pour être cherchés. '
				'Ajoutez un mot plus précis.'
			else 'Écrivez au moins un mot.' end);
	end if;
	result.query := coalesce(result.query && !! unwanted, result.query);
	return result;
end $$;

-- The parties' number or name. National and international writings are the
-- same number; its beginning or end will do from four digits on, fewer are a
-- whole short number. Each word of a name may be its beginning.
create function search_party(t text) returns tsquery
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	digits text := regexp_replace(t, '\D', '', 'g');
	rest text := regexp_replace(digits, '^(00|0)', '');
	party text;
begin
	if t ~ '[^-+0-9 ().\/\u00a0\u202f]' then
		select string_agg(search_quote('p/' || lexeme) || ':*', ' & ') into party
		from unnest(to_tsvector('search_plain', search_words(normalize(t, NFC))));
	elsif length(digits) >= 4 then
		party := concat_ws(' | ',
			search_quote('n/' || digits) || ':*',
			search_quote('n/' || rest) || case when digits like '00%' then ':*' end,
			case when digits ~ '^0[1-9]' then search_quote('n/33' || rest) || ':*' end,
			case when length(rest) >= 4 then
				search_quote('r/' || reverse(rest)) || ':*' end);
	elsif digits <> '' then
		party := search_quote('n/' || digits);
	end if;
	-- nothing to go by: a lexeme that no call has
	return coalesce(party, search_quote('p/'))::tsquery;
end $$;

-- A text cut around its first found word: [{"text", "hit"}, …]; null when no
-- word of it was found.
create function search_marks(content text, t search_terms) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	look text := '^(' || array_to_string(array(
		select search_root(w) from unnest(t.wanted || t.begins) w), '|') || ')';
	pieces text[];
	hits boolean[];
	first_hit int;
	upto int := 0;
	part text := '';
	parts jsonb := '[]';
begin
	-- words and what is between them; a word that begins right is worked out
	select array_agg(piece order by n), array_agg(hit order by n),
		min(before) filter (where hit)
	into pieces, hits, first_hit
	from (
		select n, piece, sum(length(piece)) over (order by n) as before,
			folded ~ look and (folded ^@ any (t.begins)
				or (ts_lexize('search_stem', folded))[1] = any (t.wanted)
				or unaccent((ts_lexize('search_stem', lower(piece)))[1])
					= any (t.wanted)) is true as hit
		from regexp_matches(content, '[[:alnum:]]+|[^[:alnum:]]+', 'g')
			with ordinality m (match, n),
			lateral (select match[1] as piece, lower(unaccent(match[1])) as folded
				offset 0) f
	) p;
	if first_hit is null then
		return null;
	end if;
	for i in 1 .. cardinality(pieces) loop
		upto := upto + length(pieces[i]);
		if length(content) > 240 and upto < first_hit - 80 then
			part := '…';
			continue;
		end if;
		if length(content) > 240 and upto > first_hit + 160 then
			part := part || '…';
			exit;
		end if;
		if hits[i] then
			parts := parts || case when part = '' then '[]'::jsonb
				else jsonb_build_object('text', part, 'hit', false) end
				|| jsonb_build_object('text', pieces[i], 'hit', true);
			part := '';
		else
			part := part || pieces[i];
		end if;
	end loop;
	return parts || case when part = '' then '[]'::jsonb
		else jsonb_build_object('text', part, 'hit', false) end;
end $$;

-- Where it was said: the first utterance that has all the terms, else the
-- first with most of them; else the subject or the summary, without a time.
-- A quick look tells what each may have at most, so that few are parsed; one
-- word alone needs no parsing to be found.
create function search_match(utterances jsonb, subject text, summary text,
	t search_terms) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	one_word boolean := cardinality(t.terms) = 1 and t.terms[1]::text !~ '<';
	u record;
	has int;
	most int := 0;
	start_ms jsonb := 'null';
	marks jsonb;
	best jsonb;
begin
	for u in
		select x -> 0 as start_ms, x ->> 3 as said, at_most
		from jsonb_array_elements(utterances) with ordinality e (x, n),
			lateral (select lower(unaccent(x ->> 3)) as folded offset 0) f,
			lateral (select count(*) as at_most from unnest(t.roots) root
				where folded ~ root) r
		where at_most > 0
		order by at_most desc, n limit 20
	loop
		exit when u.at_most <= most;
		marks := search_marks(u.said, t);
		has := case when marks is null then 0 when one_word then 1
			else (select count(*) from (select search_tsv(array[u.said]) as tsv
				offset 0) s, unnest(t.terms) term where tsv @@ term) end;
		if has > most then
			most := has;
			start_ms := u.start_ms;
			best := marks;
		end if;
	end loop;
	return jsonb_build_object('start_ms', start_ms, 'snippet',
		coalesce(best, search_marks(subject, t), search_marks(summary, t), '[]'));
end $$;

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
	mood_query	tsquery
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

-- The filter $1 as a where clause on recording r. Parameters, not texts: a
-- statement that fails puts no word searched into a log; the planner sees
-- constants all the same.
create function search_conditions(f search_filter, with_mood boolean) returns text
language sql immutable
return 'r.tenant_id = ($1).tenant and r.expires_at > now()'
	|| case when f.own is not null then ' and r.account_id = ($1).own' else '' end
	|| case when f.team is not null then ' and r.site_id = any (($1).team)' else '' end
	|| case when f.sites is not null then ' and r.site_id = any (($1).sites)' else '' end
	|| case when f.account is not null then ' and r.account_id = ($1).account' else '' end
	|| case when f.direction is not null then ' and r.direction = ($1).direction' else '' end
	|| case when f.min_ms is not null then ' and r.duration_ms >= ($1).min_ms' else '' end
	|| case when f.max_ms is not null then ' and r.duration_ms <= ($1).max_ms' else '' end
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

-- The list, for a filter {"q", "typing", "site": [], "mood": [], "from", "to",
-- "number", "account", "direction", "min_ms", "max_ms", "after", "limit"}.
-- Whose recordings is never an argument: the request's settings say it.
--
-- The planner's settings are this function's own: indexes it is. With words,
-- rows are reached through the index of words or not at all: walking the
-- primary key instead would read each row's words from their own table.
create function recordings_search(filter jsonb) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set jit = off
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	f search_filter := search_filter_of(filter);
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
		'as_of', rfc3339(now()));
end $$;

grant execute on function recordings_search(jsonb) to smartrecord_app;

reset role;
