-- migrate:up
-- Recordings and their transcripts, partitioned by UTC day of the call. The
-- id is a UUIDv7 (RFC 9562, 5.7) whose time is the call's start: key, order,
-- page cursor and partition key at once. The owner is not under row-level
-- security, so that its search function keeps index conditions; everybody
-- else is.

set role smartrecord_owner;

-- The first id of the millisecond.
create function uuid7_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe
return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0')
	|| '00000000000000000000')::uuid;

-- An id of that millisecond: version, variant and 74 random bits.
create function uuid7_new(at timestamptz) returns uuid
language sql volatile strict
return overlay(gen_random_uuid()::text
	placing left(uuid7_floor(at)::text, 13) || '-7' from 1 for 15)::uuid;

-- When the id was made; of a UUID of another kind, some instant.
create function uuid7_time(id uuid) returns timestamptz
language sql immutable strict parallel safe
return to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
	/ 1000.0);

create function rfc3339(at timestamptz) returns text
language sql stable strict parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- The eleven moods are text: a comparison of enums is not leakproof.
create function recording_moods() returns text[]
language sql immutable parallel safe
return array['neutral', 'frustrated', 'relieved', 'angry', 'positive',
	'confused', 'negative', 'impatient', 'grateful', 'disappointed', 'anxious'];

create table recording (
	tenant_id	int not null,
	id		uuid not null,
	site_id		int not null,		-- of the account, at call time
	account_id	int not null,
	duration_ms	int not null check (duration_ms between 1 and 86400000),
	started_at	timestamptz not null,
	expires_at	timestamptz not null,
	ingested_at	timestamptz not null default now(),
	direction	text not null check (direction in ('inbound', 'outbound', 'internal')),
	mode		text not null check (mode in ('always', 'on_demand')),
	language	text,
	mood		text check (mood = any (recording_moods())),
	caller_kind	text not null,
	caller_value	text,
	caller_name	text,
	callee_kind	text not null,
	callee_value	text,
	callee_name	text,
	subject		text,			-- null: still being analysed
	pauses		jsonb not null default '[]',
	audio_key	text,			-- object in the store; null: none yet
	audio_format	text check (audio_format in ('pcm16', 'alaw', 'ulaw')),
	audio_rate	int check (audio_rate in (8000, 16000)),
	audio_channels	int check (audio_channels in (1, 2)),
	audio_samples	bigint,			-- a channel
	audio_sha256	text,
	tsv		tsvector not null default '',	-- see search_tsv(), search_keys()
	primary key (tenant_id, id)
		include (mood, site_id, account_id, duration_ms, direction, expires_at),
	foreign key (tenant_id, site_id) references site,
	foreign key (tenant_id, account_id) references account,
	check ((mood is null) = (subject is null)),
	check (num_nulls(audio_key, audio_format, audio_rate, audio_channels,
		audio_samples, audio_sha256) in (0, 6))
) partition by range (id);

create index on recording (tenant_id, account_id, id);
-- no pending list: it made rare words four times slower
create index on recording using gin (tenant_id, tsv) with (fastupdate = off);

-- What is read only on the call's own page: one row a call, beside it. It
-- repeats who may see it and until when: a policy that looked into recording
-- would be planned over all its partitions.
create table utterance (
	tenant_id	int not null,
	id		uuid not null,
	site_id		int not null,
	account_id	int not null,
	expires_at	timestamptz not null,
	summary		text not null,
	utterances	jsonb not null,	-- [[start_ms, end_ms, "caller"|"callee", "text"], …]
	primary key (tenant_id, id)
) partition by range (id);

-- No statistics of what was said and by whom: they would outlive the calls,
-- and the planner had better take every word for a rare one: the key would
-- else look as good as the index of words, and each row's words be read.
alter table recording
	alter column tsv set statistics 0, alter column subject set statistics 0,
	alter column caller_value set statistics 0,
	alter column caller_name set statistics 0,
	alter column callee_value set statistics 0,
	alter column callee_name set statistics 0;
alter table utterance
	alter column summary set statistics 0,
	alter column utterances set statistics 0;

