-- Requests an archive: $1 selection, $2 content, $3 language, $4 idempotency
-- key or null, $5 hash of the request, $6 and $7 bytes that a person and a tenant
-- may have. One value {"outcome", "export"}, see export_create().
select export_create($1::jsonb, $2, $3, $4, $5, $6::bigint, $7::bigint)
