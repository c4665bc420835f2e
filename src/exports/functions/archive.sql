set local role smartrecord_owner;

-- Returns an archive as pages and the API show it. "bytes" are bytes, "left_ms"
-- the estimated milliseconds left or null, times RFC 3339.
create function export_json(e export) returns jsonb
language sql stable parallel safe
as $$
select jsonb_build_object(
	'id', e.id,
	'state', e.state,
	'reason', e.reason,
	'content', e.content,
	'total', e.total,
	'done', e.done,
	'left_out', e.left_out,
	'bytes', e.bytes,
	'bytes_total', e.bytes_total,
	'left_ms', case when e.state = 'running' and e.bytes > 0
		and e.bytes_total >= e.bytes
		then floor(extract(epoch from now() - e.started_at) * 1000
			* (e.bytes_total - e.bytes) / e.bytes) end,
	'created_at', rfc3339(e.created_at),
	'started_at', rfc3339(e.started_at),
	'ready_at', rfc3339(e.ready_at),
	'expires_at', rfc3339(e.expires_at),
	'archive', case when e.state = 'ready'
		then '/exports/' || e.id || '/archive.zip' end)
$$;

-- Returns how many bytes the archives of a person and those of the request's
-- tenant have, as far as it is known of those in preparation.
create function export_bytes(of_person int, out person bigint, out tenant bigint)
language sql stable
set search_path from current
as $$
	select coalesce(sum(n) filter (where x.person_id = of_person), 0),
		coalesce(sum(n), 0)
	from export x, lateral (select greatest(x.bytes, x.bytes_total) as n) b
	where x.tenant_id = app_tenant() and x.state in ('running', 'ready')
$$;

-- Requests an archive for the request's person. Returns {"outcome", "export"}:
-- created; exists (the same request with this key); conflict (another request
-- with it; or the person's archive of the same recordings, content and language,
-- which is ready and complete); empty; busy_person or busy_tenant (two or five
-- archives are queued or running); full_person or full_tenant (the archives have
-- the bytes given already; null: no limit). SR400: the selection is not valid.
create function export_create(selection jsonb, content text, language text,
	request_key text, request_hash text, person_bytes bigint, tenant_bytes bigint)
returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	e export;
	busy record;
	held record;
	-- before the lock: a selection may take long, and others need not wait
	ids uuid[] := array(select recordings_selected(selection));
	print text := (select encode(sha256(string_agg(uuid_send(x), ''::bytea order by x)), 'hex')
		from unnest(ids) x);
begin
	-- one at a time per tenant, so that the counts stay right
	perform pg_advisory_xact_lock(hashtext('export_create'), app_tenant());
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.request_key = export_create.request_key;
	if found then
		return jsonb_build_object('export', export_json(e), 'outcome',
			case when e.request_hash = request_hash then 'exists' else 'conflict' end);
	end if;
	e.total := cardinality(ids);
	if e.total = 0 then
		return jsonb_build_object('outcome', 'empty');
	end if;
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.account_id = app_account() and x.team = app_team()
	and x.content = export_create.content and x.language = export_create.language
	and x.fingerprint = print and x.state = 'ready' and x.left_out = '{}'
	and x.done = cardinality(ids) and x.expires_at > now()
	order by x.id desc limit 1;
	if found and export_intact(e, app_team()) then
		return jsonb_build_object('export', export_json(e), 'outcome', 'exists');
	end if;
	select count(*) as tenant, count(*) filter (where x.person_id = app_person()) as person
	into busy from export x
	where x.tenant_id = app_tenant() and x.state in ('queued', 'running');
	if busy.person >= 2 or busy.tenant >= 5 then
		return jsonb_build_object('outcome',
			case when busy.person >= 2 then 'busy_person' else 'busy_tenant' end);
	end if;
	select * into held from export_bytes(app_person());
	if held.person >= person_bytes or held.tenant >= tenant_bytes then
		return jsonb_build_object('outcome',
			case when held.person >= person_bytes then 'full_person' else 'full_tenant' end);
	end if;
	insert into export (tenant_id, id, person_id, account_id, team, content,
		language, selection, request_key, request_hash, total, fingerprint)
	values (app_tenant(), uuid7_new(now()), app_person(), app_account(), app_team(),
		content, language, selection, request_key, request_hash, cardinality(ids), print)
	returning * into e;
	perform audit_record('export', detail => jsonb_build_object(
		'export', e.id, 'content', e.content, 'calls', e.total));
	return jsonb_build_object('outcome', 'created', 'export', export_json(e));
