-- Creates the schema for the functions; its name is the setting
-- smartrecord.functions. Drops the functions of the schema pipeline, which are
-- created again in each release.
do $$
declare
	schema text := current_setting('smartrecord.functions');
	old record;
begin
	execute format('create schema %I', schema);
	execute format('grant usage on schema %I to smartrecord_app, smartrecord_jobs, '
		'smartrecord_admin, smartrecord_owner', schema);
	execute format('grant create on schema %I to smartrecord_admin, smartrecord_owner',
		schema);
	for old in
		select p.oid::regprocedure as signature from pg_proc p
		where p.pronamespace = 'pipeline'::regnamespace
	loop
		execute format('drop function %s', old.signature);
	end loop;
end $$
