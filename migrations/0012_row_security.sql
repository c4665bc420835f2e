-- room: jobs
-- Row-level security on every table: which role sees which rows. It applies to
-- the tables' owners too, except on recording and utterance, whose owner's
-- search function could not use its indexes under a policy.

do $$
declare
	item record;
	role text;
begin
	for item in
		-- a table, and the roles that see all of its rows
		select * from (values
			('operator', '{smartrecord_admin}'::text[]),
			('tenant', '{smartrecord_admin}'),
			('site', '{smartrecord_admin, smartrecord_jobs}'),
			('person', '{smartrecord_admin}'),
			('account', '{smartrecord_admin}'),
			('account_number', '{smartrecord_admin}'),
			('profile', '{smartrecord_admin}'),
			('audit', '{smartrecord_admin}'),
			('audit_batch', '{smartrecord_admin}'),
			('session', '{smartrecord_admin, smartrecord_jobs}'),
			('mail', '{smartrecord_admin, smartrecord_jobs}'),
			('device', '{smartrecord_admin, smartrecord_jobs}'),
			('sign_in_failure', '{smartrecord_admin, smartrecord_jobs}'),
			('mail_link', '{smartrecord_admin, smartrecord_jobs}'),
			('mail_request', '{smartrecord_admin, smartrecord_jobs}'),
			('telephone', '{smartrecord_admin}'),
			('recording_source', '{smartrecord_owner}'),
			('recording_arrival', '{smartrecord_owner, smartrecord_jobs}'),
			('deletion', '{smartrecord_owner}'),
			('recording_gone', '{smartrecord_owner}'),
			('store_removal', '{smartrecord_owner, smartrecord_jobs}'),
			('purge_round', '{smartrecord_owner}'),
			('export', '{smartrecord_owner}'),
			('export_item', '{smartrecord_owner}'),
			('erasure', '{smartrecord_owner}'),
			('erasure_secret', '{smartrecord_owner}')) v (name, roles)
	loop
		execute format('alter table %I enable row level security', item.name);
		execute format('alter table %I force row level security', item.name);
		foreach role in array item.roles loop
			execute format('create policy %I on %I to %I using (true)',
				'all_to_' || role, item.name, role);
		end loop;
	end loop;
end $$;

-- --- the application -------------------------------------------------------

create policy own_tenant on tenant for select to smartrecord_app, smartrecord_owner
	using (id = (select app_tenant()));
create policy own_tenant on site for select to smartrecord_app, smartrecord_owner
	using (tenant_id = (select app_tenant()));
create policy own_tenant on account for select to smartrecord_app, smartrecord_owner
	using (tenant_id = (select app_tenant()));
create policy oneself on person to smartrecord_app
	using (id = (select app_person()));
create policy own on deletion for select to smartrecord_app
	using (tenant_id = (select app_tenant()) and person_id = (select app_person()));
create policy own on export for select to smartrecord_app
	using (tenant_id = (select app_tenant()) and person_id = (select app_person()));

-- The recordings of the request's scope, see app_team(), neither expired nor
-- deleted.
do $$
declare
	name text;
begin
	foreach name in array array['recording', 'utterance'] loop
		execute format('alter table %I enable row level security', name);
		execute format($policy$
			create policy scope on %I to smartrecord_app
			using (tenant_id = (select app_tenant())
				and expires_at > now()
				and ((select app_team()) = 'all'
					or site_id = any ((select app_sites())::int[])
					or ((select app_team()) = ''
						and account_id = (select app_account())))
				and id <> all ((select app_gone())::uuid[]))
			$policy$, name);
	end loop;
end $$;

grant select on tenant, site, account to smartrecord_app;
grant select (id, language), update (language) on person to smartrecord_app;
grant select on recording, utterance, deletion, export to smartrecord_app;

-- --- the owner of recordings, and jobs -------------------------------------

grant select on tenant, site, account to smartrecord_owner;
grant select (retention_days) on site to smartrecord_jobs;
grant select, delete on session, device, sign_in_failure, mail, mail_link,
	store_removal to smartrecord_jobs;
grant select (at), delete on mail_request, recording_arrival to smartrecord_jobs;
