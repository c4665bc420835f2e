-- Removes at most $1 expired recordings. One row: how many; problem is why the
-- clock is not trusted, or null; and whether there may be more.
select removed, problem, removed > 0 as more from recordings_purge($1::int)
