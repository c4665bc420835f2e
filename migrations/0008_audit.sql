-- migrate:up
-- The access log: who did what, and when; never a number, a name of a caller
-- or a searched word. The application can add to it through the functions
-- below and do nothing else with it. Every few seconds `smartrecord jobs`
-- seals what was added, a batch of rows for each customer, whose hash covers
-- its rows and the batch before it.

set role smartrecord_admin;

create function app_session() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.session', true), '')::uuid;

grant execute on function app_session() to smartrecord_app, smartrecord_owner;

-- May people see on a recording who listened to it?
alter table tenant add column show_listeners boolean not null default false;

create table audit (
	tenant_id	int not null references tenant,
	id		bigint generated always as identity,
	at		timestamptz not null default clock_timestamp(),
	kind		text not null check (kind ~ '^[a-z_]{1,40}$'),
	person_id	int,		-- null: a command of the operator's
	account_id	int,
	session_id	uuid,
	recording_id	uuid,
	site_id		int,		-- the recording's
	detail		jsonb not null default '{}',
	seq		bigint,		-- from 1, without gaps; null: not sealed yet
	primary key (tenant_id, id)
);
create unique index audit_seq on audit (tenant_id, seq) where seq is not null;
create index audit_unsealed on audit (tenant_id, id) where seq is null;
create index audit_recording on audit (tenant_id, recording_id, id)
	where recording_id is not null;
create unique index audit_once on audit (tenant_id, recording_id, kind, person_id,
	session_id) nulls not distinct where kind in ('listen', 'read');

-- Kept for ever, without the hashes of its rows once those are a year old.
create table audit_batch (
	tenant_id	int not null references tenant,
	number		bigint not null,	-- from 1, without gaps
	first_seq	bigint not null,
	rows		int not null,
	sealed_at	timestamptz not null,
	leaves		bytea,			-- SHA-256 of each row, in order
	leaves_hash	bytea not null,		-- SHA-256 of them all
	hash		bytea not null,		-- see audit_chain()
	primary key (tenant_id, number)
);

do $$
declare
	name text;
begin
	foreach name in array array['audit', 'audit_batch'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy commands on %I to smartrecord_admin '
			'using (true)', name);
	end loop;
end $$;

-- --- adding ----------------------------------------------------------------

-- Something was done by the request's person.
create function audit_record(kind text, recording uuid default null,
	site int default null, detail jsonb default '{}') returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id, detail)
	select app_tenant(), audit_record.kind, app_person(), app_account(),
		app_session(), recording, site, audit_record.detail
	where app_tenant() is not null;
end;

-- The same, once for a person, a recording and a session: a call is read in
-- many requests.
create function audit_once(kind text, recording uuid, site int) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id)
	select app_tenant(), audit_once.kind, app_person(), app_account(),
		app_session(), recording, site
	where app_tenant() is not null and not exists (
		select from audit a
		where a.tenant_id = app_tenant() and a.recording_id = recording
		and a.kind = audit_once.kind
		and a.person_id is not distinct from app_person()
		and a.session_id is not distinct from app_session())
	on conflict do nothing;
end;

-- The same for what may come in bursts (refusals, a search at every letter):
-- once a minute for a session.
create function audit_seldom(kind text, detail jsonb) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
	select app_tenant(), audit_seldom.kind, app_person(), app_account(),
		app_session(), audit_seldom.detail
	where app_tenant() is not null and not exists (
		select from audit a
		where a.tenant_id = app_tenant() and a.kind = audit_seldom.kind
		and a.session_id is not distinct from app_session()
		and a.person_id is not distinct from app_person()
		and a.at > now() - interval '1 minute'
		and (a.detail - 'results') = (audit_seldom.detail - 'results'));
end;
create index audit_session on audit (tenant_id, session_id, kind, at);

-- Many recordings by one act, in the request's or the job's context.
create function audit_record_all(kind text, recordings uuid[], sites int[],
	detail jsonb) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, session_id,
		recording_id, site_id, detail)
	select app_tenant(), audit_record_all.kind, app_person(), app_account(),
		app_session(), u.recording, u.site, audit_record_all.detail
	from unnest(recordings, sites) u (recording, site)
	where app_tenant() is not null;
