-- One of one's deletions ($1): its receipt, or how far it is.
select deletion_json(d) from deletion d where d.id = $1::uuid
