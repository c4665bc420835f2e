-- One value: how the calls of number $1 are recorded, see recording_policy().
select recording_policy($1)