-- What the pipeline calls it. Survives a call that is deleted for as long as
-- any site keeps calls, so that no replay brings it back.
create table recording_source (
	tenant_id	int not null references tenant,
	source_id	text not null check (length(source_id) between 1 and 200),
	recording_id	uuid not null,
	expires_at	timestamptz not null,
	deleted_at	timestamptz,
	primary key (tenant_id, source_id)
);
create unique index on recording_source (tenant_id, recording_id);
create index on recording_source (expires_at);

alter table recording enable row level security;
alter table utterance enable row level security;
alter table recording_source enable row level security;
alter table recording_source force row level security;

-- The team, or one's own; nothing from the instant of expiry on.
do $$
declare
	name text;
begin
	foreach name in array array['recording', 'utterance'] loop
		execute format($policy$
			create policy scope on %I to smartrecord_app
			using (tenant_id = (select app_tenant())
				and expires_at > now()
				and ((select app_team()) = 'all'
					or site_id = any ((select app_sites())::int[])
					or ((select app_team()) = ''
						and account_id = (select app_account()))))
			$policy$, name);
	end loop;
end $$;

create policy ingest on recording_source to smartrecord_owner using (true);

grant select on recording, utterance to smartrecord_app;

-- Makes the missing partitions of the UTC days from first to last; answers
-- how many. Attaching blocks neither readers nor writers of other days.
create function recordings_make_partitions(first date, last date) returns int
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	day date;
	parent text;
	child text;
	quiet text;
	made int := 0;
begin
	if last - first > 366 then
		raise exception 'more than a year of partitions at once';
	end if;
	perform pg_advisory_xact_lock(hashtext('recordings_make_partitions'));
	for day in select generate_series(first, last, interval '1 day') loop
		foreach parent in array array['recording', 'utterance'] loop
			child := parent || to_char(day, '_YYYYMMDD');
			continue when to_regclass('public.' || child) is not null;
			-- the search index's words leave the row, the row stays short
			execute format('create table public.%I (like public.%I '
				'including defaults including constraints) '
				'with (toast_tuple_target = 256)', child, parent);
			select string_agg(format('alter column %I set statistics 0',
				attname), ', ') into quiet
			from pg_attribute
			where attrelid = parent::regclass and attnum > 0 and attstattarget = 0;
			execute format('alter table public.%I %s', child, quiet);
			execute format('alter table public.%I attach partition public.%I '
				'for values from (%L) to (%L)', parent, child,
				uuid7_floor(day::timestamp at time zone 'UTC'),
				uuid7_floor((day + 1)::timestamp at time zone 'UTC'));
			made := made + 1;
		end loop;
	end loop;
	return made;
end $$;

grant execute on function recordings_make_partitions(date, date)
	to smartrecord_jobs;

-- A recording as lists, pages and the API show it. One expression, so that
-- it is inlined into the query that calls it.
create function recording_item(r recording, s site, a account) returns jsonb
language sql stable parallel safe
return jsonb_build_object(
	'id', r.id,
	'site', jsonb_build_object('id', s.id, 'name', s.name,
		'time_zone', s.time_zone),
	'account', jsonb_build_object('id', a.id,
		'name', btrim(a.first_name || ' ' || a.last_name)),
	'direction', r.direction,
	'caller', jsonb_build_object('kind', r.caller_kind,
		'value', r.caller_value, 'name', r.caller_name),
	'callee', jsonb_build_object('kind', r.callee_kind,
		'value', r.callee_value, 'name', r.callee_name),
	'started_at', rfc3339(r.started_at),
	'duration_ms', r.duration_ms,
	'mood', r.mood,
	'subject', r.subject,
	'mode', r.mode,
	'status', case when r.subject is null then 'pending' else 'ready' end,
	'has_audio', r.audio_key is not null,
	'expires_at', rfc3339(r.expires_at),
	'match', null);

grant execute on function uuid7_floor(timestamptz), rfc3339(timestamptz),
	recording_item(recording, site, account), recording_moods()
	to smartrecord_app, smartrecord_admin;

-- enough for a first ingest; `smartrecord jobs` keeps it so
select recordings_make_partitions((now() at time zone 'UTC')::date - 31,
	(now() at time zone 'UTC')::date + 3);

reset role;
