-- room: db
-- The access log: who did what, and when; never a number, a caller's name or a
-- searched word. The application adds rows through src/db/functions/log.sql and
-- can't change them. Every few seconds `smartrecord jobs` seals the new rows of
-- each tenant in a batch, whose hash covers its rows and the previous batch.

set role smartrecord_admin;

create table audit (
	tenant_id	int not null references tenant,
	id		bigint generated always as identity,
	public_id	uuid not null default gen_random_uuid(),
	at		timestamptz not null default clock_timestamp(),
	kind		text not null check (kind ~ '^[a-z_]{1,40}$'),
	person_id	int,		-- null: a command of the operator, or a job
	account_id	int,
	session_id	uuid,
	recording_id	uuid,
	site_id		int,		-- of the recording
	detail		jsonb not null default '{}',	-- refers to others by public_id
	seq		bigint,		-- from 1, without gaps; null: not sealed yet
	primary key (tenant_id, id),
	unique (tenant_id, public_id)
);
create unique index audit_seq on audit (tenant_id, seq) where seq is not null;
create index audit_unsealed on audit (tenant_id, id) where seq is null;
create index audit_recording on audit (tenant_id, recording_id, id)
	where recording_id is not null;
create unique index audit_once on audit (tenant_id, recording_id, kind, person_id,
	session_id) nulls not distinct where kind in ('listen', 'read');
create index audit_session on audit (tenant_id, session_id, kind, at);
create index audit_person on audit (tenant_id, person_id, id);
create index audit_kind on audit (tenant_id, kind, id);

-- Batches stay for ever; after a year without the hashes of their rows.
create table audit_batch (
	tenant_id	int not null references tenant,
	number		bigint not null,	-- from 1, without gaps
	first_seq	bigint not null,
	rows		int not null,
	sealed_at	timestamptz not null,
	leaves		bytea,			-- SHA-256 of each row, in order
	leaves_hash	bytea not null,		-- SHA-256 of leaves
	hash		bytea not null,		-- see audit_chain()
	primary key (tenant_id, number)
);
create index on audit_batch (sealed_at) where leaves is not null;

reset role;
