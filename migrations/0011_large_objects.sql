-- migrate:up
-- Nobody needs temporary tables or large objects: a role that may only call a
-- function could fill the disk with either. Large objects are the server's
-- own functions, which only a superuser may take away; see README.

do $$
declare
	make regprocedure;
begin
	execute format('revoke temporary on database %I from public',
		current_database());
	if (select rolsuper from pg_roles where rolname = current_user) then
		foreach make in array array['lo_creat(int)', 'lo_create(oid)',
			'lo_from_bytea(oid, bytea)']::regprocedure[]
		loop
			execute format('revoke execute on function %s from public', make);
		end loop;
	end if;
end $$;
