-- One row: the archive $1 of the request's person, as export_json(), or none.
select export_json(e) from export e where e.id = $1::uuid
