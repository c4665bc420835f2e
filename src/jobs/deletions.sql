-- Removes the rows of at most $1 deleted recordings. One row: how many.
select deletions_work($1::int) as removed
