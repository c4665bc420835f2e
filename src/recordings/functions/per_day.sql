set local role smartrecord_owner;

-- Returns the parts of the filter's time with their numbers, as
-- search_tallies(), from where they are kept, or counted.
create function search_all_tallies(f search_filter) returns search_tally[]
language plpgsql stable
set search_path from current
set jit = off
set max_parallel_workers_per_gather = 0
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	walk text := case when f.query is null then 'on' else 'off' end;
begin
	if search_is_kept(f) then
		return search_tallies(f, null);
	end if;
	-- as in search_list()
	perform set_config('enable_indexscan', walk, true),
		set_config('enable_indexonlyscan', walk, true);
	return search_count(f, array(select p from search_parts(f, 0, 100) p));
end $$;

-- Returns how many recordings the filter of recordings_search() finds on each
-- day: {"days": [{"date", "total", "moods": {mood: number}}], "total"}. A day is
-- that of each recording's site, oldest first, from where retention or the
-- filter ends, days without calls included. total is of the filter's moods,
-- moods of all; null where search_one_person(). SR400 with the field: a value
-- is not valid.
create function recordings_per_day(filter jsonb) returns json
language plpgsql volatile security definer
set search_path from current
as $$
declare
	f search_filter := search_filter_of(filter - '{after,limit}'::text[]);
	tallies search_tally[];
	person boolean;
begin
	tallies := search_all_tallies(f);
	if search_is_kept(f) then
		perform search_keep(f, tallies);
	end if;
	person := search_one_person(f, case when (f.words).query is null then '[]'
		else search_understood(f.words, f.tenant,
			(select ids from search_found(f, false))) end,
		(search_choices_kept(f)).alone);
	return (
		with days as (
			select t.day, sum(search_sum(array[t], f.moods)) as total,
				array_agg(t.moods) as moods
			from unnest(tallies) t where t.day > '-infinity' group by t.day
		)
		select json_build_object('total', search_sum(tallies, f.moods), 'days',
			coalesce(array_to_json(array_agg(json_build_object('date', d.day, 'total', d.total,
				'moods', case when not person then (
					select coalesce(json_object_agg(mood, n order by mood), '{}') from (
						select e.key as mood, sum(e.value::int) as n
						from unnest(d.moods) m, jsonb_each_text(m) e group by e.key) x)
					end) order by d.day)), '[]'))
		from days d);
end $$;

grant execute on function recordings_per_day(jsonb)
	to smartrecord_app;
