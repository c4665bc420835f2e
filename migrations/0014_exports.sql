-- migrate:up
-- Archives of many recordings, prepared in the background, each its person's
-- own.

set role smartrecord_admin;

-- May this person still act for the team? The sites as account_sites() gives
-- them, '' when not: another person's account by now, disabled, no supervisor.
create function account_team(tenant int, account int, person int) returns text
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return coalesce((
	select account_sites(a.tenant_id, a.id) from account a
	join person p on p.id = a.person_id
	where a.tenant_id = tenant and a.id = account
	and p.id = account_team.person and p.disabled_at is null), '');

grant execute on function account_team(int, int, int), brand_of(int, text)
	to smartrecord_owner;

set role smartrecord_owner;

-- --- archives --------------------------------------------------------------

create table export (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its creation
	person_id	int not null,
	account_id	int not null,
	team		text not null,			-- scope at creation, as app.team
	content		text not null check (content in ('audio', 'transcript', 'both')),
	language	text not null check (language in ('fr', 'en')),
	selection	jsonb,				-- null once it has ended
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- what was asked with that key
	state		text not null default 'queued' check (state in ('queued',
			'running', 'ready', 'failed', 'cancelled', 'expired')),
	reason		text check (reason in ('rights', 'disk', 'empty', 'deleted',
			'internal')),
	total		int not null,			-- calls
	done		int not null default 0,		-- calls in the archive so far
	left_out	jsonb not null default '{}',	-- {"why": calls}
	bytes		bigint not null default 0,	-- written so far
	bytes_total	bigint,				-- expected
	created_at	timestamptz not null default now(),
	started_at	timestamptz,
	ready_at	timestamptz,
	expires_at	timestamptz,
	archive_key	text,				-- object in the store
	worker		text,				-- who makes it
	lease_until	timestamptz,			-- nobody else takes it before
	attempts	int not null default 0,
	primary key (tenant_id, id),
	foreign key (tenant_id, account_id) references account,
	check ((state = 'ready') = (archive_key is not null)),
	check ((state = 'running') = (worker is not null))
);
create index on export (tenant_id, person_id, id);
create unique index on export (tenant_id, person_id, request_key);
create index on export (created_at) where state in ('queued', 'running');
create index on export (expires_at) where state = 'ready';

-- What is meant to be in an archive; once it is ready, what is.
create table export_item (
	tenant_id	int not null,
	export_id	uuid not null,
	recording_id	uuid not null,
	primary key (tenant_id, export_id, recording_id),
	foreign key (tenant_id, export_id) references export on delete cascade
);
create index on export_item (tenant_id, recording_id);

do $$
declare
	name text;
begin
	foreach name in array array['export', 'export_item'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy work on %I to smartrecord_owner '
			'using (true)', name);
	end loop;
end $$;

create policy own on export for select to smartrecord_app
	using (tenant_id = (select app_tenant()) and person_id = (select app_person()));
grant select on export to smartrecord_app;

-- An archive as pages and the API show it.
create function export_json(e export) returns jsonb
language sql stable parallel safe
return jsonb_build_object(
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
		then '/exports/' || e.id || '/archive.zip' end);

