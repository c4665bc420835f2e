-- Ends the event stream $1.
select stream_leave($1::uuid)
