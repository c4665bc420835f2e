-- Declares the database's clock right. One value: its time.
select purge_trust()
