-- Ends the session $1 of the request's person, or (null) all their others. One
-- value: how many.
select own_sessions_end($1::uuid)
