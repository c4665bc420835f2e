-- migrate:up
-- Words: how French is made searchable. Accent-blind, stemmed, found while
-- half typed. The same functions make the words of a call and those of a
-- query, so that they can't drift apart.

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

-- A number as people write it, national or international, as E.164; a short
-- one (2 to 8 digits) as it is; null: it is neither.
create function number_read(t text) returns text
language sql immutable strict parallel safe
return (select case
	when n ~ '^(\+|00)330[1-9][0-9]{8}$' then '+33' || right(n, 9)	-- +33 (0)6…
	when n ~ '^\+[1-9][0-9]{5,14}$' then n
	when n ~ '^00[1-9][0-9]{6,14}$' then '+' || substr(n, 3)
	when n ~ '^0[1-9][0-9]{8}$' then '+33' || right(n, 9)
	when n ~ '^[0-9]{2,8}$' then n end
	from regexp_replace(t, '[ ().\/\u00a0\u202f-]', '', 'g') n);

-- What is searched besides words, as lexemes that no word can be, so that one
-- index answers "this word and this mood": m/ mood, a/ account, s/ site,
-- n/ a party's number, also where an identity or a name is one, r/ its digits
-- backwards, p/ a word of its name.
create function search_keys(r recording) returns tsvector
language sql stable parallel safe
return array_to_tsvector(array_remove(array[
		'a/' || r.account_id,
		's/' || r.site_id,
		'm/' || r.mood], null)
	|| array(
		select key || d from (values
			(r.caller_kind, r.caller_value), (r.callee_kind, r.callee_value),
			('name', r.caller_name), ('name', r.callee_name)) v (kind, value),
			lateral (select ltrim(case when kind in ('e164', 'short') then value
				else substring(number_read(regexp_replace(value, '^tel:', ''))
					from '^\+.*') end, '+')) n (digits),
			lateral (values ('n/', digits), ('r/', reverse(digits))) k (key, d)
		where d is not null)
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

-- The lexemes of search_keys() that calls with this number have. 0612345678
-- is one subscriber's, whichever of the five codes of the French plan comes
-- before. An identity may hold a number among other words too, in any writing
-- of one word; a short number in one would say nothing.
create function number_keys(number text) returns text[]
language plpgsql immutable strict parallel safe
as $$
declare
	home text := substring(number from '^\+(?:33|262|590|594|596)([1-9][0-9]{8})$');
	whole text[] := array[ltrim(number, '+')];
begin
	if number !~ '^\+' then
		return array['n/' || number];
	elsif home is not null then
		whole := array['33' || home, '262' || home, '590' || home,
			'594' || home, '596' || home];
	end if;
	return array(select 'n/' || w from unnest(whole) w)
		|| array(select 'p/' || w from unnest(whole) w)
		|| array(select 'p/00' || w from unnest(whole) w)
		|| ('p/0' || home);
end $$;

-- The parties' number or name. National and international writings are the
-- same number; its beginning or end will do from four digits on, fewer are a
-- whole short number. "=" before a number: this very one, in any writing. Each
-- word of a name may be its beginning.
create function search_party(t text) returns tsquery
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	digits text := regexp_replace(t, '\D', '', 'g');
	rest text := regexp_replace(digits, '^(00|0)', '');
	party text;
begin
	if t ~ '^\s*=' then
		select string_agg(search_quote(k), ' | ') into party
		from unnest(number_keys(number_read(regexp_replace(t, '^\s*=', '')))) k;
	elsif t ~ '[^-+0-9 ().\/\u00a0\u202f]' then
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

reset role;
