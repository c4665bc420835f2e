-- Deletes notes of changes older than a day, and what was counted before them,
-- which is not used any more. One row: how many notes.
with old as (
	delete from recording_change where at <= now() - interval '24 hours'
	returning 1
), tallies as (
	delete from recording_tally where at <= now() - interval '12 hours'
), choices as (
	delete from recording_choice where at <= now() - interval '12 hours'
)
select count(*) as changes from old
