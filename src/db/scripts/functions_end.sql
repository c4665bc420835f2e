-- Revokes the right to create functions in the schema, and stores the release.
-- Then drops the schemas of all but the last two versions, and of all but the
-- last two builds of each. Functions are dropped one by one, so that an error
-- names the object that depends on one.
do $$
declare
	schema text := current_setting('smartrecord.functions');
	old record;
	part record;
begin
	execute format('revoke create on schema %I from smartrecord_admin, smartrecord_owner',
		schema);
	insert into release (functions, version)
	values (schema, current_setting('smartrecord.version'));
	for old in
		select functions from (
			select r.functions, dense_rank() over (order by v.newest desc) as version,
				row_number() over (partition by r.version
					order by r.installed_at desc) as build
			from release r
			join (select version, max(installed_at) as newest from release
				group by version) v using (version)) ranked
		where version > 2 or build > 2
	loop
		for part in
			select 'function' as kind, p.oid::regprocedure::text as name, p.oid
			from pg_proc p
			where p.pronamespace = to_regnamespace(old.functions)
			union all
			select 'type', t.oid::regtype::text, t.oid from pg_type t
			where t.typnamespace = to_regnamespace(old.functions) and t.typrelid <> 0
			order by kind, oid desc
		loop
			execute format('drop %s %s', part.kind, part.name);
		end loop;
		execute format('drop schema if exists %I', old.functions);
		delete from release where functions = old.functions;
	end loop;
end $$
