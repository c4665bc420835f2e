-- The person's own password, before something grave, and how long they must
-- wait after failures from this network ($1) and address ($2). Counts one
-- until it turns out right.
select password_hash, wait_seconds from password_again($1::text, $2::text)
