set local role smartrecord_owner;

-- The texts of a call, with the positions of their words in tsv: starts as
-- search_starts() of subject, summary and utterances, or null.
create type search_text as (
	tsv		tsvector,
	starts		int[],
	subject		text,
	summary		text,
	utterances	jsonb
);

-- Returns the lexemes of the terms: whole ones, and beginnings.
create function search_lexemes(t search_terms, out whole text[], out begins text[])
language sql immutable
as $$
select coalesce(array_agg(distinct lexeme) filter (where not half), '{}'),
	coalesce(array_agg(distinct lexeme) filter (where half), '{}')
from (
	select (tsvector_to_array(m[1]::tsvector))[1] as lexeme, m[2] is not null as half
	from unnest(t.terms) q,
		regexp_matches(q::text, '(''(?:[^'']|'''')*'')(:\*)?', 'g') m) x
$$;

-- Returns a tsvector's lexemes that begin so. They are sorted by bytes.
create function search_beginning(tsv tsvector, beginnings text[]) returns text[]
language sql immutable
as $$
select array_agg(w)
from (select tsvector_to_array(tsv) as a offset 0) x, unnest(beginnings) b,
	unnest(a[width_bucket(b collate "C", a):
		width_bucket((b || U&'\+10FFFF') collate "C", a)]) w
where w ^@ b
$$;

-- Returns whether the word of a lexeme is marked by its position. Digits of
-- which a beginning was typed may be in several groups: search_digits_in().
create function search_is_marked(lexeme text, t search_terms) returns boolean
language sql immutable
as $$
select lexeme = any (t.wanted) or lexeme ^@ any (t.begins)
	and (t.numbers is null or lexeme !~ '^[0-9]+$')
$$;

-- Returns where the terms are in each of the texts (n: from 1) that has any of
-- their words: the part with the most terms, the first of equals, of the
-- utterances (from 3); else the subject (1) or the summary (2); how many terms
-- it has; marks: the numbers of the searched words in it, from 1; passages: how
-- many utterances have a term. The index has the positions of the words: no other
-- text is read.
-- start_ms (json null: not an utterance) and content are those of the part.
--
-- It has 255 positions of a word, and none beyond 16,382: later passages are not
-- counted. partial: there are such, of which one may have more terms.
create function search_places(texts search_text[], t search_terms)
returns table (n bigint, part int, terms bigint, marks int[], passages bigint,
	partial bool, start_ms jsonb, content text)
language plpgsql stable
set search_path from current
as $$
declare
	look record := search_lexemes(t);
	-- a phrase is in a part or not; other terms are where a lexeme of theirs is
	phrases boolean := exists (select from unnest(t.terms) term where term::text ~ '[<&]');
begin
	return query
	with hit as (
		select x.n, width_bucket(p, s.starts) as part, lexeme, p,
			p - s.starts[width_bucket(p, s.starts)] + 1 as word,
			cardinality(positions) >= 255 or p = 16383 as partial
		from unnest(texts) with ordinality
			x (tsv, starts, subject, summary, utterances, n),
			lateral (select coalesce(x.starts, search_starts(array[x.subject, x.summary]
				|| array(select u ->> 3 from jsonb_array_elements(x.utterances) u)))
				-- decompressed once
				|| '{}'::int[] as starts offset 0) s,
			unnest(ts_filter(setweight(tsv, 'A', look.whole || case
				when look.begins <> '{}' then search_beginning(tsv, look.begins)
				end), '{a}')),
			unnest(positions) p
	), lexeme_terms as (	-- a bit for each term that a lexeme is enough for
		select l.lexeme, bit_or(case when (search_quote(l.lexeme) || ':1')::tsvector @@ term
			then 1 << (i - 1)::int else 0 end)::bit(12) as has
		from (select distinct hit.lexeme from hit) l,
			unnest(t.terms) with ordinality x (term, i)
		group by l.lexeme
	), said as (
		select h.n, h.part, case when phrases then (
				select count(*) from unnest(t.terms) term
				where string_agg(search_quote(lexeme) || ':' || p, ' ')
					filter (where p < 16383)::tsvector @@ term)
				else coalesce(bit_count(bit_or(has) filter (where p < 16383)), 0)
				end as terms,
			array_agg(distinct word) filter (where p < 16383
				and search_is_marked(lexeme, t)) as marks,
			bool_or(h.partial) as partial
		from hit h join lexeme_terms using (lexeme) group by h.n, h.part
	), best as (
		select distinct on (s.n) s.n, s.part, s.terms, s.marks,
			count(*) filter (where s.part > 2 and s.terms > 0) over w as passages,
			bool_or(s.partial) over w as partial
		from said s
		window w as (partition by s.n)
		order by s.n, s.terms = 0, s.part <= 2,
			case when s.part > 2 then s.terms end desc, s.part
	)
	select b.*, u -> 0, case b.part when 1 then x.subject when 2 then x.summary
		else u ->> 3 end
	from best b join unnest(texts) with ordinality
			x (tsv, starts, subject, summary, utterances, n) using (n),
		lateral (select case when b.part > 2 then x.utterances -> b.part - 3 end as u
			offset 0) u;
end $$;

-- Returns the members of search_places() by reading the utterances. The roots
-- tell how many terms an utterance can have, so that few are parsed: when 20
-- were and one has a term, the others are not, and never more than 100.
create function search_read_through(utterances jsonb, t search_terms,
	out start_ms jsonb, out content text, out terms int, out marks int[])
language plpgsql stable
set search_path from current
as $$
declare
	invisible text := '[\u00ad\u200c\u200d\u2060\ufeff]';
	u record;
	words tsvector;
	has int;
	tried int := 0;
begin
	terms := 0;
	for u in
		select begins, said, at_most
		from (select n, e -> 0 as begins, e ->> 3 as said
				from jsonb_array_elements(utterances) with ordinality e (e, n)) s,
			-- unaccent() parts at letters like U+02BC, as search_words()
			lateral (select lower(unaccent(regexp_replace(said, invisible, '', 'g')))
				as folded offset 0) f,
			lateral (select count(*) as at_most from unnest(t.roots) root
				where folded ~ root) r
		where at_most > 0
		order by at_most desc, n limit 100
	loop
		exit when u.at_most <= terms or tried >= 20 and terms > 0;
		tried := tried + 1;
		words := search_tsv(array[u.said]);
		has := (select count(*) from unnest(t.terms) term where words @@ term);
		if has > terms then
			terms := has;
			start_ms := u.begins;
			content := u.said;
			marks := array(select distinct p from unnest(words), unnest(positions) p
				where search_is_marked(lexeme, t));
		end if;
	end loop;
end $$;

-- Returns where the digits of the numbers are in search_words() of a text, in
-- characters from 0: [from, to), in order.
create function search_digits_in(words text, numbers text[]) returns int4range[]
language plpgsql immutable
as $$
declare
	digits int4range[] := '{}';
	pattern text;
	at int;
begin
	foreach pattern in array coalesce(numbers, '{}') loop
		at := regexp_instr(words, pattern);
		while at > 0 loop
			digits := digits || int4range(at - 1, regexp_instr(words, pattern, at, 1, 1) - 1);
			at := regexp_instr(words, pattern, upper(digits[cardinality(digits)]) + 1);
		end loop;
	end loop;
	return digits;
end $$;

-- Returns where words are in search_words() of a text, in characters from 0:
-- [from, to), in order: those with these numbers, as the index counts them, and
-- those with these digits.
create function search_hits(words text, marks int[], digits int4range[])
returns int4range[]
language sql immutable
as $$
select array_agg(int4range(before, upto) order by before)
from (
	select upto - length(token) as before, upto, row_number() over (order by n) as number
	from (
		select n, tokid, token, (sum(length(token)) over (order by n))::int as upto
		from ts_parse('default', words) with ordinality t (tokid, token, n)) t
	-- the index ignores longer ones
	where tokid <> 12 and octet_length(token) < 2047) w
where number = any (marks) or int4range(before, upto) && any (digits)
$$;

-- Returns the same as search_hits() of a text of which each run of letters is a
-- word, and each run of digits: the parser is not needed.
create function search_hits_plain(content text, marks int[]) returns int4range[]
language plpgsql immutable
as $$
declare
	hits int4range[];
	mark int;
	at int;
begin
	foreach mark in array coalesce(marks, '{}') loop
		at := regexp_instr(content, '[[:alnum:]]+', 1, mark);
		hits := hits || int4range(at - 1,
			at - 1 + length(substring(substr(content, at) from '^[[:alnum:]]+')));
	end loop;
	return hits;
end $$;

-- Returns for each character of search_words() its place in the text, from 1,
-- and after them the text's end; null: they are the same. search_words() drops
-- invisible characters.
create function search_visible_places(content text, words text) returns int[]
language sql immutable
set search_path from current
as $$
select case when length(content) <> length(words) then array(
	select n::int from unnest(string_to_array(content, null)) with ordinality c (c, n)
	where search_words(c) <> '' order by n) || length(content) + 1 end
$$;

-- Returns a part of a text, from and to as in search_hits(); see
-- search_visible_places().
create function search_slice(content text, places int[], begins int, ends int)
returns text
language sql immutable
as $$
select case when places is null then substr(content, begins + 1, ends - begins)
	else substr(content, case when begins = 0 then 1 else places[begins + 1] end,
		places[ends + 1] - case when begins = 0 then 1 else places[begins + 1] end)
	end
$$;

-- Returns where the word begins that the character before a place in
-- search_words() of a text belongs to, in characters from 0; the place itself
-- after a space.
create function search_edge(words text, at int) returns int
language sql immutable
as $$
select greatest(at, 0) - strpos(reverse(left(words, greatest(at, 0))) || ' ', ' ') + 1
$$;

-- Returns a text with marks on the words with these numbers and on the digits,
-- cut around the first if it is longer than 240 characters: whole words from 80
-- characters before it to 160 after. [{"text", "hit"}, …].
create function search_marks(content text, marks int[], numbers text[]) returns jsonb
language plpgsql stable
as $$
declare
	words text := content;
	places int[];
	hits int4range[];
	hit int4range;
	at int := 0;
	ends int;
	part text := '';
	parts jsonb := '[]';
begin
	if numbers is null and length(content) < 1000
		and content ~ '^[a-zA-ZÀ-ÖØ-öø-ÿœŒ0-9 ,.?!;:()''’«»"…–€%-]*$'
		and content !~ '[0-9][[:alpha:]]|[[:alpha:]][0-9]' then
		hits := search_hits_plain(content, marks);
	else
		words := search_words(content);
		places := search_visible_places(content, words);
		hits := search_hits(words, marks, search_digits_in(words, numbers));
	end if;
	ends := length(words);
	if length(content) > 240 and hits is not null then
		at := search_edge(words, lower(hits[1]) - 80);
		if lower(hits[1]) + 160 < ends then
			ends := greatest(search_edge(words, lower(hits[1]) + 161), upper(hits[1]));
		end if;
		part := case when at > 0 then '…' else '' end;
	end if;
	foreach hit in array coalesce(hits, '{}') || int4range(ends, null) loop
		continue when upper(hit) > ends;
		part := part || search_slice(content, places, at, lower(hit));
		if part <> '' then
			parts := parts || jsonb_build_object('text', part, 'hit', false);
			part := '';
		end if;
		exit when upper(hit) is null;
		parts := parts || jsonb_build_object('text',
			search_slice(content, places, lower(hit), upper(hit)), 'hit', true);
		at := upper(hit);
	end loop;
	if ends < length(words) then
		parts := parts || jsonb_build_object('text', '…', 'hit', false);
	end if;
	return parts;
end $$;

-- Returns for each of the texts, in order, where a searched word or phrase is
-- said or written: {"start_ms", "snippet": search_marks(), "passages"}, see
-- search_places(); start_ms is null for the subject and the summary. null where
-- it is not.
create function search_matches(texts search_text[], t search_terms) returns jsonb[]
language plpgsql stable
set search_path from current
as $$
declare
	matches jsonb[] := array_fill(null::jsonb, array[cardinality(texts)]);
	place record;
	late record;
begin
	for place in select * from search_places(texts, t) loop
		if place.partial and (place.part < 3 or place.terms < cardinality(t.terms)) then
			late := search_read_through((texts[place.n]).utterances, t);
			if late.terms > place.terms or place.part < 3 and late.terms > 0 then
				place.terms := late.terms;
				place.marks := late.marks;
				place.start_ms := late.start_ms;
				place.content := late.content;
				place.passages := greatest(place.passages, 1);
			end if;
		end if;
		continue when place.terms = 0;
		matches[place.n] := jsonb_build_object(
			'start_ms', place.start_ms,
			'snippet', search_marks(place.content, place.marks, t.numbers),
			'passages', place.passages);
	end loop;
	return matches;
end $$;
