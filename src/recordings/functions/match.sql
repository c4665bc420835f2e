set local role smartrecord_owner;

-- Returns a text, cut around its first searched word if it is longer than 240
-- characters: [{"text", "hit"}, …]; null when it has no searched word.
create function search_marks(content text, t search_terms) returns jsonb
language plpgsql stable
set search_path from current
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
	-- words and what separates them; only a word whose beginning fits is
	-- stemmed
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

-- Returns where the searched words occur: {"start_ms", "snippet":
-- search_marks()} of the first utterance with the most terms; else of the
-- subject or the summary, with start_ms null. The roots tell how many terms an
-- utterance can have, so that few are parsed; a single word needs no parsing.
create function search_match(utterances jsonb, subject text, summary text,
	t search_terms) returns jsonb
language plpgsql stable
set search_path from current
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
