-- One of one's archives ($1).
select export_json(e) from export e where e.id = $1::uuid
