-- Whether the schema $1 exists, and whether this role may read the table of
-- releases (null when there is no such table).
select exists (select from pg_namespace where nspname = $1) as there, (
	select has_table_privilege(c.oid, 'select') from pg_class c
	join pg_namespace n on n.oid = c.relnamespace
	where c.relname = 'release' and n.nspname = 'public') as known
