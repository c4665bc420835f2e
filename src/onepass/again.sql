-- One row: the hash of the request's person's password, and whether they must
-- wait after wrong ones. Counts a wrong one, which again_right.sql removes.
select password_hash, waits from password_again()
