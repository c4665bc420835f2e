-- Carries out a request to erase ($1) if it is as many recordings as expected
-- ($2); $3 idempotency key or null, $4 hash of what is asked. {"outcome",
-- "count", "erasure"}, see erasure_carry_out().
select erasure_carry_out($1::uuid, $2::int, $3, $4)
