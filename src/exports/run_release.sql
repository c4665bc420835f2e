-- A worker ($2) lets an archive ($1) go: $3 reason or null, $4 at once, $5
-- {"why": calls left out}.
select export_release($1::uuid, $2, $3, $4::boolean, $5::jsonb)
