-- Ends one of one's own sessions ($1), or (null) all others. How many.
select own_sessions_end($1::uuid)
