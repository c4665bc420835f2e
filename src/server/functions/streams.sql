set local role smartrecord_admin;

-- Begins an event stream of the request's session, for the application. Returns
-- its id, or null when the session or its person has the most streams already,
-- over all workers and machines. It ends in five seconds unless stream_hold()
-- extends it: the client may be gone before the stream begins.
create function stream_claim(most_session int, most_person int) returns uuid
language plpgsql volatile security definer
set search_path from current
as $$
declare
	claimed uuid;
begin
	-- one at a time per person: each sees the previous one
	perform pg_advisory_xact_lock(hashtext('stream_claim'), app_person());
	insert into stream_lease (session_id, person_id, until)
	select app_session(), app_person(), clock_timestamp() + interval '5 seconds'
	from stream_lease l
	where l.person_id = app_person() and l.until > clock_timestamp()
	having count(*) < most_person
	and count(*) filter (where l.session_id = app_session()) < most_session
	returning id into claimed;
	return claimed;
end $$;

-- Extends streams by 15 seconds, for the worker that serves them. Returns those
-- that exist.
create function stream_hold(ids uuid[]) returns uuid[]
language sql volatile security definer
set search_path from current
as $$
	with held as (
		update stream_lease set until = now() + interval '15 seconds'
		where id = any (ids) returning id
	)
	select coalesce(array_agg(id), '{}') from held;
$$;

-- Ends a stream.
create function stream_leave(stream uuid) returns void
language sql volatile security definer
set search_path from current
as $$
	delete from stream_lease where id = stream;
$$;

grant execute on function stream_claim(int, int),
	stream_hold(uuid[]),
	stream_leave(uuid)
	to smartrecord_app;