end;

-- Somebody is in: the session of this token.
create function audit_signed_in(token text, address text) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
	select s.tenant_id, 'sign_in', s.person_id, s.account_id, s.id,
		jsonb_build_object('address', audit_signed_in.address)
	from session s where s.token_hash = decode(audit_signed_in.token, 'hex');
end;

-- A wrong password for this person: in the log of the customer that they
-- would have signed in to.
create function audit_sign_in_failed(person int, address text) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, detail)
	select a.tenant_id, 'sign_in_failed', a.person_id, a.id,
		jsonb_build_object('address', audit_sign_in_failed.address)
	from account_home(audit_sign_in_failed.person) a where a.id is not null;
end;

-- A command of the operator's production, or work that nobody asked for.
create function audit_command(tenant int, kind text, detail jsonb) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, detail)
	values (audit_command.tenant, audit_command.kind, audit_command.detail);
end;

grant execute on function audit_record(text, uuid, int, jsonb),
	audit_once(text, uuid, int), audit_seldom(text, jsonb)
	to smartrecord_app, smartrecord_owner;
grant execute on function audit_signed_in(text, text),
	audit_sign_in_failed(int, text) to smartrecord_app;
grant execute on function audit_record_all(text, uuid[], int[], jsonb),
	audit_command(int, text, jsonb) to smartrecord_owner;

-- Who has heard a recording or taken its sound along, and when first: {"name",
-- "at"}; null where the customer does not show it.
create function recording_listeners(recording uuid) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select coalesce((
		select jsonb_agg(jsonb_build_object('name', h.name,
			'at', rfc3339(h.at)) order by h.at)
		from (
			select p.name, min(a.at) as at
			from audit a join person p on p.id = a.person_id
			where a.tenant_id = t.id and (a.kind in ('listen', 'download')
				or a.kind = 'export' and a.detail ->> 'content' <> 'transcript')
			and a.recording_id = recording_listeners.recording
			group by p.id
		) h), '[]')
	from tenant t where t.id = app_tenant() and t.show_listeners;
end;

grant execute on function recording_listeners(uuid) to smartrecord_app;

-- --- sealing ---------------------------------------------------------------

create function audit_instant(at timestamptz) returns text
language sql stable strict parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- SHA-256 of a row: of the JSON array of its members as PostgreSQL writes it.
create function audit_leaf(a audit) returns bytea
language sql stable parallel safe
return sha256(convert_to(jsonb_build_array(a.tenant_id, a.id, a.seq,
	audit_instant(a.at), a.kind, a.person_id, a.account_id, a.session_id, a.recording_id, a.site_id,
	a.detail)::text, 'UTF8'));

-- SHA-256 of a batch: of the hash before it (32 zero bytes before the first),
-- "tenant number first_seq rows sealed_at", and the hash of its rows' hashes.
create function audit_chain(previous bytea, b audit_batch) returns bytea
language sql stable parallel safe
return sha256(coalesce(previous, decode(repeat('00', 32), 'hex'))
	|| convert_to(concat_ws(' ', b.tenant_id, b.number, b.first_seq, b.rows,
		audit_instant(b.sealed_at)), 'UTF8')
	|| b.leaves_hash);

-- Seals the oldest rows of a customer, at most so many; answers how many.
create function audit_seal_tenant(tenant int, size int) returns int
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	last audit_batch;
	b audit_batch;
begin
	select * into last from audit_batch
	where tenant_id = tenant order by number desc limit 1;
	b.tenant_id := tenant;
	b.number := coalesce(last.number, 0) + 1;
	b.first_seq := coalesce(last.first_seq + last.rows, 1);
	b.sealed_at := clock_timestamp();
	with numbered as (
		select x.id, b.first_seq - 1 + row_number() over (order by x.id) as seq
		from (select id from audit where tenant_id = tenant and seq is null
			order by id limit size) x
	), sealed as (
		update audit a set seq = n.seq from numbered n
		where a.tenant_id = tenant and a.id = n.id
		returning a
	)
	select count(*), string_agg(audit_leaf(a), '' order by (a).seq)
	into b.rows, b.leaves from sealed;
	if b.rows = 0 then
		return 0;
	end if;
	b.leaves_hash := sha256(b.leaves);
	b.hash := audit_chain(last.hash, b);
	insert into audit_batch select b.*;
	return b.rows;
