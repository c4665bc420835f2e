-- The database's clock is right: answers what it says.
select purge_trust()
