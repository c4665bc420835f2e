-- migrate:up
-- Recordings go: deleted by a supervisor, or expired. Their rows, their words
-- and the names of their objects in the store go in one transaction, an
-- object itself soon after (store_removal). And which ones are meant, when
-- many are.

set role smartrecord_owner;

-- --- selections ------------------------------------------------------------

-- At most 1,000 ids of a selection's member.
create function selection_ids(selection jsonb, name text) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	list jsonb := coalesce(selection -> name, '[]');
begin
	if jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 1000
		or exists (select from jsonb_array_elements(list) x
			where jsonb_typeof(x) <> 'string' or x #>> '{}'
				!~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') then
		perform search_refuse('select', 'Cette valeur ne convient pas.');
	end if;
	return array(select (x #>> '{}')::uuid from jsonb_array_elements(list) x);
end $$;

-- The recordings that a selection means, newest first, of those in the
-- caller's scope: {"ids": []}, or {"filter": {}, "except": [], "as_of"}, all
-- that the list of that moment held. What came in later is not meant, what
-- has gone meanwhile is not there. The planner's settings are those of
-- recordings_search(), for its reasons.
create function recordings_selected(selection jsonb) returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set jit = off
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	chosen uuid[] := selection_ids(selection, 'ids');
	spared uuid[] := selection_ids(selection, 'except');
	as_of timestamptz := coalesce(search_instant(selection, 'as_of', 'UTC', 0),
		now());
	f search_filter := search_filter_of(
		coalesce(selection -> 'filter', '{}') - '{after,limit,typing}'::text[]);
	walk text := case when f.query is null then 'on' else 'off' end;
	w record;
begin
	if selection ? 'ids' then
		return query execute 'select r.id from recording r where r.id = any ($2) and '
			|| search_conditions(f, true) || ' order by r.id desc' using f, chosen;
		return;
	end if;
	perform set_config('enable_indexscan', walk, true),
		set_config('enable_indexonlyscan', walk, true);
	for w in select * from search_windows(f.since, f.until, null) loop
		return query execute format('select r.id from recording r '
			'where r.id >= %L and r.id < %L and %s and r.ingested_at <= $2 '
			'and r.id <> all ($3) order by r.id desc',
			w.lower_id, w.upper_id, search_conditions(f, true))
		using f, as_of, spared;
	end loop;
end $$;

-- How many: exact, for confirmations.
create function recordings_count(selection jsonb) returns int
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select count(*)::int from recordings_selected(selection));

-- --- what the store has to forget ------------------------------------------

-- Objects of the store that nothing names any more: written in the
-- transaction that forgets them, emptied by `smartrecord jobs`.
create table store_removal (
	key		text primary key,
	due		timestamptz not null default now()
);
create index on store_removal (due);

-- --- deletions -------------------------------------------------------------

-- What a supervisor deleted at once; their receipt.
create table deletion (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its instant
	person_id	int not null,
	account_id	int not null,
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- what was asked with that key; both
							-- null after a week
	total		int not null,			-- recordings
	done		int not null default 0,		-- whose rows are gone
	created_at	timestamptz not null default now(),
	finished_at	timestamptz,
	primary key (tenant_id, id)
);
create unique index on deletion (tenant_id, person_id, request_key);
create index on deletion (created_at) where finished_at is null;
create index on deletion (created_at) where request_hash is not null;

-- Deleted, though its rows are still there: nobody sees it any more.
create table recording_gone (
	tenant_id	int not null,
	id		uuid not null,
	deletion_id	uuid not null,
	primary key (tenant_id, id),
	foreign key (tenant_id, deletion_id) references deletion
);
create index on recording_gone (tenant_id, deletion_id, id);

do $$
declare
	name text;
begin
	foreach name in array array['deletion', 'recording_gone', 'store_removal'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy work on %I to smartrecord_owner '
			'using (true)', name);
	end loop;
end $$;

create policy upkeep on store_removal to smartrecord_jobs using (true);
grant select, delete on store_removal to smartrecord_jobs;
create policy own on deletion for select to smartrecord_app
	using (tenant_id = (select app_tenant()) and person_id = (select app_person()));
grant select on deletion to smartrecord_app;

create function app_gone() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return array(select id from recording_gone where tenant_id = app_tenant());

-- The team, or one's own; nothing from the instant of expiry or deletion on.
do $$
declare
	name text;
begin
	foreach name in array array['recording', 'utterance'] loop
		execute format($policy$
			alter policy scope on %I
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

-- See 0005_search.sql. What is deleted but still there is looked for only when
-- the customer has any.
create or replace function search_visible(f search_filter) returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
return 'r.tenant_id = ($1).tenant and r.expires_at > now()'
	|| case when exists (select from recording_gone g where g.tenant_id = f.tenant)
		then ' and not exists (select from recording_gone g '
		'where g.tenant_id = r.tenant_id and g.id = r.id)' else '' end;

-- Removes the rows of recordings and hands their objects to store_removal.
-- The ids' bounds are constants, so that few partitions are planned; each
-- table has a statement of its own, since one for both is ten times slower.
-- Recordings first: a replay that brings words holds the row, so that the
-- second statement sees them.
create function recordings_remove(tenant int, ids uuid[], out removed uuid[],
	out sites int[])
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set jit = off
set enable_seqscan = off
as $$
declare
	span text;
begin
	select format('tenant_id = $1 and id = any ($2) and id between %L and %L',
		min(x::text), max(x::text)) into span
	from (select x from unnest(ids) x) u;
	execute 'with gone as (
			delete from recording where ' || span || '
			returning id, site_id, audio_key
		), objects as (
			insert into store_removal (key)
			select audio_key from gone where audio_key is not null
			on conflict do nothing
		)
		select array_agg(id), array_agg(site_id) from gone'
	into removed, sites using tenant, ids;
	execute 'delete from utterance where ' || span using tenant, ids;
end $$;

create function deletion_json(d deletion) returns jsonb
language sql stable parallel safe
return jsonb_build_object(
	'id', d.id,
	'count', d.total,
	'done', d.done,
	'state', case when d.finished_at is null then 'running' else 'done' end,
	'at', rfc3339(d.created_at),
	'finished_at', rfc3339(d.finished_at));

-- Removes some of what a deletion stands for; answers it as it then is.
create function deletion_step(d deletion, size int) returns deletion
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	ids uuid[] := array(select g.id from recording_gone g
		where g.tenant_id = d.tenant_id and g.deletion_id = d.id
		order by g.id desc limit size);
	gone record;
begin
	select * into gone from recordings_remove(d.tenant_id, ids);
	update recording_source s set deleted_at = now(),
		expires_at = uuid7_time(s.recording_id) + interval '90 days'
	where s.tenant_id = d.tenant_id and s.recording_id = any (ids);
	-- one that expired meanwhile was deleted all the same
	perform audit_record_all('delete', array_agg(i.id order by i.id desc),
		array_agg(u.site order by i.id desc),
		jsonb_strip_nulls(jsonb_build_object('deletion', d.id,
			'many', case when d.total > 1 then true end)))
	from unnest(ids) i (id)
	left join unnest(gone.removed, gone.sites) u (id, site) on u.id = i.id;
	delete from recording_gone g
	where g.tenant_id = d.tenant_id and g.id = any (ids);
	update deletion x set done = x.done + cardinality(ids),
		finished_at = case when x.done + cardinality(ids) >= x.total then now() end
	where x.tenant_id = d.tenant_id and x.id = d.id
	returning x.* into d;
	return d;
end $$;

-- Deletes what a selection means, if it is as many as the person was told:
-- {"outcome", "count", "deletion"}. Nobody sees any of it from the moment this
-- is committed; up to a thousand have gone by then, `smartrecord jobs` removes
-- the rows of more. Outcomes: created; exists, the same request under the same
-- key; conflict, another one under it; empty; changed, it is another number.
create function deletion_create(selection jsonb, expect int, request_key text,
	request_hash text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	d deletion;
	ids uuid[];
begin
	if app_team() = '' then
		raise exception using errcode = 'SR403',
			message = 'La suppression est réservée aux superviseurs.';
	end if;
	-- one at a time in each customer: each sees what the one before left
	perform pg_advisory_xact_lock(hashtext('deletion_create'), app_tenant());
	select x.* into d from deletion x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.request_key = deletion_create.request_key;
	if found then
		return jsonb_build_object('deletion', deletion_json(d), 'outcome',
			case when d.request_hash = request_hash then 'exists' else 'conflict' end);
	end if;
	ids := array(select recordings_selected(selection));
	if cardinality(ids) <> expect or expect = 0 then
		return jsonb_build_object('count', cardinality(ids), 'outcome',
			case when cardinality(ids) = 0 then 'empty' else 'changed' end);
	end if;
	insert into deletion (tenant_id, id, person_id, account_id, request_key,
		request_hash, total)
	values (app_tenant(), uuid7_new(clock_timestamp()), app_person(),
		app_account(), request_key, request_hash, expect)
	returning * into d;
	insert into recording_gone select d.tenant_id, x, d.id from unnest(ids) x;
	perform export_forget(ids);
	if d.total > 1 then
		perform audit_record('delete_many', detail => jsonb_build_object(
			'deletion', d.id, 'count', d.total));
	end if;
	if d.total <= 1000 then
		d := deletion_step(d, d.total);
	end if;
	return jsonb_build_object('outcome', 'created', 'deletion', deletion_json(d));
end $$;

-- Goes on with the oldest deletion that nobody else is at; answers how many
-- recordings, in its person's name: 0, there is nothing to do, but to forget
-- what was asked a week ago: whoever tries enough numbers finds the one whose
-- hash it is.
create function deletions_work(size int) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	d deletion;
	before int;
begin
	select x.* into d from deletion x where x.finished_at is null
	order by x.created_at limit 1 for update skip locked;
	if not found then
		update deletion x set request_key = null, request_hash = null
		where x.request_hash is not null
		and x.created_at <= now() - interval '7 days';
		return 0;
	end if;
	perform set_config('app.tenant', d.tenant_id::text, true),
		set_config('app.account', d.account_id::text, true),
		set_config('app.person', d.person_id::text, true);
	before := d.done;
	d := deletion_step(d, size);
	return d.done - before;
end $$;

grant execute on function recordings_count(jsonb), deletion_create(jsonb, int, text, text),
	deletion_json(deletion), app_gone() to smartrecord_app;
grant execute on function deletions_work(int) to smartrecord_jobs;

-- --- expiry ----------------------------------------------------------------

-- When the last round of the purge was: what the clock is held against.
create table purge_round (
	one		boolean primary key default true check (one),
	at		timestamptz not null
);
alter table purge_round enable row level security;
alter table purge_round force row level security;
create policy work on purge_round to smartrecord_owner using (true);
insert into purge_round values (true, now());

-- Is the database's clock to be believed? Null, or a sentence. A round passes
-- each minute, so a step of more than an hour since the last one means that
-- `smartrecord jobs` was away, or that the clock has jumped. The telephone
-- side's clock decides: calls that began within the last hour, as the pipeline
-- dates them, confirm ours; until then nothing is purged. A clock set back is
-- waited for. Nothing there to lose: nothing to ask.
create function purge_clock() returns text
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	last timestamptz;
begin
	select at into last from purge_round;
	if now() < last - interval '1 minute' then
		return format('it was %s at the last round', rfc3339(last));
	elsif now() > last + interval '1 hour'
		and exists (select from recording_source)
		and not exists (select from recording
			where id >= uuid7_floor(now() - interval '1 hour')) then
		return format('it was %s at the last round, and no call has begun since',
			rfc3339(last));
	end if;
	update purge_round set at = now() where at < now();
	return null;
end $$;
grant execute on function purge_clock() to smartrecord_admin;

-- The clock is right, says who knows.
create function purge_trust() returns text
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	update purge_round set at = now() returning rfc3339(at);
end;

-- Removes the oldest expired recordings, at most so many; problem: nothing
-- was, since the clock is not to be believed.
create function recordings_purge(size int, out removed int, out problem text)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	due record;
	gone record;
begin
	removed := 0;
	problem := purge_clock();
	if problem is not null then
		return;
	end if;
	for due in
		select s.tenant_id, array_agg(s.recording_id) as ids
		from (select x.tenant_id, x.recording_id from recording_source x
			where x.expires_at <= now() order by x.expires_at
			limit size for update skip locked) s
		group by s.tenant_id
	loop
		select * into gone from recordings_remove(due.tenant_id, due.ids);
		delete from recording_source s
		where s.tenant_id = due.tenant_id and s.recording_id = any (due.ids);
		if gone.removed is not null then
			perform audit_command(due.tenant_id, 'expire',
				jsonb_build_object('count', cardinality(gone.removed)));
		end if;
		removed := removed + cardinality(due.ids);
	end loop;
end $$;

-- Drops the oldest partition of the days before one, if it is empty: dropped
-- 1. busy 1: somebody has been reading for longer than anybody is to wait.
-- What reads meanwhile waits for the tenth of a second at most.
create function recordings_drop_partition(before date, out dropped int, out busy int)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set lock_timeout = '100ms'
as $$
declare
	child text;
	parent text;
	held boolean;
begin
	dropped := 0;
	busy := 0;
	for child, parent in
		select c.relname, p.relname
		from pg_inherits i join pg_class c on c.oid = i.inhrelid
		join pg_class p on p.oid = i.inhparent
		where p.oid in ('public.recording'::regclass, 'public.utterance'::regclass)
		and right(c.relname, 8) < to_char(before, 'YYYYMMDD')
		order by right(c.relname, 8), c.relname
	loop
		execute format('select exists (select from public.%I)', child) into held;
		continue when held;
		begin
			execute format('alter table public.%I detach partition public.%I',
				parent, child);
			execute format('select exists (select from public.%I)', child) into held;
			if held then
				raise lock_not_available;
			end if;
			execute format('drop table public.%I', child);
			dropped := 1;
		exception when lock_not_available then
			busy := 1;
		end;
		return;
	end loop;
end $$;

grant execute on function recordings_purge(int), recordings_drop_partition(date),
	purge_trust() to smartrecord_jobs;

reset role;

-- --- the password again ----------------------------------------------------

-- Before something grave: the person's own password, with the same patience
-- and counted as a failure until it is right, as when signing in.
set role smartrecord_admin;

create function password_again(network text, address text)
returns table (password_hash text, wait_seconds int)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	who person;
begin
	select p.* into who from person p
	where p.id = app_person() and p.disabled_at is null;
	password_hash := who.password_hash;
	wait_seconds := sign_in_wait(who.email, network, address, true);
	if wait_seconds = 0 then
		perform sign_in_failed(who.email, network, address);
	end if;
	return next;
end $$;

create function password_was_right(address text) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	delete from sign_in_failure f
	where f.email_hash = (select sign_in_email_hash(p.email) from person p
		where p.id = app_person())
	and f.address = password_was_right.address;
end;

grant execute on function password_again(text, text), password_was_right(text)
	to smartrecord_app;

reset role;

-- --- how long a site keeps its recordings ----------------------------------

set role smartrecord_admin;

-- A command of the operator's production, with its roles: what another number
-- of days would mean for a site's recordings, or, with apply, makes it so.
-- What has expired already stays so.
create function site_retain(tenant_key text, site_key text, days int,
	apply boolean) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	s site;
	n int;
	ends int;
	said text;
begin
	select x.* into s from site x join tenant t on t.id = x.tenant_id
	where t.key = tenant_key and x.key = site_key for update of x;
	if not found then
		return jsonb_build_object('outcome', 'missing',
			'what', format('site %s of %s', site_key, tenant_key));
	end if;
	select count(*), count(*) filter (
		where r.started_at + days * interval '24 hours' <= now())
	into n, ends from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id and r.expires_at > now();
	said := format('site %s of %s from %s to %s days: %s recordings, of which %s go at once',
		site_key, tenant_key, s.retention_days, days, n, ends);
	if not apply then
		return jsonb_build_object('outcome', 'would change', 'what',
			said || ' (--apply does it)');
	end if;
	update site x set retention_days = days, expired_until = greatest(
		x.expired_until, now() - x.retention_days * interval '24 hours')
	where x.tenant_id = s.tenant_id and x.id = s.id;
	update recording r set expires_at = r.started_at + days * interval '24 hours'
	where r.tenant_id = s.tenant_id and r.site_id = s.id and r.expires_at > now();
	update utterance u set expires_at = r.expires_at from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id
	and u.tenant_id = r.tenant_id and u.id = r.id and u.expires_at <> r.expires_at;
	update recording_source x set expires_at = r.expires_at from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id
	and x.tenant_id = r.tenant_id and x.recording_id = r.id
	and x.expires_at <> r.expires_at;
	insert into audit (tenant_id, kind, site_id, detail) values (s.tenant_id,
		'retention', s.id, jsonb_build_object('site', s.id,
		'from', s.retention_days, 'to', days, 'count', n, 'gone', ends));
	return jsonb_build_object('outcome', 'changed', 'what', said);
end $$;

reset role;
