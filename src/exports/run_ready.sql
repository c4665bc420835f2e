-- Marks archive $1 of worker $2 as ready: $3 key in the store, $4 bytes, $5
-- {reason: calls left out}, $6 [their ids]. One value: true when it is ready,
-- see export_ready().
select export_ready($1::uuid, $2, $3, $4::bigint, $5::jsonb, $6::jsonb)
