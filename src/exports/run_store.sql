-- Announces that worker $2 will store archive $1 under the key $3. One value:
-- false when the worker has lost its lease.
select export_store($1::uuid, $2, $3)
