-- An archive to make for a worker ($1); $2: a small one only.
select * from export_claim($1, $2::boolean)
