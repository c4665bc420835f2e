-- Deletes the recordings of the selection $1 if they are $2 in number; $3
-- idempotency key or null, $4 hash of the request. One value {"outcome",
-- "count", "deletion"}, see deletion_create().
select deletion_create($1::jsonb, $2::int, $3, $4)
