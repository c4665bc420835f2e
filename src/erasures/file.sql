-- Files a request to erase the number $1; $2 idempotency key or null, $3 hash
-- of the request. One value {"outcome", "erasure"}, see erasure_file().
select erasure_file($1, $2, $3)
