-- One row: the archive $1 of the request's person, and whether it is still
-- being made. No row when it is not theirs, their session $2 has ended, or they
-- are no longer a supervisor.
select export_json(e) as export, e.state in ('queued', 'running') as active
from export e, sessions_alive(array[$2::uuid]) s
where e.id = $1::uuid and s.sites <> ''
