-- One of one's archives ($1) for whoever follows it in a session ($2), as long
-- as the session lives and its person supervises: no row else.
select export_json(e), e.state in ('queued', 'running') as active
from export e, sessions_alive(array[$2::uuid]) s
where e.id = $1::uuid and s.sites <> ''
