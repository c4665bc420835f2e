set local role smartrecord_owner;

-- Returns, of the recordings being sent [{"session", "id"}], those that their
-- sessions may still read, for the application: {session: {id: true}}.
create function recordings_watched(streams jsonb) returns jsonb
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
		join recording c on c.tenant_id = r.tenant_id and c.id = a.id
			and c.expires_at > now()
		where (c.account_id = r.account_id or r.sites = 'all'
			or c.site_id = any (nullif(nullif(r.sites, 'all'), '')::int[]))
		and not exists (select from recording_gone g
			where g.tenant_id = c.tenant_id and g.id = c.id)
	)
	select coalesce(jsonb_object_agg(session, ids), '{}') from (
		select session, jsonb_object_agg(id, true) as ids from had group by session) x;
$$;

grant execute on function recordings_watched(jsonb) to smartrecord_app;
