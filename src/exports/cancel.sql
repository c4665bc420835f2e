-- Stops or removes the archive $1 of the request's person. One row:
-- export_json(). No row: it is not theirs.
select x from export_cancel($1::uuid) x where x is not null