end $$;

-- Ends an archive in the given state, and has its object removed. Deletes the
-- selection, which may contain searched words.
create function export_close(e export, state text, reason text) returns void
language plpgsql volatile
set search_path from current
as $$
begin
	if e.archive_key is not null then
		insert into store_removal (key) values (e.archive_key)
		on conflict do nothing;
	end if;
	delete from export_item i
	where i.tenant_id = e.tenant_id and i.export_id = e.id;
	update export x set state = export_close.state, reason = export_close.reason,
		archive_key = null, worker = null, lease_until = null, selection = null
	where x.tenant_id = e.tenant_id and x.id = e.id;
end $$;

-- Stops or removes an archive of the request's person. Returns export_json(),
-- or null when it is not theirs.
create function export_cancel(export uuid) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	e export;
begin
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.id = export_cancel.export for update;
	if not found then
		return null;
	elsif e.state in ('queued', 'running', 'ready') then
		perform export_close(e, 'cancelled', null);
		select x.* into e from export x where x.tenant_id = e.tenant_id and x.id = e.id;
	end if;
	return export_json(e);
end $$;

-- Returns true when each recording of the archive still exists within a scope
-- ('all', '' for no check, or '{sites}').
create function export_intact(e export, team text) returns boolean
language plpgsql stable
set search_path from current
as $$
declare
	lost boolean;
begin
	execute format('select exists (select from export_item i
		left join recording r on r.tenant_id = i.tenant_id and r.id = i.recording_id
			and r.id >= %L and r.expires_at > now()
			and ($3 in (''all'', '''') or r.site_id = any (nullif(nullif($3, ''all''), '''')::int[]))
		where i.tenant_id = $1 and i.export_id = $2 and (r.id is null
			or exists (select from recording_gone g
				where g.tenant_id = i.tenant_id and g.id = i.recording_id)))',
		uuid7_floor(now() - 90 * interval '24 hours'))
	into lost using e.tenant_id, e.id, team;
	return not lost;
end $$;

-- Returns an archive of the request's person to download, or no row.
-- archive_key is null unless the person may still read all of its recordings.
-- ready_at is in Unix milliseconds. The ranges of one download give one row of
-- the access log.
create function export_archive(export uuid)
returns table (state text, reason text, archive_key text, bytes bigint,
	ready_at bigint)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	e export;
begin
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.id = export_archive.export;
	if not found then
		return;
	elsif e.expires_at > now() and (e.team = '' or app_team() <> '')
		and export_intact(e, case when e.team = '' then '' else app_team() end) then
		perform audit_seldom('download', jsonb_build_object('export', e.id));
	else
		e.archive_key := null;
	end if;
	return query select e.state, e.reason, e.archive_key, e.bytes,
		(extract(epoch from e.ready_at) * 1000)::bigint;
end $$;

-- Must be called in the transaction that deletes recordings: removes the ready
-- archives that contain one, and has those being made begin again without it.
-- Returns how many were removed.
create function export_forget(recordings uuid[]) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	e export;
	n int := 0;
begin
	for e in select x.* from export x
		where x.tenant_id = app_tenant() and x.state in ('running', 'ready')
		and exists (select from export_item i where i.tenant_id = x.tenant_id
			and i.export_id = x.id and i.recording_id = any (recordings))
		order by x.id for update
	loop
		if e.state = 'ready' then
			perform export_close(e, 'expired', 'deleted');
			n := n + 1;
		else
			update export x set state = 'queued', worker = null, lease_until = null
			where x.tenant_id = e.tenant_id and x.id = e.id;
		end if;
	end loop;
	return n;
end $$;

grant execute on function export_json(export),
	export_create(jsonb, text, text, text, text, bigint, bigint),
	export_cancel(uuid),
	export_archive(uuid)
	to smartrecord_app;
