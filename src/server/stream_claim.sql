-- Begins an event stream of the request's session, which may have $1 at once,
-- and its person $2. One value: its id, or null when there are too many.
select stream_claim($1::int, $2::int) as lease
