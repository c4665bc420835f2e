-- Drops one empty partition older than the longest retention. One row: how many
-- were dropped, how many could not be because of a reader, and whether there may
-- be more to drop.
select dropped, busy, dropped > 0 as more
from recordings_drop_partition((now() at time zone 'UTC')::date
	- coalesce((select max(retention_days) from site), 30) - 2)
