-- What those who listen are told: of the places ($1: JSON, see
-- recordings_arrived) what has arrived, of the sessions ($2: ids) which live
-- and whom each supervises now. One row.
select recordings_arrived($1::jsonb) as places, (
	select coalesce(jsonb_object_agg(session_id, sites), '{}')
	from sessions_alive($2::uuid[])) as sessions
