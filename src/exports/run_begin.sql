-- Fixes what is meant to be in an archive ($1) of a worker ($2).
select calls, sound from export_begin($1::uuid, $2)
