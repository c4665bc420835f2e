set local role smartrecord_admin;

-- The one understanding of a written telephone number. Whatever reads a number
-- (list filter, accounts, import, erasure, policy, commands, ingest) calls
-- number_read() or number_guess(); both are made of number_parts(). The rule is
-- in SQL and not libphonenumber's: that is a C++ library, which only a process
-- in front of the database could call, while the role pipeline, ingest and the
-- import ask the database. Its table of countries is number_countries(), and
-- the tests compare number_read() with it.

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

-- Returns the text in ASCII as far as a number needs it. One line each: digits
-- (fullwidth, Arabic, Persian, Devanagari), plus signs, spaces, hyphens and
-- minus signs, dots, slashes, brackets, colon and at sign. Invisible characters
-- (soft hyphen, joiners, marks of direction, variation selectors, byte order
-- mark) and signs of a telephone are dropped.
create function number_plain(t text) returns text
language sql immutable strict parallel safe
as $$
select translate(t,
	'０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९'
	|| E'＋﹢➕'
	|| E'\t\n\r\u000b\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
	|| E'\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'
	|| E'\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d'
	|| E'\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff0e'
	|| E'\u2044\u2215\uff0f'
	|| E'[]（）［］：＠'
	|| E'\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c'
	|| E'\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069'
	|| E'\u206a\u206b\u206c\u206d\u206e\u206f\ufe0e\ufe0f\ufeff\u20e3'
	|| E'\u260e\u260f\u2706\U0001f4de\U0001f4f1',
	'0123456789012345678901234567890123456789' || '+++' || repeat(' ', 24)
	|| repeat('-', 11) || repeat('.', 8) || '///' || '()()():@')
$$;

-- Returns what of a text is the number, in digits, "+" and separators, and its
-- extension. Takes a name before <...> (RFC 3261, 20.10), the URIs tel: (RFC
-- 3966) and sip:, sips: (RFC 3261, 19.1) with their parameters, percent-encoded
-- too, and an extension after "poste", "ext", "x" or "#". written is null when
-- the text is something else.
create function number_written(t text, out written text, out extension text)
language plpgsql immutable strict parallel safe
as $$
declare
	s text;
	scheme text;
	context text;
	split text[];
begin
	if t !~ '[0-9０-９٠-٩۰-۹०-९]' then
		return;			-- most names, quickly
	end if;
	s := case when octet_length(t) > length(t) then number_plain(t)
		else translate(t, E'[]\t\n\r\u000b\f', '()     ') end;
	if s like '%<%' then
		s := coalesce(substring(s from '<([^<>]*)>'), '');
	end if;
	s := btrim(s, E' ,;.\'"’');
	scheme := lower(substring(s from '^(?:[Tt][Ee][Ll]|[Ss][Ii][Pp][Ss]?|callto):'));
	if scheme <> '' or s ~ '[@;%]' then
		s := regexp_replace(s, '^[a-z]+:[/ ]*', '', 'i');
		s := replace(replace(replace(replace(s, '%20', ' '), '%28', '('), '%29', ')'),
			'%40', '@');
		s := regexp_replace(s, '%2b', '+', 'gi');
		s := regexp_replace(s, '%3b', ';', 'gi');
		s := regexp_replace(s, '%2d', '-', 'gi');
		if scheme like 'sip%' and s !~ '@' and s ~ '[.]' then
			return;		-- only a host
		end if;
		context := substring(s from ';phone-context=([+][-0-9().]+)');
		extension := substring(s from ';ext=([0-9]+)');
		s := regexp_replace(s, '[;:?@].*$', '');
		if s !~ '^[ (]*[+]' then
			s := concat(context, s);
		end if;
	end if;
	if s ~ '[[:alpha:]#]' then
		split := regexp_match(s, '^(.*[0-9)])[ ,(]*(?:poste|post|extension|extn|ext|x|#)'
			|| '[ .:]*([0-9]{1,7}) ?[)]?$', 'i');
		s := split[1];
		extension := split[2];
	end if;
	if s ~ '^[ (]*[+]?[- 0-9()./]*$' and s ~ '[0-9]' then
		written := s;
	else
		extension := null;
	end if;
