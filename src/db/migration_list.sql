-- Migrations applied to this database, in the order of their names.
select name, checksum, to_char(applied_at at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from migration
order by name
