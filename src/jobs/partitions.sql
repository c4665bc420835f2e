-- Makes the daily partitions that are missing, as far back as the longest
-- retention and three days ahead; answers how many.
select recordings_make_partitions(
	(now() at time zone 'UTC')::date
		- coalesce((select max(retention_days) from site), 30) - 1,
	(now() at time zone 'UTC')::date + 3)
