-- What a connection of this user is, and the server's settings that decide
-- whether values of queries get into its log. $1: the role whose rights the
-- user needs, $2: the schema of the functions or null. One row.
select current_user as name,
	r.rolsuper or r.rolbypassrls as unbound,
	r.rolcreaterole or r.rolcreatedb as creates,
	(select count(*) from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p', 'v'))
		as owned,
	coalesce((select pg_has_role(w.oid, 'usage') from pg_roles w where w.rolname = $1),
		false) as has,
	exists (select from pg_roles o where o.rolname in ('smartrecord_owner', 'smartrecord_admin',
		'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_execute_server_program')
		and pg_has_role(o.oid, 'member')) as too_much,
	pg_has_role('pg_read_all_stats', 'member') as sees_queries,
	$2::text is null or coalesce((select has_schema_privilege(n.oid, 'usage') from pg_namespace n
		where n.nspname = $2), false) as usable,
	has_function_privilege('lo_creat(int)', 'execute') as large_objects,
	inet_client_addr() is null as local,
	coalesce((select s.ssl from pg_stat_ssl s where s.pid = pg_backend_pid()), false) as tls,
	(extract(epoch from now()) * 1000)::bigint as ms,
	current_setting('server_version_num')::int / 10000 as version,
	current_setting('log_statement') as log_statement,
	current_setting('log_min_duration_statement') as log_min_duration_statement,
	current_setting('log_min_duration_sample') as log_min_duration_sample,
	current_setting('log_parameter_max_length') as log_parameter_max_length,
	current_setting('log_parameter_max_length_on_error') as log_parameter_max_length_on_error
from pg_roles r where r.rolname = current_user
