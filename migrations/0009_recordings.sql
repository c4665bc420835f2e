-- room: recordings
-- Recordings and their transcripts, partitioned by the UTC day of the call. The
-- id is a UUIDv7 (RFC 9562, section 5.7) whose time is the call's start: key,
-- order, page cursor and partition key in one. Row-level security applies to
-- all roles but the owner, whose search function could not use its indexes
-- under a policy.

set role smartrecord_owner;

-- Returns the eleven moods. They are text, since a comparison of enums is not
-- leakproof.
create function recording_moods() returns text[]
language sql immutable parallel safe
return array['neutral', 'frustrated', 'relieved', 'angry', 'positive',
	'confused', 'negative', 'impatient', 'grateful', 'disappointed', 'anxious'];

grant execute on function recording_moods() to smartrecord_app, smartrecord_admin;

create table recording (
	tenant_id	int not null,
	id		uuid not null,
	site_id		int not null,		-- of the account, at the time of the call
	account_id	int not null,
	duration_ms	int not null check (duration_ms between 1 and 86400000),
	started_at	timestamptz not null,
	expires_at	timestamptz not null,
	ingested_at	timestamptz not null default now(),
	direction	text not null check (direction in ('inbound', 'outbound', 'internal')),
	mode		text not null check (mode in ('always', 'on_demand')),
	language	text,			-- BCP 47 tag, or null
	mood		text check (mood = any (recording_moods())),
	caller_kind	text not null,
	caller_value	text,
	caller_name	text,
	callee_kind	text not null,
	callee_value	text,
	callee_name	text,
	subject		text,			-- null: still being analysed
	pauses		jsonb not null default '[]',
	audio_key	text,			-- key in the store; null: no audio yet
	audio_format	text check (audio_format in ('pcm16', 'alaw', 'ulaw')),
	audio_rate	int check (audio_rate in (8000, 16000)),	-- Hz
	audio_channels	int check (audio_channels in (1, 2)),
	audio_samples	bigint,			-- per channel
	audio_sha256	text,			-- hexadecimal
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
-- without a pending list, which made searches for rare words four times slower
create index on recording using gin (tenant_id, tsv) with (fastupdate = off);

-- What only the call's own page reads, one row per call. It repeats the columns
-- of the policy: a policy with a subquery on recording would be planned over
-- all of its partitions.
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

-- No statistics on words and names: they would contain them after the calls
-- have expired. Without them the planner takes each word for a rare one and
-- uses the index of words; otherwise it might scan the primary key and read
-- each row's words.
alter table recording
	alter column tsv set statistics 0, alter column subject set statistics 0,
	alter column caller_value set statistics 0,
	alter column caller_name set statistics 0,
	alter column callee_value set statistics 0,
	alter column callee_name set statistics 0;
alter table utterance
	alter column summary set statistics 0,
	alter column utterances set statistics 0;

-- The pipeline's name of each recording. The row of a deleted recording stays
-- for the longest retention, so that a repeated document does not bring it
-- back.
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

-- What has arrived, and when, for the events of listeners; kept for a day.
create table recording_arrival (
	tenant_id	int not null references tenant,
	at		timestamptz not null,
	site_id		int not null,
	account_id	int not null,
	recording_id	uuid not null,
	completed	boolean not null	-- the analysis of a known recording
);
create index on recording_arrival (tenant_id, at);
create index on recording_arrival (at);

-- Deletions by supervisors, each of one or more recordings; also their
-- receipts.
create table deletion (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its instant
	person_id	int not null,
	account_id	int not null,
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- of the request with that key; both
							-- null after a week
	total		int not null,			-- recordings
	done		int not null default 0,		-- recordings whose rows are removed
	created_at	timestamptz not null default now(),
	finished_at	timestamptz,
	primary key (tenant_id, id)
);
create unique index on deletion (tenant_id, person_id, request_key);
create index on deletion (created_at) where finished_at is null;
create index on deletion (created_at) where request_hash is not null;

-- Recordings that are deleted and invisible, while their rows still exist.
create table recording_gone (
	tenant_id	int not null,
	id		uuid not null,
	deletion_id	uuid not null,
	primary key (tenant_id, id),
	foreign key (tenant_id, deletion_id) references deletion
);
create index on recording_gone (tenant_id, deletion_id, id);

-- Objects of the store to be removed, added in the transaction that removes the
-- last reference; `smartrecord jobs` removes them.
create table store_removal (
	key		text primary key,
	due		timestamptz not null default now()
);
create index on store_removal (due);

-- The time of the last round of the purge, see purge_clock(). It has one row.
create table purge_round (
	one		boolean primary key default true check (one),
	at		timestamptz not null
);

insert into purge_round values (true, now());

-- Returns the deleted recordings of the request's tenant whose rows still
-- exist, for the policies.
create function app_gone() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return array(select id from recording_gone where tenant_id = app_tenant());

grant execute on function app_gone() to smartrecord_app;

reset role;
