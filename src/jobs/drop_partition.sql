-- Drops one empty partition older than the longest retention. One row: how many
-- were dropped, and how many could not be because of a reader.
select dropped, busy from recordings_drop_partition((now() at time zone 'UTC')::date
	- coalesce((select max(retention_days) from site), 30) - 2)
