-- Files a request to erase a number ($1); $2 idempotency key or null, $3 hash
-- of what is asked. {"outcome", "erasure"}, see erasure_file().
select erasure_file($1, $2, $3)
