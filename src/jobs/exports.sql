-- Archives whose time is over, or that nobody could make.
select expired, failed, old from exports_upkeep()
