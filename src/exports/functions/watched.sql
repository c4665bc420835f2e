set local role smartrecord_owner;

-- Returns, of the archives being sent [{"session", "id"}], those that their
-- sessions may still read, for the application: {session: {id: true}}. A
-- session may read one when it may read each recording in it today.
create function exports_watched(streams jsonb) returns jsonb
language sql volatile security definer
set search_path from current
as $$
	with asked as (
		select distinct x.* from jsonb_to_recordset(streams) x (session uuid, id uuid)
	), readers as materialized (
		select * from stream_readers(array(select distinct session from asked))
	), had as (
		select a.session, a.id from asked a
		join readers r on r.session_id = a.session
		join export e on e.tenant_id = r.tenant_id and e.person_id = r.person_id
			and e.id = a.id and e.state = 'ready' and e.expires_at > now()
		where case when e.team = '' or r.sites in ('all', e.team) then true
			else r.sites <> '' and export_intact(e, r.sites) end
	)
	select coalesce(jsonb_object_agg(session, ids), '{}') from (
		select session, jsonb_object_agg(id, true) as ids from had group by session) x;
$$;

grant execute on function exports_watched(jsonb) to smartrecord_app;
