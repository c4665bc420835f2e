-- Makes the missing daily partitions, from the longest retention back to three
-- days ahead. One value: how many.
select recordings_make_partitions(
	(now() at time zone 'UTC')::date
		- coalesce((select max(retention_days) from site), 30) - 1,
	(now() at time zone 'UTC')::date + 3)
