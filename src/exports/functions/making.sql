set local role smartrecord_owner;

-- --- making archives -------------------------------------------------------
-- Returns the scope of an archive, narrowed to what its person may read today;
-- null when that is nothing.
create function export_team(e export) returns text
language plpgsql stable
set search_path from current
as $$
declare
	today text := account_team(e.tenant_id, e.account_id, e.person_id);
begin
	if today = '' then
		return null;
	elsif e.team = '' or today = 'all' then
		return e.team;
	elsif e.team = 'all' then
		return today;
	end if;
	return nullif(array(
		select unnest(e.team::int[]) intersect select unnest(today::int[]))::text, '{}');
end $$;

-- Claims an archive for a worker, with a lease of 15 s; one row, or none. It is
-- the oldest one of the tenant with the fewest being made. A big one (more than
-- 100 calls) is not claimed while its tenant has another big one being made,
-- nor when small is set: then a process has room for one more only, which no
-- tenant gets that has two. team is export_team().
create function export_claim(worker text, small boolean)
returns table (id uuid, tenant_id int, account_id int, person_id int, team text,
	content text, language text, brand text, color text, time_zone text,
	tenant_key text)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	e export;
begin
	select c.* into e from export c,
	lateral (
		select count(*) as n, count(*) filter (where o.total > 100) as big
		from export o
		where o.tenant_id = c.tenant_id and o.state = 'running'
		and o.lease_until > now()) busy
	where c.state in ('queued', 'running')
	and coalesce(c.lease_until, now()) <= now() and c.attempts < 10
	and (c.total <= 100 or not export_claim.small and busy.big = 0)
	and (busy.n < 2 or not export_claim.small)
	order by busy.n, c.created_at
	limit 1 for update of c skip locked;
	if not found then
		return;
	end if;
	update export x set state = 'running', worker = export_claim.worker,
		lease_until = now() + interval '15 seconds', attempts = x.attempts + 1,
		started_at = now(), done = 0, bytes = 0,
		left_out = '{}', bytes_total = null
	where x.tenant_id = e.tenant_id and x.id = e.id
	returning x.* into e;
	perform set_config('app.tenant', e.tenant_id::text, true);
	return query select e.id, e.tenant_id, e.account_id, e.person_id,
		export_team(e), e.content, e.language, b.name, coalesce(b.color, ''),
		t.time_zone, t.key
	from brand_of(e.tenant_id, null) b, tenant t where t.id = e.tenant_id;
end $$;

-- Renews the leases of workers and stores their progress [{"id", "tenant",
-- "worker", "done", "bytes"}]. Returns the workers that still hold their lease.
-- The others lost it: their archive was cancelled or claimed by another worker,
-- or its person has lost the right to it.
create function export_beat(progress jsonb) returns setof text
language plpgsql volatile security definer
set search_path from current
as $$
begin
	perform export_close(x.e, 'failed', 'rights')
	from (select e from jsonb_to_recordset(progress) p (id uuid, tenant int, worker text)
		join export e on e.tenant_id = p.tenant and e.id = p.id
			and e.state = 'running' and e.worker = p.worker
		where export_team(e) is null
		order by e.tenant_id, e.id for update of e) x;
	return query update export e set lease_until = now() + interval '15 seconds',
		done = p.done, bytes = p.bytes
	from jsonb_to_recordset(progress) p (id uuid, tenant int, worker text, done int,
		bytes bigint)
	where e.tenant_id = p.tenant and e.id = p.id
	and e.state = 'running' and e.worker = p.worker
	returning e.worker;
end $$;

-- Stores which calls belong in an archive, in the scope of the transaction.
-- Returns how many, or null when the worker has lost its lease.
create function export_begin(export uuid, worker text) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	e export;
	calls int;
begin
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.id = export_begin.export
	and x.state = 'running' and x.worker = export_begin.worker for update;
	if not found then
		return null;
	end if;
	delete from export_item i
	where i.tenant_id = e.tenant_id and i.export_id = e.id;
	insert into export_item
	select e.tenant_id, e.id, s from recordings_selected(e.selection) s;
	get diagnostics calls = row_count;
	update export x set total = calls
	where x.tenant_id = e.tenant_id and x.id = e.id;
	return calls;
