set local role smartrecord_owner;

-- Returns the words too common to search for, with and without accents. The
-- French list of PostgreSQL lacks some ("les") and has words with another
-- meaning ("vous" in rendez-vous, "sommes", "avions"). A dictionary's own list
-- would need a file on the database server's disk.
create function search_stop() returns text[]
language sql immutable parallel safe
as $$
select array['a', 'à', 'ai', 'aie', 'aient', 'ait', 'as', 'au', 'aurai',
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
	'votre', 'y']
$$;

-- Returns the words of a text with "e" for each stop word: the other words keep
-- their positions.
create function search_sift(t text) returns text
language plpgsql immutable parallel safe
as $$
begin
	return (select string_agg(case when lower(w) = any (search_stop()) then 'e' else w end,
		' ' order by n)
		from unnest(string_to_array(search_words(t), ' ')) with ordinality u (w, n));
end $$;

-- Returns the lexeme of two forms that follow each other in one utterance, with
-- the distance of their positions (between them are stop words only), so that
-- the index narrows a phrase: it has no positions. Of 65,536 lexemes a call has
-- one in six hundred by chance, so calls are asked for the phrase, too.
create function search_pair(form text, distance bigint, next_form text)
returns text
language sql immutable parallel safe
as $$
select 'b/' || substr(md5(form || ' ' || distance::text || ' ' || next_form), 1, 4)
$$;

-- Returns the words of texts: stemmed, folded and plain, and digits said in
-- groups also in one; and the search_pair() of each two neighbours, stemmed and
-- folded. One position between two texts stays empty. PostgreSQL keeps positions
-- up to 16,383, and 256 per word: beyond (two hours of talk) words match,
-- phrases do not. "e" stands for each stop word, see search_sift(), and "E"
-- between two texts: no other word has these forms.
create function search_tsv(texts text[]) returns tsvector
language plpgsql stable parallel safe
set search_path from current
as $$
declare
	content text := (
		select string_agg(case when w = E'\x02' then 'E'
			when w = any (search_stop()) then 'e' else w end, ' ' order by n)
		from unnest(string_to_array(lower(array_to_string(array(
			select words from unnest(texts) t, lateral (
				select search_words(t) as words offset 0) w
			where words ~ '[[:alnum:]]'), E' \x02 ')), ' ')) with ordinality u (w, n));
begin
	return (coalesce((
		select string_agg(concat(
			' ' || search_quote(plain) || ':' || p::text,
			' ' || search_quote(nullif(folded, plain)) || ':' || p::text,
			' ' || search_quote(nullif(stemmed, plain)) || ':' || p::text,
			' ' || search_pair(before_folded, p - before, folded),
			' ' || search_pair(before_folded, p - before, stemmed),
			' ' || search_pair(before_stemmed, p - before, folded),
			' ' || search_pair(before_stemmed, p - before, stemmed)), '')
		from (
			select *, lag(p) over o as before, lag(folded) over o as before_folded,
				lag(stemmed) over o as before_stemmed
			from (
				-- stemming before folding differs only where there are accents
				select p, w, nullif(unaccented, 'e') as plain,
					nullif(folded, 'e') as folded,
					case when octet_length(w) > length(w)
						then nullif(nullif(nullif(unaccent(
							(ts_lexize('public.search_stem', w))[1]), folded), 'e'), '')
						end as stemmed
				from (
					select token as w, row_number() over (order by n) as p
					from ts_parse('default', content) with ordinality t (tokid, token, n)
					where tokid <> 12 and octet_length(token) < 2047) w,	-- as to_tsvector()
				lateral (select nullif(lower(unaccent(w)), '') as unaccented offset 0) u,
				lateral (select (ts_lexize('public.search_stem', unaccented))[1] as folded
					offset 0) f
				where w <> 'e' offset 0) form
			where w = 'E' or coalesce(folded, stemmed) is not null
			window o as (order by p) offset 0) word), '')
		|| case when content ~ '[0-9] +[0-9]'
			then ' ' || search_joined(to_tsvector('search_plain', content))::text
			else '' end)::tsvector;
end $$;

-- Returns the position that search_tsv() gives to the first word of each text,
-- stop words included, from 1; of a text without words, the next one's. Beyond
-- 16,383 it counts on, while PostgreSQL keeps no positions.
create function search_starts(texts text[]) returns int[]
language sql immutable parallel safe
as $$
select array_agg((1 + before)::int order by n)
from (
	select n, coalesce(sum(words + (words > 0)::int) over (order by n
		rows between unbounded preceding and 1 preceding), 0) as before
	from unnest(texts) with ordinality u (t, n), lateral (
		select count(*) filter (where tokid <> 12
			and octet_length(token) < 2047) as words
		from ts_parse('default', search_words(t))) w) x
$$;

-- Returns the numbers that a party is found by, as pieces of lexemes: n/ the
-- digits in E.164 or of a short number, as delivered and as number_read()
-- understands them, also those of an identity (a SIP address) or a name; u/ a
-- short number in an identity, which is not exactly that number elsewhere; r/
-- the digits reversed.
create function search_numbers(kind text, value text) returns text[]
language plpgsql immutable parallel safe
set search_path from current
as $$
declare
	read text := (number_parts(value)).number;
	digits text := ltrim(read, '+');
	stored text := case when kind in ('e164', 'short') then ltrim(value, '+') end;
begin
	return array_remove(array['n/' || stored, 'r/' || reverse(stored),
		case when read like '+%' and digits is distinct from stored
			then 'n/' || digits end,
		case when stored is null and read like '+%' then 'r/' || reverse(digits) end,
		case when kind = 'identity' and read !~ '^[+]' then 'u/' || digits end,
		case when kind = 'identity' and read !~ '^[+]' then 'r/' || reverse(digits) end],
		null);
end $$;

-- Returns the lexeme of the UTC hour of an instant.
create function search_hour(at timestamptz) returns text
language sql immutable parallel safe
as $$
select 't/' || lpad(extract(hour from at at time zone 'UTC')::text, 2, '0')
$$;

-- Returns what is searched besides words, as lexemes that no word can be, so
-- that one index serves "this word and this mood": m/ mood, a/ account, s/
-- site, t/ the UTC hour of its start, n/ u/ r/ a party's number, see
-- search_numbers(), p/ a word of its name or of its identity.
create function search_keys(r recording) returns tsvector
language plpgsql stable parallel safe
as $$
begin
	return (select array_to_tsvector(array_remove(array[
			'a/' || r.account_id,
			's/' || r.site_id,
			'm/' || r.mood,
			search_hour(r.started_at)], null)
		|| search_numbers(r.caller_kind, r.caller_value)
		|| search_numbers(r.callee_kind, r.callee_value)
		|| search_numbers('name', r.caller_name) || search_numbers('name', r.callee_name)
		|| array(
			select 'p/' || lexeme from unnest(to_tsvector('search_plain',
				search_words(concat_ws(' ', r.caller_name, r.callee_name,
					case when r.caller_kind = 'identity' then r.caller_value end,
					case when r.callee_kind = 'identity' then r.callee_value end)))))));
end $$;