end $$;

-- Returns the country calling code at the beginning of digits, or null. No code
-- is the beginning of another one (ITU-T E.164, 6.2.1). Not strict, as
-- number_fits(): PostgreSQL then puts it into the expression that calls it.
create function number_code(digits text) returns text
language sql immutable parallel safe
as $$
select case when number_countries() ? left(digits, 1) then left(digits, 1)
	when number_countries() ? left(digits, 2) then left(digits, 2)
	when number_countries() ? left(digits, 3) then left(digits, 3) end
$$;

-- Returns true for a number of a possible length in its country.
create function number_fits(code text, rest text) returns boolean
language sql immutable parallel safe
as $$
select number_countries() -> code -> 'lengths' @> to_jsonb(length(rest))
	and number_is_e164('+' || code || rest)
	and (rest !~ '^0' or number_countries() -> code ->> 'trunk' is distinct from '0'
		or number_countries() -> code ? 'zero')
$$;

-- Returns digits after a country calling code without what is dialled before
-- them only inside the country: "+44 020…", "+7 8 495…". bracket: the digits in
-- brackets right after the code, as in "+44 (0)20…". A zero that is part of the
-- number stays: "+39 (0)6…".
create function number_trunkless(code text, rest text, bracket text) returns text
language plpgsql immutable parallel safe
as $$
declare
	plan jsonb := number_countries() -> code;
	trunk text := plan ->> 'trunk';
	prefix text := case when bracket = '0' or bracket = trunk then bracket
		when rest like trunk || '%' then trunk end;
	bare text := substr(rest, length(prefix) + 1);
begin
	return case
		when prefix is null then rest
		when not plan ? 'zero' and (bracket = prefix or trunk = '0') then bare
		when number_fits(code, bare) and not number_fits(code, rest) then bare
		else rest end;
end $$;

-- Reads a written number. digits: those that were written, without an
-- extension; null when the text is no number, whole or not. international: the
-- same after "+" or "00", without trunk prefix; null for other writings.
-- number: the stored form, when the number is whole and can exist. A national
-- writing is French. problem: why number is null, as in the keys of
-- number_refusal().
create function number_parts(t text, out digits text, out international text,
	out number text, out extension text, out problem text)
language plpgsql immutable strict parallel safe
as $$
declare
	s text := t;
	code text;
begin
	if t !~ '^[+]?[0-9]+$' then
		select w.written, w.extension into s, extension from number_written(t) w;
	end if;
	digits := regexp_replace(s, '[^0-9]', '', 'g');
	international := case when s like '%+%' then digits
		when digits like '00%' then substr(digits, 3)
		-- a number whose "+" was lost
		when digits ~ '^(33|262|590|594|596)[1-9][0-9]{8}$' then digits end;
	if digits is null then
		problem := 'invalid';
	elsif international is not null then
		code := number_code(international);
		if code is null then
			problem := 'country';
			return;
		end if;
		international := code || number_trunkless(code,
			substr(international, length(code) + 1), case when s like '%(%' then
			substring(s from '^[ (]*(?:[+]|0 ?0)[ (]*' || code
				|| '[-) ./]*[(] *([0-9]{1,2}) *[)]') end);
		if number_fits(code, substr(international, length(code) + 1)) then
			number := '+' || international;
		else
			problem := 'length';
		end if;
	elsif digits ~ '^0[1-9][0-9]{8}$' then
		number := '+' || number_country(digits) || right(digits, 9);
	elsif digits ~ '^[1-9][0-9]{1,7}$' then
		number := digits;
	else
		problem := case when digits like '0%' then 'national' else 'invalid' end;
	end if;
end $$;

