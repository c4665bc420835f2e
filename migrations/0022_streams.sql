-- migrate:up
-- Files on their way out: a right that is withdrawn, a session that is ended,
-- a recording that is deleted ends them too, not only what is asked for next.

set role smartrecord_admin;

-- The sessions that live, with what they may; taking a file is a use of one,
-- noted once a minute at most.
create function stream_readers(ids uuid[])
returns table (session_id uuid, person_id int, tenant_id int, account_id int,
	sites text)
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	with living as materialized (
		select * from sessions_living(ids)
	), used as (
		-- one that is being changed is used, or about to end: nobody waits for
		-- others' in turn
		update session s set last_seen_at = now()
		where s.id in (select u.id from session u join living l on l.session_id = u.id
			where u.last_seen_at < now() - interval '1 minute'
			for no key update of u skip locked)
	)
	select * from living;
end;
grant execute on function stream_readers(uuid[]) to smartrecord_owner;

set role smartrecord_owner;

-- Of files [{"session", "kind": "recording" or "export", "id"}] those that their
-- readers may still have: {session: {id: true}}.
create function streams_had(streams jsonb) returns jsonb
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	with asked as (
		select distinct x.* from jsonb_to_recordset(streams) x (session uuid, kind text, id uuid)
	), readers as materialized (
		select * from stream_readers(array(select distinct session from asked))
	), had as (
		select a.session, a.id from asked a
		join readers r on r.session_id = a.session
		where a.kind = 'recording' and exists (
			select from recording c
			where c.tenant_id = r.tenant_id and c.id = a.id and c.expires_at > now()
			and (c.account_id = r.account_id or r.sites = 'all'
				or c.site_id = any (nullif(nullif(r.sites, 'all'), '')::int[]))
			and not exists (select from recording_gone g
				where g.tenant_id = c.tenant_id and g.id = c.id))
		or a.kind = 'export' and exists (
			select from export e
			where e.tenant_id = r.tenant_id and e.person_id = r.person_id and e.id = a.id
			and e.state = 'ready' and e.expires_at > now()
			-- as whoever asks for it: its calls count, not what rights were
			and case when e.team = '' or r.sites in ('all', e.team) then true
				else r.sites <> '' and export_intact(e, r.sites) end)
	)
	select coalesce(jsonb_object_agg(session, ids), '{}') from (
		select session, jsonb_object_agg(id, true) as ids from had group by session) x;
end;
grant execute on function streams_had(jsonb) to smartrecord_app;

reset role;
