-- Whether the schema $1 exists, whether this role may use it, and whether this
-- role may read the table of releases (null when there is no such table).
select n.oid is not null as there,
	coalesce(has_schema_privilege(n.oid, 'usage'), false) as usable, (
	select has_table_privilege(c.oid, 'select') from pg_class c
	join pg_namespace n on n.oid = c.relnamespace
	where c.relname = 'release' and n.nspname = 'public') as known
from (values ($1)) v (name)
left join pg_namespace n on n.nspname = v.name
