-- room: server
-- Sessions. A session is looked up before a tenant is known, so the application
-- reads it through functions only.

set role smartrecord_admin;

-- Only the SHA-256 of a token is stored. A session ends after 30 minutes
-- without a request, and after 12 hours.
create table session (
	token_hash	bytea primary key check (length(token_hash) = 32),
	id		uuid not null default gen_random_uuid() unique,
	person_id	int not null references person on delete cascade,
	tenant_id	int not null,
	account_id	int not null,
	-- its person had accounts at other tenants when it began; otherwise no
	-- request looks for them
	several		boolean not null default false,
	created_at	timestamptz not null default now(),
	last_seen_at	timestamptz not null default now(),
	expires_at	timestamptz not null default now() + interval '12 hours',
	address		text not null default '',	-- IP address
	agent		text not null default '',	-- User-Agent
	foreign key (tenant_id, account_id) references account on delete cascade
);
create index on session (person_id);
create index on session (expires_at);

reset role;
