set local role smartrecord_owner;

-- Returns a regular expression of how a word with this lexeme begins, without
-- the last letters that the stemmer may have changed: "évidemment" has
-- "evident", "heureuse" "heureux", "chevaux" "cheval", "payer" "pai",
-- "explication" "expliqu", "fiabilité" "fiabl".
create function search_root(lexeme text) returns text
language sql immutable
as $$
select regexp_replace(
	regexp_replace(lexeme, '(?:(?<=[ea])nt|(?<=eu)x|(?<=a)b?l|(?<=i)qu|i)$', ''),
	'[^[:alnum:]]', '.', 'g')
$$;

-- Returns a query for any of the lexemes, or a word with this beginning.
create function search_any(lexemes text[], beginning text) returns tsquery
language sql immutable
as $$
select ((select string_agg(search_quote(l), ' | ') from unnest(lexemes) l)
	|| coalesce(' | ' || search_quote(beginning) || ':*', ''))::tsquery
$$;

-- Returns the most words that a search uses. A call is matched, and its text is
-- marked, once for each of them.
create function search_words_max() returns int
language sql immutable
as $$
select 12
$$;

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
		t.capped := t.length is not distinct from most;
		exit when t.capped;
		t.length := coalesce(t.length, 0) + 1;
		half_word := case when w.is_last then last_word end;
		t.wanted := t.wanted || w.forms;
		t.query := coalesce(
			tsquery_phrase(t.query, search_any(w.forms, half_word), w.p - before),
			search_any(w.forms, half_word));
		before := w.p;
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
	return t;
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
	content text := normalize(translate(q, '«»“”„', '"""""'), NFC);
	result search_terms;
	t search_terms;
	m text[];
	half boolean;
	term text;
	seen text[] := '{}';	-- what was typed, and what it stands for
	free int := search_words_max();
	unwanted tsquery;
	only_stop_words boolean := false;
begin
	result.capped := false;
	for m in
		select regexp_matches(content, '(-?)(?:"([^"]*)("|$)|([^\s"]+))(\s*)', 'g')
	loop
		term := m[1] || lower(coalesce(m[2], m[4]));
		continue when term = any (seen);
		half := typing and m[1] = '' and m[4] is not null and m[5] = ''
			and content like '%' || m[4];
		t := search_term(coalesce(m[2], m[4]), half, greatest(free, 1));
		seen := seen || term;
		-- the beginning of a word that is there already adds nothing
		term := m[1] || case when half
			then (search_term(m[4], false, greatest(free, 1))).query else t.query end;
		continue when term = any (seen);
		seen := seen || term;
		if t.query is null then
			only_stop_words := only_stop_words
				or to_tsvector('search_plain', search_words(coalesce(m[2], m[4]))) <> '';
			continue;
		end if;
		result.capped := free = 0 or t.capped;
		exit when free = 0 or t.capped and m[1] = '-';
		free := free - t.length;
		if m[1] = '-' then
			unwanted := coalesce(unwanted || t.query, t.query);
		else
			result.query := coalesce(result.query && t.query, t.query);
			result.terms := result.terms || t.terms;
			result.wanted := result.wanted || t.wanted;
			result.begins := result.begins || t.begins;
			result.roots := result.roots || t.roots;
		end if;
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
