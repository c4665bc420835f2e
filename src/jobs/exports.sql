-- Ends archives that have expired or can't be made. One row: how many of each.
select expired, failed, old from exports_upkeep()
