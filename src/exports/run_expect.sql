-- Stores how many bytes ($3) archive $1 of worker $2 will have.
select export_expect($1::uuid, $2, $3::bigint)
