-- Removes rows of at most $1 deleted recordings. One row: of how many recordings
-- nothing is left, and whether there may be more to do.
select removed, more from deletions_work($1::int)
