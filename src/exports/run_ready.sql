-- An archive ($1) of a worker ($2) is in the store: $3 key, $4 bytes, $5
-- {"why": calls left out}, $6 [their ids]. Answers whether it is ready.
select export_ready($1::uuid, $2, $3, $4::bigint, $5::jsonb, $6::jsonb)