-- Converts a written number to the stored form. Null when it is not a number,
-- can't exist, or has an extension, which a stored number can't have.
create function number_read(t text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
	p record := number_parts(t);
begin
	return case when p.extension is null then p.number end;
end $$;

-- Returns why number_read() is null, null when it is not: a key of
-- number_refusal().
create function number_problem(t text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
	p record := number_parts(t);
begin
	return case when p.number is null then p.problem
		when p.extension is not null then 'extension' end;
end $$;

-- Returns the French sentence for who wrote a number that number_read() does not
-- take.
create function number_refusal(t text) returns text
language sql immutable parallel safe
as $$
select case number_problem(t)
	when 'extension' then 'Le numéro est suivi d’un poste : écrivez le numéro seul.'
	when 'country' then 'Aucun pays n’a l’indicatif de ce numéro.'
	when 'length' then 'Ce numéro n’existe pas : son pays n’a pas de numéro de cette longueur.'
	when 'national' then 'Un numéro qui commence par 0 a dix chiffres : 06 13 24 10 88.'
	else 'Écrivez un numéro entier : 06 13 24 10 88, '
		'+33 6 13 24 10 88, ou un numéro court de 2 à 8 chiffres.' end
$$;

-- Reads what a person looks for: a number, its beginning or its end. number:
-- the stored form of a whole number, or null. begins: how stored numbers may
-- begin, E.164 with "+". ends: how they may end, of four digits or more. digits:
-- as they were written. All are null for a text that is no number. An extension
-- is ignored.
create function number_guess(t text, out number text, out digits text,
	out begins text[], out ends text[])
language plpgsql immutable strict parallel safe
as $$
declare
	p record := number_parts(t);
begin
	if p.digits is null then
		return;
	end if;
	number := p.number;
	digits := p.digits;
	begins := array_remove(array[digits, '+' || p.international,
		case when p.international is null then '+' || digits end,
		case when digits ~ '^0[1-9]' then '+33' || substr(digits, 2) end,
		case when digits ~ '^0[1-9]' and number_country(digits) <> '33'
			then '+' || number_country(digits) || substr(digits, 2) end], null);
	ends := array_remove(array[
		case when length(digits) >= 4 then digits end,
		-- a national number of another country
		case when digits ~ '^0[1-9][0-9]{7}' then substr(digits, 2) end], null);
end $$;

-- Lexemes of search_keys() in calls with this number. In the French numbering
-- plan 0612345678 is one subscriber, with any of the five country codes. A
-- long number is also searched as it may have been delivered: with its trunk
-- zero after the code, and as a word of an identity in each spelling without
-- spaces; a short number is not, because it would match by chance. The first
-- key is the same for each form of a number, see erasure_hash().
create function number_keys(number text) returns text[]
language plpgsql immutable strict parallel safe
as $$
declare
	home text := substring(number from '^\+(?:33|262|590|594|596)([1-9][0-9]{8})$');
	whole text[] := array[ltrim(number, '+')];
	code text := case when number like '+%' then number_code(whole[1]) end;
begin
	if number !~ '^\+' then
		return array['n/' || number];
	elsif home is not null then
		whole := array['33' || home, '262' || home, '590' || home,
			'594' || home, '596' || home];
	end if;
	return array_remove(array(select 'n/' || w from unnest(whole) w)
		|| array(select 'p/' || w from unnest(whole) w)
		|| array(select 'p/00' || w from unnest(whole) w)
		|| ('p/0' || home)
		|| case when number_countries() -> code ->> 'trunk' = '0'
			then 'n/' || code || '0' || substr(number, length(code) + 2) end, null);
end $$;

grant execute on function number_valid(text), number_country(text),
	number_plain(text), number_written(text), number_code(text),
	number_fits(text, text), number_trunkless(text, text, text),
	number_parts(text), number_read(text), number_problem(text),
	number_refusal(text), number_guess(text), number_keys(text)
	to smartrecord_admin, smartrecord_owner, smartrecord_app, smartrecord_jobs;
