-- Forgets what arrived a day ago: who listens again after so long is told to
-- read the list. Answers how many.
with old as (
	delete from recording_arrival where at <= now() - interval '24 hours'
	returning 1
)
select count(*) as arrivals from old
