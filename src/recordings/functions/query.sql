set local role smartrecord_owner;

-- Returns a regular expression of how a word with this lexeme begins, with the
-- last letters that the stemmer may have changed: "évidemment" and "fréquence"
-- have "evident" and "frequent", "heureuse" "heureux", "chevaux" "cheval",
-- "payer" "pai", "explication" "expliqu", "fiabilité" "fiabl".
create function search_root(lexeme text) returns text
language plpgsql immutable
as $$
begin
	return (select case
		when lexeme ~ '[ea]nt$' then regexp_replace(root, 'nt$', '(?:n[tc]|mm)')
		when lexeme ~ 'eux$' then regexp_replace(root, 'x$', '[xs]')
		when lexeme ~ 'al$' then regexp_replace(root, 'l$', '[lu]')
		when lexeme ~ 'abl$' then regexp_replace(root, 'l$', '[li]')
		when lexeme ~ 'iqu$' then regexp_replace(root, 'qu$', '(?:qu|c)')
		when lexeme ~ 'i$' then regexp_replace(root, 'i$', '[iy]')
		else root end
	from regexp_replace(lexeme, '[^[:alnum:]]', '.', 'g') root);
end $$;

-- Returns a query for any of the lexemes, or a word with this beginning.
create function search_any(lexemes text[], beginning text) returns tsquery
language plpgsql immutable
as $$
begin
	return (select ((select string_agg(search_quote(l), ' | ') from unnest(lexemes) l)
		|| coalesce(' | ' || search_quote(beginning) || ':*', ''))::tsquery);
end $$;

-- Returns the most words that a search uses. A call is matched, and its text is
-- marked, once for each of them.
create function search_words_max() returns int
language sql immutable
as $$
select 12
$$;

-- Returns a query for the search_pair() of two words of a phrase that have any
-- of these forms; null if one has digits, which search_joined() writes in
-- another way.
create function search_pair_query(forms text[], distance int, next_forms text[])
returns tsquery
language plpgsql immutable
as $$
begin
	return (select string_agg(search_quote(search_pair(a, distance, b)), ' | ')::tsquery
	from unnest(forms) a, unnest(next_forms) b
	where not array_to_string(forms || next_forms, ' ') ~ '[0-9]');
end $$;

-- Returns the terms of one word, compound or phrase: of its first words, at most
-- `most`. half: its last word is still being typed. query is null when it has
-- only stop words.
create function search_term(content text, half boolean, most int)
returns search_terms
language plpgsql stable
set search_path from current
as $$
declare
	t search_terms;
	words text := search_sift(content);
	last_word text;
	half_word text;
	w record;
	before int;
	forms text[];	-- also stemmed again
	before_forms text[];
	pair tsquery;	-- of it and the word before
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
		where lexeme not in ('e', '')
		group by p order by p
	loop
		t.capped := t.length is not distinct from most;
		exit when t.capped;
		t.length := coalesce(t.length, 0) + 1;
		half_word := case when w.is_last then last_word end;
		-- a form may be the plain one of a word in the text, which the pairs
		-- have stemmed: "fachee" has "fache", and "fâché" too
		forms := w.forms || array(
			select (ts_lexize('public.search_stem', f))[1] from unnest(w.forms) f);
		pair := search_pair_query(before_forms, w.p - before, forms);
		t.wanted := t.wanted || w.forms;
		t.query := coalesce(
			tsquery_phrase(t.query, search_any(w.forms, half_word), w.p - before),
			search_any(w.forms, half_word));
		if half_word is null then
			t.pairs[1] := coalesce(t.pairs[1] && pair, pair, t.pairs[1]);
		end if;
		before := w.p;
		before_forms := forms;
		-- the root of a phrase is that of its longest word, often the
		-- rarest
		if length(w.forms[1]) > longest then
			longest := length(w.forms[1]);
			t.roots := array['\m(' || array_to_string(array(
				select search_root(l) from unnest(w.forms || half_word) l
				where l is not null), '|') || ')'];
		end if;
	end loop;
	if last_word is not null and not t.capped then
		t.begins := array[last_word];
	end if;
	t.terms := array[t.query];
	t.pairs := array[t.pairs[1]];
	return t;
end $$;

