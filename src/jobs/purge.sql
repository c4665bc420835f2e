-- Removes at most $1 expired recordings. One row: how many; problem is why the
-- clock is not trusted, or null.
select removed, problem from recordings_purge($1::int)
