set local role smartrecord_owner;

-- --- selections ------------------------------------------------------------
-- Returns the ids of a member of a selection, at most 1,000. SR400 with the
-- field select: it is not valid.
create function selection_ids(selection jsonb, name text) returns uuid[]
language plpgsql stable
set search_path from current
as $$
declare
	list jsonb := coalesce(selection -> name, '[]');
begin
	if jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 1000
		or exists (select from jsonb_array_elements(list) x
			where jsonb_typeof(x) <> 'string' or x #>> '{}'
				!~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') then
		perform refuse_field('select', 'Cette valeur ne convient pas.');
	end if;
	return array(select (x #>> '{}')::uuid from jsonb_array_elements(list) x);
end $$;

-- Returns the ids of the recordings of a selection within the request's scope:
-- {"ids": []}, or {"filter": {}, "except": [], "as_of"}, all that the list had
-- at that instant. Leaves out what arrived later or was deleted since. Newest
-- first by id. The planner's settings are those of search_list(), for the same
-- reasons. SR400 with the field: a value is not valid.
create function recordings_selected(selection jsonb) returns setof uuid
language plpgsql stable security definer
set search_path from current
set jit = off
set max_parallel_workers_per_gather = 0
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	chosen uuid[] := selection_ids(selection, 'ids');
	spared uuid[] := selection_ids(selection, 'except');
	as_of timestamptz := coalesce(search_instant(selection, 'as_of', 'UTC', 0),
		now());
	f search_filter := search_filter_of(
		coalesce(selection -> 'filter', '{}') - '{after,limit,typing}'::text[]);
	walk text := case when f.query is null then 'on' else 'off' end;
	w record;
begin
	if selection ? 'ids' then
		return query execute 'select r.id from recording r where r.id = any ($2) and '
			|| search_conditions(f, true) || ' order by r.id desc' using f, chosen;
		return;
	end if;
	perform set_config('enable_indexscan', walk, true),
		set_config('enable_indexonlyscan', walk, true);
	for w in select * from search_windows(f.since, f.until, null) loop
		return query execute format('select r.id from recording r '
			'where r.id >= %L and r.id < %L and %s and r.ingested_at <= $2 '
			'and r.id <> all ($3) order by r.id desc',
			w.lower_id, w.upper_id, search_conditions(f, true)
			|| search_pairs_condition(f, uuid7_time(w.lower_id)))
		using f, as_of, spared;
	end loop;
end $$;

-- Returns the exact number of recordings of a selection, for the application.
create function recordings_count(selection jsonb) returns int
language sql stable security definer
set search_path from current
as $$
select count(*)::int from recordings_selected(selection)
$$;

grant execute on function recordings_count(jsonb)
	to smartrecord_app;
