set local role smartrecord_owner;

-- Returns the words of a text as the index has them: where each begins and ends
-- in search_words() of it, in characters.
create function search_tokens(words text)
returns table (word text, is_word boolean, before int, upto int)
language sql immutable
as $$
select token, tokid <> 12, upto - length(token), upto
from (
	select tokid, token, (sum(length(token)) over (order by n))::int as upto
	from ts_parse('default', words) with ordinality t (tokid, token, n)) t
$$;

-- Returns where the searched words are in search_words() of a text, in
-- characters from 0: [from, to), in order.
create function search_hits(words text, t search_terms) returns int4range[]
language plpgsql stable
set search_path from current
as $$
declare
	look text := '^(' || array_to_string(array(
		select search_root(w) from unnest(t.wanted || t.begins) w), '|') || ')';
	digits int4range[] := '{}';
	pattern text;
	at int;
begin
	foreach pattern in array coalesce(t.numbers, '{}') loop
		at := regexp_instr(words, pattern);
		while at > 0 loop
			digits := digits || int4range(at - 1, regexp_instr(words, pattern, at, 1, 1) - 1);
			at := regexp_instr(words, pattern, upper(digits[cardinality(digits)]) + 1);
		end loop;
	end loop;
	-- only a word whose beginning fits is indexed
	return array(
		select int4range(before, upto)
		from search_tokens(words),
			lateral (select lower(unaccent(word)) as folded offset 0) x
		where is_word and (int4range(before, upto) && any (digits)
			or folded ~ look and exists (
				select from unnest(search_tsv(array[word]))
				where lexeme = any (t.wanted) or lexeme ^@ any (t.begins)))
		order by before);
end $$;

-- Returns the range of the words around the first hit: whole words from 80
-- characters before it to 160 after.
create function search_window(words text, hit int4range) returns int4range
language sql immutable
set search_path from current
as $$
select int4range(
	min(before) filter (where upto >= lower(hit) - 80),
	greatest(max(upto) filter (where upto <= lower(hit) + 160), upper(hit)))
from search_tokens(words)
$$;

-- Returns for each character of search_words() its place in the text, from 1,
-- and after them the text's end; null: they are the same. search_words() drops
-- invisible characters.
create function search_places(content text, words text) returns int[]
language sql immutable
set search_path from current
as $$
select case when length(content) <> length(words) then array(
	select n::int from unnest(string_to_array(content, null)) with ordinality c (c, n)
	where search_words(c) <> '' order by n) || length(content) + 1 end
$$;

-- Returns a text, cut around its first searched word if it is longer than 240
-- characters: [{"text", "hit"}, …]; null when it has no searched word.
create function search_marks(content text, t search_terms) returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	words text := search_words(content);
	hits int4range[] := search_hits(words, t);
	places int[] := search_places(content, words);
	shown int4range := int4range(0, length(words));
	hit int4range;
	at int;
	part text := '';
	parts jsonb := '[]';
begin
	if hits = '{}' or content is null then
		return null;
	end if;
	if length(content) > 240 then
		shown := search_window(words, hits[1]);
	end if;
	at := lower(shown);
	if at > 0 then
		part := '…';
	end if;
	foreach hit in array array(select h from unnest(hits) h
		where upper(h) <= upper(shown) order by h) || int4range(upper(shown), null)
	loop
		part := part || search_slice(content, places, at, lower(hit));
		if part <> '' then
			parts := parts || jsonb_build_object('text', part, 'hit', false);
		end if;
		part := '';
		exit when lower(hit) = upper(shown);
		parts := parts || jsonb_build_object('text',
			search_slice(content, places, lower(hit), upper(hit)), 'hit', true);
		at := upper(hit);
	end loop;
	if upper(shown) < length(words) then
		parts := parts || jsonb_build_object('text', '…', 'hit', false);
	end if;
	return parts;
end $$;

-- Returns a part of a text, from and to as in search_hits(); see
-- search_places().
create function search_slice(content text, places int[], begins int, ends int)
returns text
language sql immutable
as $$
select case when places is null then substr(content, begins + 1, ends - begins)
	else substr(content, case when begins = 0 then 1 else places[begins + 1] end,
		places[ends + 1] - case when begins = 0 then 1 else places[begins + 1] end)
	end
$$;

-- Returns where the searched words occur: {"start_ms", "snippet":
-- search_marks()} of the first utterance with the most terms; else of the
-- subject or the summary, with start_ms null; null when they occur nowhere. The
-- roots tell how many terms an utterance can have, so that few are parsed: when
-- 20 were and one has a term, the others are not, and never more than 100. A
-- single word is looked for without parsing in the first three.
create function search_match(utterances jsonb, subject text, summary text,
	t search_terms) returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	invisible boolean := utterances::text ~ '[\u00ad\u200c\u200d\u2060\ufeff]';
	one_word boolean := cardinality(t.terms) = 1 and t.terms[1]::text !~ '<';
	u record;
	has int;
	most int := 0;
	start_ms jsonb := 'null';
	marks jsonb;
	best jsonb;
	tried int := 0;
begin
	for u in
		select x -> 0 as start_ms, x ->> 3 as said, at_most
		from jsonb_array_elements(utterances) with ordinality e (x, n),
			-- unaccent() parts at letters like U+02BC, as search_words()
			lateral (select lower(unaccent(case when invisible
				then translate(x ->> 3, E'\u00ad\u200c\u200d\u2060\ufeff', '')
				else x ->> 3 end)) as folded offset 0) f,
			lateral (select count(*) as at_most from unnest(t.roots) root
				where folded ~ root) r
		where at_most > 0
		order by at_most desc, n limit 100
	loop
		exit when u.at_most <= most or tried >= 20 and most > 0;
		tried := tried + 1;
		if one_word and tried <= 3 then
			marks := search_marks(u.said, t);
			has := (marks is not null)::int;
		else
			has := (select count(*) from (select search_tsv(array[u.said]) as tsv
				offset 0) s, unnest(t.terms) term where tsv @@ term);
			marks := case when has > most then search_marks(u.said, t) end;
		end if;
		if has > most and marks is not null then
			most := has;
			start_ms := u.start_ms;
			best := marks;
		end if;
	end loop;
	best := coalesce(best, search_marks(subject, t), search_marks(summary, t));
	return case when best is not null
		then jsonb_build_object('start_ms', start_ms, 'snippet', best) end;
end $$;
