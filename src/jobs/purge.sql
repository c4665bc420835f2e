-- Removes expired recordings, at most $1. problem: the clock is not believed.
select removed, problem from recordings_purge($1::int)
