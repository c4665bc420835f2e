-- One row: the deletion $1 of the request's person, as deletion_json(), or
-- none.
select deletion_json(d) from deletion d where d.id = $1::uuid
