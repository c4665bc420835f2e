-- room: db
-- How French text becomes the words of an index; names and numbers.

set role smartrecord_owner;

-- Stemming before folding keeps French endings ("payée" matches "payer");
-- folding before stemming lets people type without accents. One word in eight
-- differs, so the index has both forms, and the plain word for half-typed
-- words. None of the three configurations drops a word, so that positions count
-- all words.
create text search dictionary search_stem (template = snowball, language = french);
create text search configuration search_stemmed (parser = default);
create text search configuration search_folded (parser = default);
create text search configuration search_plain (parser = default);
alter text search configuration search_stemmed
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with search_stem;
alter text search configuration search_folded
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with unaccent, search_stem;
alter text search configuration search_plain
	add mapping for asciiword, word, numword, uint, int, float, sfloat
	with unaccent, simple;

-- Returns the text with each character that is neither letter nor digit
-- replaced by a space: the parser then finds only words, never addresses or
-- hyphenated ones. One line each: ASCII, spaces, letters that unaccent() turns
-- into quotes, other apostrophes, punctuation. Invisible characters inside a
-- word (soft hyphen, joiners, byte order mark) are dropped.
create function search_words(t text) returns text
language sql immutable parallel safe
return translate(t, E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r'
	|| E'\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
	|| E'\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000'
	|| E'\u0149\u02b9\u02bb\u02bc\u02bd\u02c8'
	|| E'´‘’‚‛′＇“”„‟″«»‹›'
	|| E'‐‑‒–—―−…·•°€¡¿§\u00ad\u200c\u200d\u2060\ufeff', repeat(' ', 92));

grant execute on function search_words(text) to smartrecord_admin;

set role smartrecord_admin;

-- Returns what accounts are sorted by, without case and accents. Its names are
-- qualified, since setting a search path would cost more than the function.
create function account_sorted(last_name text, first_name text) returns text
language sql immutable parallel safe
return lower(public.unaccent('public.unaccent',
	normalize(last_name || ' ' || first_name, NFC)));

-- Returns the searched words of a name or an address, one per part.
create function account_words(t text) returns tsvector
language sql immutable parallel safe
return to_tsvector('public.search_plain', public.search_words(normalize(t, NFC)));

-- Returns the searched words of an account.
create function account_text(last_name text, first_name text, email text, key text)
returns tsvector
language sql immutable parallel safe
return public.account_words(last_name || ' ' || first_name || ' ' || email || ' ' || key);

-- A stored telephone number is in E.164 ("+" and 7 to 15 digits; ITU-T E.164,
-- section 6.2.1) or a short number of 2 to 8 digits. These two functions are
-- the rule; src/telephony/policy.c has the same one in C.
create function number_is_e164(number text) returns boolean
language sql immutable parallel safe
return number ~ '^\+[1-9][0-9]{6,14}$';

create function number_is_short(number text) returns boolean
language sql immutable parallel safe
return number ~ '^[0-9]{2,8}$';

grant execute on function number_is_e164(text), number_is_short(text)
	to smartrecord_owner, smartrecord_app, smartrecord_jobs;

reset role;
