-- One row: the hash of the request's person's password, whether they must wait
-- after wrong ones, and the lane of its check. Counts a wrong one, which
-- again_right.sql removes.
select password_hash, waits, lane from password_again()
