-- Renews leases, with their progress $1 [{"id", "tenant", "worker", "done",
-- "bytes"}]. One row per worker that still holds its lease.
select * from export_beat($1::jsonb)