-- Asks for an archive: {"outcome", "export"}. Outcomes: created; exists, the
-- same request under the same key; conflict, another one under it; empty;
-- busy_person, busy_tenant, when two and five are queued or running.
create function export_create(selection jsonb, content text, language text,
	request_key text, request_hash text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	e export;
	busy record;
begin
	-- one at a time in each customer, so that the counts hold
	perform pg_advisory_xact_lock(hashtext('export_create'), app_tenant());
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.request_key = export_create.request_key;
	if found then
		return jsonb_build_object('export', export_json(e), 'outcome',
			case when e.request_hash = request_hash then 'exists' else 'conflict' end);
	end if;
	select count(*) as tenant, count(*) filter (where x.person_id = app_person()) as person
	into busy from export x
	where x.tenant_id = app_tenant() and x.state in ('queued', 'running');
	if busy.person >= 2 or busy.tenant >= 5 then
		return jsonb_build_object('outcome',
			case when busy.person >= 2 then 'busy_person' else 'busy_tenant' end);
	end if;
	e.total := recordings_count(selection);
	if e.total = 0 then
		return jsonb_build_object('outcome', 'empty');
	end if;
	insert into export (tenant_id, id, person_id, account_id, team, content,
		language, selection, request_key, request_hash, total)
	values (app_tenant(), uuid7_new(now()), app_person(), app_account(), app_team(),
		content, language, selection, request_key, request_hash, e.total)
	returning * into e;
	perform audit_record('export', detail => jsonb_build_object(
		'export', e.id, 'content', e.content, 'calls', e.total));
	return jsonb_build_object('outcome', 'created', 'export', export_json(e));
end $$;

-- Ends an archive, its object to be removed. Selections may hold words that
-- were searched: they go as soon as nothing needs them.
create function export_close(e export, state text, reason text) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
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

-- The person's own: stops one that is prepared, removes one that is ready.
create function export_cancel(export uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

-- Is each recording of it still there and in a scope ('all' or sites)?
create function export_intact(e export, team text) returns boolean
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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
		uuid7_floor(now() - interval '90 days'))
	into lost using e.tenant_id, e.id, team;
	return not lost;
end $$;

-- One's archive to download: its object, as long as all of it may be had. The
-- parts of one download are one line of the access log.
create function export_archive(export uuid)
returns table (state text, reason text, archive_key text, bytes bigint,
	ready_at bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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
	elsif e.expires_at > now() and export_intact(e,
		case when e.team = '' then '' else app_team() end) then
		perform audit_seldom('download', jsonb_build_object('export', e.id));
	else
		e.archive_key := null;
	end if;
	return query select e.state, e.reason, e.archive_key, e.bytes,
		(extract(epoch from e.ready_at) * 1000)::bigint;
end $$;

-- Whoever deletes recordings says so in the same transaction: archives that
-- hold one are removed, those in the making begin again without it.
create function export_forget(recordings uuid[]) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

-- --- the making ------------------------------------------------------------

-- A scope narrowed to what its owner may today; null: nothing any more.
create function export_team(e export) returns text
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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

-- An archive to make for a worker, whose lease must be renewed: the oldest of
-- the customer with the fewest in the making. A big one (more than 100 calls)
-- waits while the customer has another big one, and leaves some workers to
-- the small ones. team is null when its owner may not any more.
create function export_claim(worker text, small boolean)
returns table (id uuid, tenant_id int, account_id int, person_id int, team text,
	content text, language text, brand text, color text, time_zone text)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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
		(select t.time_zone from tenant t where t.id = e.tenant_id)
	from brand_of(e.tenant_id, null) b;
end $$;

-- The workers live, and this is how far they are: renews their leases and
-- answers the workers that still hold one; others were cancelled, another has
-- taken over, or the archive's person may have it no more.
create function export_beat(progress jsonb) returns setof text
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

-- Writes down what is meant to be in it, in the scope of the transaction;
-- answers how many and how many bytes of sound that will be, by the arithmetic
-- of src/media/mp3.c. Null: it is the worker's no more.
create function export_begin(export uuid, worker text, out calls int,
	out sound bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	e export;
begin
	select x.* into e from export x
	where x.tenant_id = app_tenant() and x.id = export_begin.export
	and x.state = 'running' and x.worker = export_begin.worker for update;
	if not found then
		return;
	end if;
	delete from export_item i
	where i.tenant_id = e.tenant_id and i.export_id = e.id;
	insert into export_item
	select e.tenant_id, e.id, s from recordings_selected(e.selection) s;
	get diagnostics calls = row_count;
	execute format('select coalesce(sum(r.audio_samples / r.audio_rate '
		'* case r.audio_rate when 8000 then 3000 else 4000 end '
		'* r.audio_channels + 2000), 0) from export_item i '
		'join recording r on r.tenant_id = i.tenant_id and r.id = i.recording_id '
		'and r.id >= %L where i.tenant_id = $1 and i.export_id = $2',
		uuid7_floor(now() - interval '90 days'))
	into sound using e.tenant_id, e.id;
	update export x set total = calls
	where x.tenant_id = e.tenant_id and x.id = e.id;
end $$;

-- The next calls of it below an id, newest first, in the scope of the
-- transaction; call is null when it has gone, expiring when it is left out
-- since it would take the archive with it within two hours.
create function export_calls(export uuid, below uuid, size int, texts boolean)
returns table (id uuid, call jsonb, expiring boolean, audio_key text,
	audio_format text, audio_rate int, audio_channels int, audio_samples bigint,
	audio_sha256 text)
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
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
		'recording_item(r, s, a) || jsonb_build_object(''language'', r.language, '
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

-- The archive is whole and in the store. Answers whether it is ready: not
-- when it was cancelled or taken over, when a recording has gone meanwhile
-- (it begins again then), or when its owner may not any more.
create function export_ready(export uuid, worker text, archive_key text,
	bytes bigint, left_out jsonb, absent jsonb) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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
		uuid7_floor(now() - interval '90 days'))
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

-- The worker lets go: for good with a reason, or, when reason is null, for
-- another to begin again, at once or, when something failed, later.
create function export_release(export uuid, worker text, reason text,
	again boolean, left_out jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

-- The object's key, before it is written: condemned until export_ready(), so
-- that a worker's death leaves nothing in the store.
create function export_store(export uuid, worker text, archive_key text)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
	insert into store_removal (key, due)
	select export_store.archive_key, now() + interval '1 hour' from export e
	where e.tenant_id = app_tenant() and e.id = export_store.export
	and e.state = 'running' and e.worker = export_store.worker;
	return found;
end $$;

-- How many bytes are expected.
create function export_expect(export uuid, worker text, bytes bigint)
returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	update export e set bytes_total = export_expect.bytes
	where e.tenant_id = app_tenant() and e.id = export_expect.export
	and e.worker = export_expect.worker;
end;

-- Each minute: archives whose time is over, those whose recordings have gone
-- without a word, those that ended every worker that tried; and rows that
-- ended a week ago.
create function exports_upkeep(out expired int, out failed int, out old int)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

grant execute on function export_json(export),
	export_create(jsonb, text, text, text, text),
	export_cancel(uuid),
	export_archive(uuid)
	to smartrecord_app;
grant execute on function export_claim(text, boolean),
	export_beat(jsonb),
	export_begin(uuid, text),
	export_calls(uuid, uuid, int, boolean),
	export_expect(uuid, text, bigint),
	export_store(uuid, text, text),
	export_ready(uuid, text, text, bigint, jsonb, jsonb),
	export_release(uuid, text, text, boolean, jsonb),
	exports_upkeep()
	to smartrecord_jobs;

reset role;
