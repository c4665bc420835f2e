-- room: exports
-- Archives of many recordings, made in the background; each belongs to the
-- person who requested it.

set role smartrecord_owner;

create table export (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its creation
	person_id	int not null,
	account_id	int not null,
	team		text not null,			-- scope at creation, as app_team()
	content		text not null check (content in ('audio', 'transcript', 'both')),
	language	text not null check (language in ('fr', 'en')),
	selection	jsonb,				-- null once it has ended
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- of the request with that key
	state		text not null default 'queued' check (state in ('queued',
			'running', 'ready', 'failed', 'cancelled', 'expired')),
	reason		text check (reason in ('rights', 'disk', 'empty', 'deleted',
			'internal')),
	total		int not null,			-- calls
	done		int not null default 0,		-- calls in the archive so far
	left_out	jsonb not null default '{}',	-- {reason: calls}
	bytes		bigint not null default 0,	-- written so far
	bytes_total	bigint,				-- expected bytes
	created_at	timestamptz not null default now(),
	started_at	timestamptz,
	ready_at	timestamptz,
	expires_at	timestamptz,
	archive_key	text,				-- key in the store
	worker		text,				-- name of the maker
	lease_until	timestamptz,			-- no other worker claims it before
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

-- The calls planned for an archive; once it is ready, the calls in it.
create table export_item (
	tenant_id	int not null,
	export_id	uuid not null,
	recording_id	uuid not null,
	primary key (tenant_id, export_id, recording_id),
	foreign key (tenant_id, export_id) references export on delete cascade
);
create index on export_item (tenant_id, recording_id);

reset role;