-- Returns a searched text with every space of Unicode as a blank and every
-- double quotation mark as '"'. search_words() parts the rest, apostrophes too,
-- as it does for the index.
create function search_typed(q text) returns text
language sql immutable
as $$
select normalize(translate(q, E'\t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003'
	|| E'\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f'
	|| E'\u3000' || '«»“”„‟＂', repeat(' ', 25) || '"""""""'), NFC)
$$;

-- Returns the words, phrases and exclusions of search_typed(). number: the
-- digits that it belongs to, with those in the words before and after it. half:
-- the text ends with it, and with no quotation mark.
create function search_pieces(typed text)
returns table (content text, excluded bool, quoted bool, number text, leads bool,
	half bool)
language plpgsql immutable
set search_path from current
as $$
#variable_conflict use_column
begin
	return query
	with piece as (
		select n, m[1] = '-' as excluded, m[2] is not null as quoted,
			coalesce(m[2], m[4]) as content,
			m[2] is null and m[5] = '' and n = max(n) over () as half
		from regexp_matches(typed, '(-?)(?:"([^"]*)("|$)|([^\s"]+))(\s*)', 'g')
			with ordinality r (m, n)
	), numbered as (
		select *, content ~ '^[+(]*[0-9][-0-9().+/ ]*$' as digits,
			case when excluded or quoted or content !~ '^[+(]*[0-9][-0-9().+/]*$'
				then n end as alone
		from piece where search_words(content) ~ '[^ ]'
	), run as (
		-- words of digits that follow each other have the same number of
		-- other words before them
		select *, count(alone) over (order by n) as others from numbered
	)
	select content, excluded, quoted, case when not digits then null
		when alone is null
			then string_agg(content, ' ') over (partition by others, alone order by n
				rows between unbounded preceding and unbounded following)
		else content end,
		row_number() over (partition by others, alone order by n) = 1,
		case when digits and alone is null then bool_or(half) over (
			partition by others, alone) else half end and not excluded
	from run order by n;
end $$;

-- Returns the terms with the digits of a number in one and in groups.
create function search_with_digits(t search_terms, writings text[], half boolean)
returns search_terms
language plpgsql immutable
set search_path from current
as $$
begin
	if t.query is not null and writings <> '{}' then
		t.query := t.query || search_digits(writings, half);
		t.terms := array[t.query];
		t.pairs := array[null::tsquery];
		t.numbers := array[search_digits_look(writings, half)];
		t.roots := array[t.roots[1] || '|' || t.numbers[1]];
	end if;
	return t;
end $$;

-- Returns the terms of one piece, see search_pieces() and search_term().
-- whole: the number that the whole searched text is, or null.
create function search_piece(content text, number text, half boolean, most int,
	whole text) returns search_terms
language plpgsql stable
set search_path from current
as $$
declare
	t search_terms := search_term(content, half, most);
	joined text := regexp_replace(search_words(content), '([0-9]) +(?=[0-9])', '\1', 'g');
	other search_terms;
begin
	if number is not null or whole is not null then
		return search_with_digits(t, search_writings(coalesce(whole, number)), half);
	elsif t.query is not null and joined <> search_words(content) then
		-- groups of digits in a phrase
		other := search_term(joined, half, most);
		t.query := t.query || other.query;
		t.terms := array[t.query];
		t.pairs := array[null::tsquery];
		t.wanted := t.wanted || other.wanted;
		t.roots := array[t.roots[1] || '|' || other.roots[1]];
	end if;
	return t;
end $$;

-- Returns the number that a whole searched text is, as it was typed; null: it is
-- something else, or has fewer than four digits.
create function search_whole_number(typed text) returns text
language plpgsql immutable
set search_path from current
as $$
begin
	return (select typed where typed !~ '^ *-|"' and length((number_guess(typed)).digits) >= 4);
end $$;

-- Returns the terms of a searched text: words, "phrases", -exclusions; all must
-- hold. Equal ones are one. Only the first search_words_max() different words
-- are used, those of phrases and exclusions included; an exclusion that would
-- lose a word is ignored, since it would exclude more. typing: the last word may
-- be unfinished. SR400 with the field q: it has no word to search for.
create function search_read(q text, typing boolean) returns search_terms
language plpgsql stable
set search_path from current
as $$
declare
	typed text := search_typed(q);
	result search_terms;
	t search_terms;
	m record;
	half boolean;
	term text;
	seen text[] := '{}';	-- what was typed, and what it stands for
	free int := search_words_max();
	unwanted tsquery;
	only_stop_words boolean := false;
