-- Stores how many bytes ($3) archive $1 of worker $2 will have. One value: null,
-- or person_full or tenant_full, see export_expect(); $4, $5 the bytes that a
-- person and a tenant may have.
select export_expect($1::uuid, $2, $3::bigint, $4::bigint, $5::bigint)
