-- room: db
-- Roles, schemas and extensions. Roles belong to the whole PostgreSQL server, so
-- another database may have created them:
--   smartrecord_admin  owns tenancy, sessions, the access log, mail, and the
--                      functions that run before a tenant is known; commands
--                      run as a member of it
--   smartrecord_owner  owns recordings, their search and their ingest
--   smartrecord_app    `smartrecord serve`, under row-level security
--   smartrecord_jobs   `smartrecord jobs`, upkeep only
--   pipeline           the capture and analysis, schema pipeline only

do $$
begin
	if current_setting('server_encoding') <> 'UTF8' or lower('É') <> 'é' then
		raise exception 'the database must be UTF-8 with a UTF-8 locale'
			using hint = 'initdb --encoding=UTF8 --locale=C.UTF-8';
	end if;
end $$;

do $$
declare
	role record;
begin
	for role in
		select * from (values
			('smartrecord_admin', 'nologin'),
			('smartrecord_owner', 'nologin'),
			('smartrecord_app', 'login'),
			('smartrecord_jobs', 'login'),
			('pipeline', 'login')) v (name, login)
	loop
		begin
			execute format('create role %I %s', role.name, role.login);
		exception when duplicate_object or unique_violation then
			null;
		end;
	end loop;
end $$;

-- The role that migrates may have any name, also one of these two.
do $$
declare
	role text;
begin
	foreach role in array array['smartrecord_admin', 'smartrecord_owner'] loop
		if role <> current_user then
			execute format('grant %I to current_user', role);
		end if;
	end loop;
end $$;

-- An open transaction of pipeline.ingest() delays the events of its tenant, see
-- recording_hold(); this limits the delay.
alter role pipeline set idle_in_transaction_session_timeout = '60s';

create extension if not exists unaccent with schema public;
create extension if not exists btree_gin with schema public;

create schema pipeline;
revoke all on schema public, pipeline from public;
grant usage on schema public to smartrecord_app, smartrecord_jobs;
grant select on release to smartrecord_app, smartrecord_jobs;
grant usage on schema pipeline to pipeline;
grant usage, create on schema public, pipeline
	to smartrecord_admin, smartrecord_owner;
alter default privileges for role smartrecord_admin, smartrecord_owner
	revoke execute on functions from public;
