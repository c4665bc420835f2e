-- One row: the hash of the request's person's password, and the seconds that
-- they must wait after failures from network $1 and address $2. Counts a
-- failure, which again_right.sql removes.
select password_hash, wait_seconds from password_again($1::text, $2::text)
