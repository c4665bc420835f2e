-- Requests to erase, newest first, 50 below an id ($1, or null), of a state
-- ($2) and of a number ($3), where these are given: {"items", "next"}.
select erasure_list($1::uuid, $2, $3)
