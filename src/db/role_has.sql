-- Whether this user has the rights of the role $1, the user's name, and whether
-- this user may use the schema $2.
select coalesce((
	select pg_has_role(r.oid, 'usage') from pg_roles r where r.rolname = $1),
	false) as has, current_user as name, coalesce((
	select has_schema_privilege(n.oid, 'usage') from pg_namespace n
	where n.nspname = $2), false) as usable
