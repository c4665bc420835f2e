-- An archive ($1) of a worker ($2) goes to the store, as $3. False: it is the
-- worker's no more.
select export_store($1::uuid, $2, $3)
