set local role smartrecord_admin;

-- Is this a telephone number in the stored form: E.164 or a short number?
create function number_valid(number text) returns boolean
language sql immutable parallel safe
as $$
select number_is_e164(number) or number_is_short(number)
$$;

-- Country code of a national number of ten digits. Reunion and Mayotte,
-- Guadeloupe, Guiana and Martinique have their own codes (Arcep, decision
-- 2018-0881).
create function number_country(digits text) returns text
language sql immutable strict parallel safe
as $$
select case
	when digits ~ '^0(262|263|692|693)' then '262'
	when digits ~ '^0(590|690|691)' then '590'
	when digits ~ '^0(594|694)' then '594'
	when digits ~ '^0(596|696|697)' then '596'
	else '33' end
$$;

-- Converts a written number, national or international, to the stored form;
-- null when it is not a number.
create function number_read(t text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
	n text := regexp_replace(t, '[ ().\/\t\u00a0\u202f-]', '', 'g');
begin
	if n ~ '^(\+|00)330[1-9][0-9]{8}$' then	-- +33 (0)6…
		n := '+33' || right(n, 9);
	elsif n ~ '^00' then
		n := '+' || substr(n, 3);
	elsif n ~ '^0[1-9][0-9]{8}$' then
		n := '+' || number_country(n) || right(n, 9);
	end if;
	return case when number_valid(n) then n end;
end $$;

-- Lexemes of search_keys() in calls with this number. In the French numbering
-- plan 0612345678 is one subscriber, with any of the five country codes. A
-- long number is also searched as a word of an identity, in each spelling
-- without spaces; a short number is not, because it would match by chance.
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

grant execute on function number_valid(text), number_country(text),
	number_read(text), number_keys(text) to smartrecord_admin, smartrecord_owner,
	smartrecord_app, smartrecord_jobs;
