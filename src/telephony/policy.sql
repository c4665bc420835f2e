-- How the calls of a number ($1) are recorded, see recording_policy().
select recording_policy($1)
