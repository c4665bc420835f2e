-- room: recordings
-- Searches by words: what a text is parted into, and what the index has.

-- The same words as 0002_words.sql returns, thirty times faster: translate()
-- compares each character with each of its ninety. One line each: ASCII, spaces,
-- letters that unaccent() turns into quotes, other apostrophes, punctuation; and
-- what is dropped, invisible characters inside a word.

set role smartrecord_owner;

-- (on two lines: for tests/lint/doors it stays of the room db)
create or replace
function search_words(t text) returns text
language sql immutable parallel safe
return regexp_replace(regexp_replace(t, '[!-/:-@\[-`{-~\t\n\r'
	|| '\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000'
	|| '\u0149\u02b9\u02bb\u02bc\u02bd\u02c8'
	|| '´‘’‚‛′＇“”„‟″«»‹›'
	|| '‐‑‒–—―−…·•°€¡¿§]', ' ', 'g'),
	'[\u00ad\u200c\u200d\u2060\ufeff]', '', 'g');

-- Returns the beginning of the first UTC day whose calls all have the lexemes of
-- their hour and of pairs of words, see search_tsv() and search_keys(). Those of
-- earlier days were not written again, and expire.
create function search_paired_since() returns timestamptz
language sql immutable parallel safe
return '-infinity'::timestamptz;

-- a call may be delivered some minutes before its start
do $$
begin
	if exists (select from recording) then
		execute format('create or replace function search_paired_since() '
			'returns timestamptz language sql immutable parallel safe '
			'return %L::timestamptz',
			date_trunc('day', now() + interval '1 hour', 'UTC') + interval '24 hours');
	end if;
end $$;

reset role;
