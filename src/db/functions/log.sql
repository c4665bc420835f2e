set local role smartrecord_admin;

-- Adds an entry about an action of the request's person.
create function audit_record(kind text, recording uuid default null,
	site int default null, detail jsonb default '{}') returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id, detail)
	select app_tenant(), audit_record.kind, app_person(), app_account(),
		app_session(), recording, site, audit_record.detail
	where app_tenant() is not null;
$$;

-- Like audit_record(), once per person, recording and session, because a call
-- is read by many requests.
create function audit_once(kind text, recording uuid, site int) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id)
	select app_tenant(), audit_once.kind, app_person(), app_account(),
		app_session(), recording, site
	where app_tenant() is not null and not exists (
		select from audit a
		where a.tenant_id = app_tenant() and a.recording_id = recording
		and a.kind = audit_once.kind
		and a.person_id is not distinct from app_person()
		and a.session_id is not distinct from app_session())
	on conflict do nothing;
$$;

-- Like audit_record(), once per minute and session, for frequent events:
-- refusals, a search at every typed letter.
create function audit_seldom(kind text, detail jsonb) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
	select app_tenant(), audit_seldom.kind, app_person(), app_account(),
		app_session(), audit_seldom.detail
	where app_tenant() is not null and not exists (
		select from audit a
		where a.tenant_id = app_tenant() and a.kind = audit_seldom.kind
		and a.session_id is not distinct from app_session()
		and a.person_id is not distinct from app_person()
		and a.at > now() - interval '1 minute'
		and (a.detail - 'results') = (audit_seldom.detail - 'results'));
$$;

-- Adds an entry for each of many recordings, in the scope of a request or a
-- job.
create function audit_record_all(kind text, recordings uuid[], sites int[],
	detail jsonb) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id, detail)
	select app_tenant(), audit_record_all.kind, app_person(), app_account(),
		app_session(), u.recording, u.site, audit_record_all.detail
	from unnest(recordings, sites) u (recording, site)
	where app_tenant() is not null;
$$;

-- Adds an entry about a command or a periodic job; it has no person.
create function audit_command(tenant int, kind text, detail jsonb) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, detail)
	values (audit_command.tenant, audit_command.kind, audit_command.detail);
$$;

grant execute on function audit_record(text, uuid, int, jsonb),
	audit_once(text, uuid, int),
	audit_seldom(text, jsonb)
	to smartrecord_app, smartrecord_owner;

grant execute on function audit_record_all(text, uuid[], int[], jsonb),
	audit_command(int, text, jsonb)
	to smartrecord_owner;
