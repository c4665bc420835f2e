-- Deletes arrivals older than a day: a listener who comes back after that is
-- told to read the list. One row: how many.
with old as (
	delete from recording_arrival where at <= now() - interval '24 hours'
	returning 1
)
select count(*) as arrivals from old
