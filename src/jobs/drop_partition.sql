-- Drops one empty partition of the days that no recording can be of any more.
select dropped, busy from recordings_drop_partition((now() at time zone 'UTC')::date
	- coalesce((select max(retention_days) from site), 30) - 2)
