-- Stores which calls belong in archive $1 of worker $2. One value: how many;
-- null when the worker has lost its lease.
select export_begin($1::uuid, $2) as calls
