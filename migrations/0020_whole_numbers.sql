-- room: recordings
-- Times of pauses and utterances are integers. Documents with numbers written
-- as 600.0 or 6e2 were accepted, but stored as they were written.
set role smartrecord_owner;

update recording r set pauses = (
	select jsonb_agg(jsonb_build_object(
		'start_ms', (x ->> 'start_ms')::numeric::bigint,
		'end_ms', (x ->> 'end_ms')::numeric::bigint) order by n)
	from jsonb_array_elements(r.pauses) with ordinality e (x, n))
where r.pauses::text ~ '[0-9]\.';

update utterance u set utterances = (
	select jsonb_agg(jsonb_build_array((x ->> 0)::numeric::bigint,
		(x ->> 1)::numeric::bigint, x -> 2, x -> 3) order by n)
	from jsonb_array_elements(u.utterances) with ordinality e (x, n))
where u.utterances::text ~ '\[([0-9]+|[0-9.]+, [0-9]+)\.[0-9]';

reset role;
