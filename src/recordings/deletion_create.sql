-- Deletes what a selection ($1) means if it is as many as expected ($2); $3
-- idempotency key or null, $4 hash of what is asked. Answers {"outcome",
-- "count", "deletion"}, see deletion_create().
select deletion_create($1::jsonb, $2::int, $3, $4)
