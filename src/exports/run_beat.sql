-- Renews leases, with progress ($1: [{id, tenant, worker, done, bytes}]).
-- Answers the workers that still hold theirs.
select * from export_beat($1::jsonb)
