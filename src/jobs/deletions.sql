-- Goes on with what people deleted, at most $1 recordings; answers how many.
select deletions_work($1::int) as removed