end $$;

-- Returns the next calls of an archive below an id, at most size, newest first,
-- in the scope of the transaction. call is null when the recording no longer
-- exists. expiring: it expires within two hours, and would end the archive
-- then.
create function export_calls(export uuid, below uuid, size int, texts boolean)
returns table (id uuid, call jsonb, expiring boolean, audio_key text,
	audio_format text, audio_rate int, audio_channels int, audio_samples bigint,
	audio_sha256 text)
language plpgsql stable security definer
set search_path from current
set jit = off
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
	f search_filter := search_filter_of('{}');
	ids uuid[] := array(select i.recording_id from export_item i
		where i.tenant_id = f.tenant and i.export_id = export_calls.export
		and (below is null or i.recording_id < below)
		order by i.recording_id desc limit size);
begin
	return query execute format('select i, case when r.id is not null then '
		'recording_item(r, s, a)::jsonb || jsonb_build_object(''language'', r.language, '
		'''pauses'', r.pauses) || %s end, '
		'r.expires_at < now() + interval ''2 hours'', r.audio_key, '
		'r.audio_format, r.audio_rate, r.audio_channels, r.audio_samples, '
		'r.audio_sha256 from unnest($2) i '
		'left join recording r on r.id = i and r.id between %L and %L and %s '
		'left join site s on s.tenant_id = r.tenant_id and s.id = r.site_id '
		'left join account a on a.tenant_id = r.tenant_id and a.id = r.account_id '
		'%s order by i desc',
		case when texts then 'jsonb_build_object(''summary'', u.summary, '
			'''utterances'', coalesce((select jsonb_agg(jsonb_build_object('
			'''start_ms'', x -> 0, ''end_ms'', x -> 1, ''speaker'', x -> 2, '
			'''text'', x -> 3) order by n) '
			'from jsonb_array_elements(u.utterances) with ordinality l (x, n)), ''[]''))'
			else '''{}''' end,
		ids[cardinality(ids)], ids[1], search_conditions(f, false),
		case when texts then format('left join utterance u '
			'on u.tenant_id = r.tenant_id and u.id = r.id and u.id between %L and %L',
			ids[cardinality(ids)], ids[1]) else '' end)
	using f, ids;
end $$;

-- Marks an archive as ready: it is complete and in the store. Returns false
-- when the worker has lost its lease, a recording was deleted meanwhile (the
-- archive is queued again), or its person has lost the right to it (it has
-- failed). absent are the ids of calls left out.
create function export_ready(export uuid, worker text, archive_key text,
	bytes bigint, left_out jsonb, absent jsonb) returns boolean
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	e export;
	team text;
	until timestamptz;
	held uuid[];
	sites int[];
begin
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.id = export_ready.export
	and x.state = 'running' and x.worker = export_ready.worker for update;
	if not found then
		return false;
	end if;
	delete from store_removal s where s.key = export_ready.archive_key;
	if not found then
		return false;
	end if;
	delete from export_item i
	where i.tenant_id = e.tenant_id and i.export_id = e.id
	and i.recording_id in (select x::uuid from jsonb_array_elements_text(absent) x);
	team := export_team(e);
	e.archive_key := export_ready.archive_key;
	if team is null then
		perform export_close(e, 'failed', 'rights');
		return false;
	elsif not export_intact(e, team) then
		insert into store_removal (key) values (e.archive_key);
		update export x set state = 'queued', worker = null, lease_until = null
		where x.tenant_id = e.tenant_id and x.id = e.id;
		return false;
	end if;
	execute format('select least(now() + interval ''24 hours'', min(r.expires_at)), '
		'array_agg(r.id order by r.id), array_agg(r.site_id order by r.id) '
		'from export_item i join recording r on r.tenant_id = i.tenant_id '
		'and r.id = i.recording_id and r.id >= %L '
		'where i.tenant_id = $1 and i.export_id = $2',
		uuid7_floor(now() - 90 * interval '24 hours'))
	into until, held, sites using e.tenant_id, e.id;
	perform audit_record_all('export', held, sites, jsonb_build_object(
		'export', e.id, 'content', e.content));
	update export x set state = 'ready', ready_at = now(), expires_at = until,
		archive_key = export_ready.archive_key, bytes = export_ready.bytes,
		bytes_total = export_ready.bytes, left_out = export_ready.left_out,
		done = (select count(*) from export_item i
			where i.tenant_id = e.tenant_id and i.export_id = e.id),
		worker = null, lease_until = null, selection = null
	where x.tenant_id = e.tenant_id and x.id = e.id;
	return true;
end $$;

-- Ends a worker's lease. With a reason the archive has failed; without one it
-- is queued again, to begin at once if again is set, else after a pause.
create function export_release(export uuid, worker text, reason text,
	again boolean, left_out jsonb) returns void
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	e export;
begin
	update export x set left_out = export_release.left_out
	where x.tenant_id = app_tenant() and x.id = export_release.export
	and x.state = 'running' and x.worker = export_release.worker
	returning x.* into e;
	if not found then
		return;
	elsif export_release.reason is not null then
		perform export_close(e, 'failed', export_release.reason);
	else
		update export x set state = 'queued', worker = null,
			lease_until = case when not again then now() + x.attempts * interval '2 s' end,
			attempts = x.attempts - again::int
		where x.tenant_id = e.tenant_id and x.id = e.id;
	end if;
end $$;

-- Adds the object's key to store_removal, before it is written, until
-- export_ready(): if the worker dies, the object is removed after an hour.
-- Returns false when the worker has lost its lease.
create function export_store(export uuid, worker text, archive_key text)
returns boolean
language plpgsql volatile security definer
set search_path from current
as $$
begin
	insert into store_removal (key, due)
	select export_store.archive_key, now() + interval '1 hour' from export e
	where e.tenant_id = app_tenant() and e.id = export_store.export
	and e.state = 'running' and e.worker = export_store.worker;
	return found;
end $$;

-- Stores how many bytes an archive will have. Returns person_full or tenant_full
-- when the archives of its person or tenant would then have more bytes than
-- given, else null.
create function export_expect(export uuid, worker text, bytes bigint,
	person_bytes bigint, tenant_bytes bigint) returns text
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	e export;
	held record;
begin
	-- one at a time per tenant: each counts the others
	perform pg_advisory_xact_lock(hashtext('export_create'), app_tenant());
	update export x set bytes_total = export_expect.bytes
	where x.tenant_id = app_tenant() and x.id = export_expect.export
	and x.worker = export_expect.worker
	returning x.* into e;
	if not found then
		return null;
	end if;
	select * into held from export_bytes(e.person_id);
	return case when held.person > export_expect.person_bytes then 'person_full'
		when held.tenant > export_expect.tenant_bytes then 'tenant_full' end;
end $$;

-- Ends archives that have expired or lost a recording, and those that failed in
-- ten attempts; deletes ended ones a week after their request. For `smartrecord
-- jobs`, each minute. Returns how many of each.
create function exports_upkeep(out expired int, out failed int, out old int)
language plpgsql volatile security definer
set search_path from current
as $$
declare
	e export;
begin
	expired := 0;
	failed := 0;
	for e in select x.* from export x
		where x.state = 'ready'
		and (x.expires_at <= now() or not export_intact(x, ''))
		for update skip locked
	loop
		perform export_close(e, 'expired',
			case when e.expires_at > now() then 'deleted' end);
		expired := expired + 1;
	end loop;
	for e in select x.* from export x
		where x.state in ('queued', 'running') and x.attempts >= 10
		and coalesce(x.lease_until, now()) <= now()
		for update skip locked
	loop
		perform export_close(e, 'failed', 'internal');
		failed := failed + 1;
	end loop;
	delete from export x
	where x.created_at <= now() - interval '7 days'
	and x.state not in ('queued', 'running', 'ready');
	get diagnostics old = row_count;
end $$;


grant execute on function export_claim(text, boolean),
	export_beat(jsonb),
	export_begin(uuid, text),
	export_calls(uuid, uuid, int, boolean),
	export_expect(uuid, text, bigint, bigint, bigint),
	export_store(uuid, text, text),
	export_ready(uuid, text, text, bigint, jsonb, jsonb),
	export_release(uuid, text, text, boolean, jsonb),
	exports_upkeep()
	to smartrecord_jobs;
