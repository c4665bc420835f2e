-- How many bytes ($3) an archive ($1) of a worker ($2) will have.
select export_expect($1::uuid, $2, $3::bigint)