end $$;

-- Seals what every customer's log holds, at most 5,000 rows a batch. One
-- sealer at a time; another has nothing to do.
create function audit_seal(out batches int, out rows int)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	tenant int;
	n int;
begin
	batches := 0;
	rows := 0;
	if not pg_try_advisory_xact_lock(hashtext('audit_seal')) then
		return;
	end if;
	for tenant in select distinct tenant_id from audit where seq is null loop
		n := audit_seal_tenant(tenant, 5000);
		batches := batches + (n > 0)::int;
		rows := rows + n;
	end loop;
end $$;

-- Removes whole batches after a year, a few at a time; their hashes stay, so
-- that the chain can still be followed. None by a clock that is not to be
-- believed, see 0013_deletion.sql.
create function audit_purge() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	b audit_batch;
	n int := 0;
begin
	if purge_clock() is not null then
		return 0;
	end if;
	for b in select * from audit_batch
		where leaves is not null and sealed_at <= now() - interval '12 months'
		order by sealed_at limit 10 for update skip locked
	loop
		delete from audit where tenant_id = b.tenant_id
		and seq between b.first_seq and b.first_seq + b.rows - 1;
		update audit_batch set leaves = null
		where tenant_id = b.tenant_id and number = b.number;
		n := n + b.rows;
	end loop;
	return n;
end $$;
create index on audit_batch (sealed_at) where leaves is not null;

grant execute on function audit_seal(), audit_purge() to smartrecord_jobs;

-- --- examination -----------------------------------------------------------

-- What is wrong with a customer's batches: one sentence each. head, "number
-- hash": what was printed once and must still be there.
create function audit_examine_batches(tenant int, head text) returns setof text
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	with chain as (
		select b, lag(b.hash) over w as before, lag(b.number, 1, 0::bigint) over w as number_before,
			lag(b.first_seq + b.rows, 1, 1::bigint) over w as first_due
		from audit_batch b where b.tenant_id = tenant
		window w as (order by b.number)
	)
	select format('batch %s: %s', (b).number, problem)
	from chain, lateral (values
		((b).number <> number_before + 1,
			format('batches %s to %s are missing', number_before + 1, (b).number - 1)),
		((b).first_seq <> first_due, format('its rows begin at %s instead of %s',
			(b).first_seq, first_due)),
		(length((b).leaves) <> 32 * (b).rows or sha256((b).leaves) <> (b).leaves_hash,
			'the hashes of its rows were altered'),
		((b).leaves is null and (b).sealed_at > now() - interval '12 months',
			'its rows were removed before their year was over'),
		((b).hash <> audit_chain(before, b),
			'its hash does not follow from its content and the batch before')
		) v (wrong, problem)
	where wrong
	union all
	select format('batch %s: the hash recorded for it, %s, is not its own',
		split_part(head, ':', 1), split_part(head, ':', 2))
	where head <> '' and not exists (
		select from audit_batch b where b.tenant_id = tenant
		and b.number::text = split_part(head, ':', 1)
		and encode(b.hash, 'hex') = lower(split_part(head, ':', 2)));
end;

-- The same for its rows. Two swapped rows are two that were altered.
create function audit_examine_rows(tenant int) returns setof text
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	with due as (
		select b.first_seq + i as seq, b.number,
			substring(b.leaves from 1 + 32 * i for 32) as leaf
		from audit_batch b, generate_series(0, b.rows - 1) i
		where b.tenant_id = tenant and b.leaves is not null
	), have as (
		select a.seq, a.id, audit_leaf(a) as leaf from audit a
		where a.tenant_id = tenant and a.seq is not null
	)
	select case
		when have.seq is null then format('row %s (batch %s): dropped',
			due.seq, due.number)
		when due.seq is null then format('row %s: belongs to no batch', have.seq)
		else format('row %s (batch %s): altered since it was sealed',
			due.seq, due.number) end
	from due full join have on have.seq = due.seq
	where have.leaf is distinct from due.leaf
	order by coalesce(due.seq, have.seq);
end;

reset role;
