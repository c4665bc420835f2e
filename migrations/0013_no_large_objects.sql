-- room: db
-- Revokes temporary tables and large objects, which nothing needs: a role that
-- may only call a function could fill the disk with either. Only a superuser
-- can revoke large objects, see smartrecord-operation(7).
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
