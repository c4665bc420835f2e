set local role smartrecord_admin;

-- The index of accounts is asked in these words.
grant execute on function account_words(text), account_text(text, text, text, text)
	to smartrecord_owner;

-- Returns the accounts of the request's tenant, of these sites (null: of all),
-- whose names have some of the words, and of which of the terms; those that have
-- the most, at most 20. The role's own: under a policy the index of words is not
-- used, since @@ is not leakproof.
create function accounts_named(terms tsquery[], team int[])
returns table (id int, has int[])
language plpgsql stable security definer
set search_path from current
as $$
declare
	-- known to the planner, which then uses the index
	any_term tsquery := (select string_agg(format('(%s)', q), ' | ')::tsquery
		from unnest(terms) q where q is not null);
begin
	return query
	select a.id, array_agg(x.n::int)
	from account a join unnest(terms) with ordinality x (q, n)
		on account_words(a.last_name || ' ' || a.first_name) @@ x.q
	where a.tenant_id = app_tenant()
	and (team is null or a.site_id = any (team))
	and account_text(a.last_name, a.first_name, a.email, a.key) @@ any_term
	group by a.id order by count(*) desc, a.id limit 20;
end $$;

grant execute on function accounts_named(tsquery[], int[])
	to smartrecord_owner;

set local role smartrecord_owner;

-- Returns a query for a party that has all these words in its name or address;
-- half: the last word is still being typed.
create function search_party_words(content text, half boolean) returns tsquery
language plpgsql immutable
set search_path from current
as $$
begin
	return (select string_agg(search_quote('p/' || lexeme)
		|| case when half and p = last and length(lexeme) >= 3 then ':*' else '' end,
		' & ')::tsquery
	from (
		select lexeme, positions[1] as p, max(positions[1]) over () as last
		from unnest(to_tsvector('search_plain', search_sift(content)))
		where lexeme <> 'e' order by 2 limit search_words_max()) w);
end $$;

-- Returns the query of a party as one for an account, whose words have no "p/".
create function search_account_words(party tsquery) returns tsquery
language sql immutable
as $$
select replace(party::text, '''p/', '''')::tsquery
$$;

-- Returns the terms with the names that they may be: of a party, or of an
-- account within the scope of f. Of the accounts that have some of the words,
-- the 20 with the most of them count. A term of digits that is a whole number
-- is a party's number.
create function search_names(f search_filter, t search_terms) returns search_terms
language plpgsql stable
set search_path from current
as $$
declare
	accounts text[];
begin
	select array_agg(case when (number_guess(e ->> 'number')).number like '+%'
			then search_party(e ->> 'number')
			else search_party_words(e ->> 'text', (e ->> 'half')::boolean) end
		order by n)
	into t.names
	from jsonb_array_elements(t.typed) with ordinality x (e, n)
	where e ->> 'kind' <> 'excluded';
	if t.whole is not null or f.own is not null then
		return t;	-- on the board each call is of the same account
	end if;
	with named as (
		select * from accounts_named(array(
			select case when q::text !~ '''[nru]/' then search_account_words(q) end
			from unnest(t.names) with ordinality x (q, n) order by n), f.team)
	)
	select array_agg((
		select string_agg(search_quote('a/' || id), ' | ')
		from named where n = any (has)) order by n)
	into accounts
	from generate_series(1, cardinality(t.names)) n;
	t.names := array(
		select case when a is null then q else q || a::tsquery end
		from unnest(t.names, accounts) with ordinality x (q, a, n) order by n);
	return t;
end $$;

-- Returns the query of one box: each term is said or written, or is a name; or
-- the whole is a party's number. Exclusions are words.
create function search_box(t search_terms) returns tsquery
language plpgsql stable
set search_path from current
as $$
begin
	return (select search_all(
		(select case when t.whole is null then q else q || search_party(t.whole) end
		from (
			select string_agg(format('(%s)', coalesce(term || name, term)), ' & ')::tsquery as q
			from unnest(t.terms, t.names) x (term, name)) x),
		!! t.unwanted));
end $$;

-- Returns a query that search_box() implies in calls that have pairs, or null.
create function search_pairs(t search_terms) returns tsquery
language plpgsql stable
set search_path from current
as $$
begin
	return (select string_agg(format('(%s)', coalesce(pair || name, pair)), ' & ')::tsquery
	from unnest(t.pairs, t.names) x (pair, name)
	where pair is not null and t.whole is null);
end $$;

-- Returns how a searched text was understood, with what the page's recordings
-- ids have: [{"kind": "number" | "word" | "phrase" | "name" | "excluded",
-- "text"}, …]. A number that is whole is in the stored form. A term is a name
-- if a party or an account of these recordings has it, a word or a phrase if it
-- is said or written there, or when it is no name.
create function search_understood(t search_terms, tenant int, ids uuid[])
returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	whole record := number_guess(coalesce(t.whole, ''));
	are_names boolean[];
	is_word boolean;
	understood jsonb := '[]';
	is_name boolean;
	number text;
	e jsonb;
	i int := 1;	-- of the terms
begin
	if whole.number like '+%' then
		return jsonb_build_array(jsonb_build_object('kind', 'number', 'text', whole.number));
	elsif t.whole is not null then
		understood := jsonb_build_array(jsonb_build_object('kind', 'number', 'text', whole.digits));
	end if;
	if cardinality(ids) > 0 then
		execute format('select array_agg(name order by n) from ('
			'select n, bool_or(keys @@ ($1).names[n]) as name '
			'from (select r.tsv as keys from recording r '
			'where r.tenant_id = $2 and r.id = any ($3) and r.id between %L and %L '
			'offset 0) k, generate_series(1, cardinality(($1).terms)) n '
			'group by n) x', ids[cardinality(ids)], ids[1])
		into are_names using t, tenant, ids;
	end if;
	for e in select * from jsonb_array_elements(t.typed) loop
		if e ->> 'kind' = 'excluded' then
			understood := understood || (e - '{number,leads,half}'::text[]);
			continue;
		end if;
		is_name := coalesce(are_names[i], false);
		is_word := not is_name;
		if is_name then
			execute format('select exists (select from recording r '
				'where r.tenant_id = $2 and r.id = any ($3) '
				'and r.id between %L and %L and r.tsv @@ ($1).terms[$4])',
				ids[cardinality(ids)], ids[1])
			into is_word using t, tenant, ids, i;
		end if;
		number := (number_guess(e ->> 'number')).number;
		if not (e ->> 'leads')::boolean then
			null;	-- the number is told already
		elsif number like '+%' then
			understood := understood
				|| jsonb_build_object('kind', 'number', 'text', number);
		else
			if is_name then
				understood := understood
					|| jsonb_build_object('kind', 'name', 'text', e ->> 'text');
			end if;
			if is_word then
				understood := understood || jsonb_build_object('kind', e ->> 'kind',
					'text', coalesce(case when e ->> 'kind' = 'word'
						then e ->> 'number' end, e ->> 'text'));
			end if;
		end if;
		i := i + 1;
	end loop;
	return understood;
end $$;
