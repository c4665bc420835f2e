-- room: server
-- Bounds that hold over all workers and machines: event streams, passwords that
-- are tried, and the rights that a session began with.

set role smartrecord_admin;

-- The rights that a session began with, as account_sites() and
-- account_administers() return them. A session ends when they grow; `ended`
-- says so to the person, who signs in again. Null: a session of an earlier
-- release that was not used since.
alter table session
	add column begun_sites text,
	add column begun_administrator boolean,
	add column ended text check (ended = 'rights');

-- Open event streams. The worker that serves one extends it, so it ends by
-- itself when the worker was killed.
create table stream_lease (
	id		uuid primary key default gen_random_uuid(),
	session_id	uuid not null,
	person_id	int not null references person on delete cascade,
	until		timestamptz not null
);
create index on stream_lease (person_id);
create index on stream_lease (until);

-- What a person tried within the last minutes: 'again', a password typed again
-- during a session; 'known', a check of a password that did not wait behind
-- those of unknown browsers. Deleted after a day.
create table person_attempt (
	person_id	int not null references person on delete cascade,
	kind		text not null check (kind in ('again', 'known')),
	at		timestamptz not null default now()
);
create index on person_attempt (person_id, kind, at);
create index on person_attempt (at);

reset role;

-- as 0012_row_security.sql does for the neighbours of these tables
do $$
declare
	name text;
	role text;
begin
	foreach name in array array['stream_lease', 'person_attempt'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		foreach role in array array['smartrecord_admin', 'smartrecord_jobs'] loop
			execute format('create policy %I on %I to %I using (true)',
				'all_to_' || role, name, role);
		end loop;
		execute format('grant select, delete on %I to smartrecord_jobs', name);
	end loop;
end $$;
