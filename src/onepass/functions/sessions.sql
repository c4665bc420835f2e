set local role smartrecord_admin;

-- Returns the open sessions of the request's person, the current one first:
-- {"items": [{"id", "current", "address", "agent", "signed_in_at",
-- "last_seen_at"}]}. Those at all tenants of the person: they share one
-- password.
create function own_sessions() returns jsonb
language sql stable security definer
set search_path from current
as $$
	select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
		'id', s.id,
		'current', s.id = app_session(),
		'address', s.address,
		'agent', s.agent,
		'signed_in_at', rfc3339(s.created_at),
		'last_seen_at', rfc3339(s.last_seen_at))
		order by s.id = app_session() desc, s.last_seen_at desc, s.id), '[]'))
	from session s
	where s.person_id = app_person() and s.expires_at > now()
	and s.last_seen_at > now() - interval '30 minutes';
$$;

-- Ends a session of the request's person, or (null) all but the current one.
-- Returns how many. The access log of each tenant gets the sessions at it.
create function own_sessions_end(session uuid) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	n int;
begin
	with ended as (
		delete from session s where s.person_id = app_person()
		and case when own_sessions_end.session is null then s.id <> app_session()
			else s.id = own_sessions_end.session end
		returning s.tenant_id, s.account_id
	), noted as (
		insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
		select e.tenant_id, 'session_end', app_person(), e.account_id,
			case when e.tenant_id = app_tenant() then app_session() end,
			jsonb_build_object('sessions', count(*))
		from ended e group by e.tenant_id, e.account_id
	)
	select count(*) into n from ended;
	return n;
end $$;

grant execute on function own_sessions(),
	own_sessions_end(uuid)
	to smartrecord_app;
