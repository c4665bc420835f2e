set local role smartrecord_owner;

-- Returns digits in the groups that people say and write: pairs, of an odd
-- number one digit first ("06 13 24", "1 23 45"), and thousands ("1 200").
create function search_groups(digits text) returns setof text[]
language sql immutable parallel safe
as $$
select distinct groups from unnest(array[2, 3]) size,
	lateral (select array_remove(array[left(digits, length(digits) % size)], '')
		|| array(select m[1] from regexp_matches(
			substr(digits, length(digits) % size + 1), '(.{' || size || '})', 'g') m)
		as groups) g
where length(digits) > size
$$;

-- Returns the writings of a number that was typed as these digits, as digits in
-- one: as typed, and for a subscriber of France national and international.
create function search_writings(typed text) returns text[]
language plpgsql immutable
set search_path from current
as $$
declare
	digits text := regexp_replace(typed, '[^0-9]', '', 'g');
	home text := substring((number_guess(typed)).number
		from '^\+(?:33|262|590|594|596)([1-9][0-9]{8})$');
begin
	return array(select distinct w from unnest(array[digits, '0' || home,
		substring((number_guess(typed)).number from '^\+(.*)$')]) w
		where length(w) >= 4);
end $$;

-- Returns a query for the digits in one or in groups; half: their end is not
-- typed yet. A call that was indexed before search_joined() is found by usual
-- groups only. null: fewer than four digits.
create function search_digits(writings text[], half boolean) returns tsquery
language plpgsql immutable
set search_path from current
as $$
begin
	return (select string_agg(format('(%s%s)', array_to_string(groups, ' <-> '),
		case when half then ':*' else '' end), ' | ')::tsquery
	from (
		select array[w] as groups from unnest(writings) w
		union
		select search_groups(w) from unnest(writings) w
		union
		-- a country code of two digits before pairs
		select array[left(w, 2), substr(w, 3, 1)] || g
		from unnest(writings) w, search_groups(substr(w, 4)) g
		where w ~ '^33[1-9][0-9]{8}$' and cardinality(g) = 4
	) w);
end $$;

-- Returns a regular expression that the folded text has where it has the
-- digits, in any groups.
create function search_digits_look(writings text[], half boolean) returns text
language sql immutable
as $$
select '\m(?:' || string_agg(regexp_replace(w, '(?<=.)(?=.)', '[^[:alnum:]]*', 'g'),
	'|') || ')' || case when half then '' else '\M' end
from unnest(writings) w
$$;

-- Returns the lexemes of digits that are in consecutive groups, joined: each
-- run of 4 to 20 digits, at the positions of its first and its last group.
create function search_joined(words tsvector) returns tsvector
language sql immutable parallel safe
as $$
	with recursive piece as (
		select lexeme, p from unnest(words) w, unnest(positions) p
		where lexeme ~ '^[0-9]{1,19}$'
	), run as (
		select lexeme as digits, p as first, p as last from piece
		union all
		select r.digits || n.lexeme, r.first, n.p
		from run r join piece n on n.p = r.last + 1
		where length(r.digits) + length(n.lexeme) <= 20
	)
	select coalesce(string_agg(format('''%s'':%s,%s', digits, first, last), ' '),
		'')::tsvector
	from run where last > first and length(digits) >= 4
$$;