begin
	result.capped := false;
	result.typed := '[]';
	result.whole := search_whole_number(typed);
	for m in select * from search_pieces(typed) loop
		term := case when m.excluded then '-' else '' end || lower(m.content);
		continue when term = any (seen);
		half := typing and m.half;
		t := search_piece(m.content, m.number, half, greatest(free, 1), result.whole);
		seen := seen || term;
		-- the beginning of a word that is there already adds nothing
		term := case when m.excluded then '-' else '' end
			|| case when half then (search_piece(m.content, m.number, false,
				greatest(free, 1), result.whole)).query else t.query end;
		continue when term = any (seen);
		seen := seen || term;
		if t.query is null then
			only_stop_words := only_stop_words
				or to_tsvector('search_plain', search_words(m.content)) <> '';
			continue;
		end if;
		result.capped := free = 0 or t.capped;
		exit when free = 0 or t.capped and m.excluded;
		free := free - t.length;
		if m.excluded then
			unwanted := coalesce(unwanted || t.query, t.query);
		else
			result.query := coalesce(result.query && t.query, t.query);
			result.terms := result.terms || t.terms;
			result.pairs := result.pairs || t.pairs;
			result.wanted := result.wanted || t.wanted;
			result.begins := result.begins || t.begins;
			result.roots := result.roots || t.roots;
			result.numbers := result.numbers || t.numbers;
		end if;
		result.typed := result.typed || jsonb_build_object('text', m.content,
			'kind', case when m.excluded then 'excluded'
				when m.quoted then 'phrase' else 'word' end,
			'number', m.number, 'leads', m.leads, 'half', half);
		exit when result.capped;
	end loop;
	if result.query is null then
		perform refuse_field('q', case
			when unwanted is not null then
				'Ajoutez un mot à chercher : une exclusion seule ne suffit pas.'
			when only_stop_words then
				'Ces mots sont trop courants pour être cherchés. '
				'Ajoutez un mot plus précis.'
			else 'Écrivez au moins un mot.' end);
	end if;
	result.unwanted := unwanted;
	result.query := coalesce(result.query && !! unwanted, result.query);
	return result;
end $$;

-- Returns a query for a party's number or name. All writings of a number are
-- the same number, see number_guess(). Four digits or more match the beginning
-- or the end of a number, fewer a whole short number. "=" before a number
-- matches exactly that number, in any form. Each word of a name matches as a
-- beginning; the first search_words_max() are used. A number that was delivered
-- inside an identity is also a word of it: calls indexed before search_numbers()
-- read identities are found by that.
create function search_party(t text) returns tsquery
language plpgsql stable
set search_path from current
as $$
declare
	exact text := substring(t from '^\s*=(.*)$');
	guess record := number_guess(coalesce(exact, t));
	keys text[];
	party text;
	words text;
begin
	if exact is not null then
		-- a stored number that can't exist is found as it is
		keys := number_keys(coalesce(number_read(exact),
			case when number_valid(btrim(exact)) then btrim(exact) end));
	elsif length(guess.digits) >= 4 then
		keys := array['u/' || guess.digits]
			|| case when guess.number like '+%' then number_keys(guess.number) end;
		select string_agg(search_quote(k) || ':*', ' | ') into party from (
			select 'n/' || ltrim(b, '+') from unnest(guess.begins) b
			union
			select 'r/' || reverse(e) from unnest(guess.ends) e) w (k);
	else
		keys := array['n/' || guess.digits, 'u/' || guess.digits];
	end if;
	-- a name, or an address whose digits are not a whole number
	if exact is null and (guess.digits is null
		or t ~ '@' and coalesce(guess.number, '') !~ '^[+]') then
		select string_agg(search_quote('p/' || lexeme) || ':*', ' & ') into words
		from (
			select lexeme from unnest(to_tsvector('search_plain',
				search_words(normalize(t, NFC))))
			order by positions[1] limit search_words_max()) w;
	end if;
	party := nullif(concat_ws(' | ', (select string_agg(search_quote(k), ' | ')
		from unnest(keys) k), party, words), '');
	-- no number and no name: a lexeme that no call has
	return coalesce(party, search_quote('p/'))::tsquery;
end $$;
