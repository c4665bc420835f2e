-- One row for all listeners of a worker: what has arrived at the positions $1
-- (see recordings_arrived()), and which of the sessions $2 (ids) exist, each
-- with the sites that it supervises now: {session: sites}.
select recordings_arrived($1::jsonb) as positions, (
	select coalesce(jsonb_object_agg(session_id, sites), '{}')
	from sessions_alive($2::uuid[])) as sessions
