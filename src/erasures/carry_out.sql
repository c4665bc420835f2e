-- Carries out the request to erase $1 if it has $2 recordings; $3 idempotency
-- key or null, $4 hash of the request. One value {"outcome", "count",
-- "erasure"}, see erasure_carry_out().
select erasure_carry_out($1::uuid, $2::int, $3, $4)
