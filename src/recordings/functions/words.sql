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
language sql immutable parallel safe
as $$
select string_agg(case when lower(w) = any (search_stop()) then 'e' else w end,
	' ' order by n)
	from unnest(string_to_array(search_words(t), ' ')) with ordinality u (w, n)
$$;

-- Returns the words of texts: stemmed, folded and plain, and digits said in
-- groups also in one. One position between two texts stays empty, so a phrase does not match across utterances.
-- PostgreSQL keeps positions up to 16,383, and 256 per word: beyond (two hours
-- of talk) words match, phrases do not.
create function search_tsv(texts text[]) returns tsvector
language plpgsql stable parallel safe
set search_path from current
as $$
declare
	content jsonb := to_jsonb(array(
		select search_sift(t) from unnest(texts) with ordinality u (t, n)
		order by n));
	plain tsvector := jsonb_to_tsvector('search_plain', content, '["string"]');
begin
	return ts_delete((
		jsonb_to_tsvector('search_folded', content, '["string"]')::text || ' ' ||
		unaccent(jsonb_to_tsvector('search_stemmed', content, '["string"]')::text)
		|| ' ' || plain::text || ' '
		|| case when content::text ~ '[0-9] +[0-9]' then search_joined(plain)::text
			else '' end)::tsvector, 'e');
end $$;

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

-- Returns what is searched besides words, as lexemes that no word can be, so
-- that one index serves "this word and this mood": m/ mood, a/ account, s/
-- site, n/ u/ r/ a party's number, see search_numbers(), p/ a word of its name
-- or of its identity.
create function search_keys(r recording) returns tsvector
language sql stable parallel safe
as $$
select array_to_tsvector(array_remove(array[
		'a/' || r.account_id,
		's/' || r.site_id,
		'm/' || r.mood], null)
	|| search_numbers(r.caller_kind, r.caller_value)
	|| search_numbers(r.callee_kind, r.callee_value)
	|| search_numbers('name', r.caller_name) || search_numbers('name', r.callee_name)
	|| array(
		select 'p/' || lexeme from unnest(to_tsvector('search_plain',
			search_words(concat_ws(' ', r.caller_name, r.callee_name,
				case when r.caller_kind = 'identity' then r.caller_value end,
				case when r.callee_kind = 'identity' then r.callee_value end))))))
$$;
