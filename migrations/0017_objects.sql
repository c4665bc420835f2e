-- room: recordings
-- Who owns each object of the store: one recording, or one archive. Triggers
-- keep the table right, whichever release writes a recording or an archive.
-- Objects of earlier deliveries keep their keys.

set role smartrecord_owner;

create table store_object (
	key		text primary key,
	tenant_id	int not null references tenant,
	recording_id	uuid,
	export_id	uuid,
	check (num_nonnulls(recording_id, export_id) = 1)
);

alter table store_object enable row level security;
alter table store_object force row level security;
create policy all_to_smartrecord_owner on store_object to smartrecord_owner
	using (true);
create policy all_to_smartrecord_jobs on store_object for select
	to smartrecord_jobs using (true);
grant select on store_object to smartrecord_jobs;

-- Triggers. The first owner of a key keeps it: pipeline.ingest() refuses others.
create function store_object_of_recording() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
	if tg_op = 'UPDATE' then
		delete from store_object o where o.key = old.audio_key
		and o.tenant_id = old.tenant_id and o.recording_id = old.id;
	end if;
	if new.audio_key is not null then
		insert into store_object (key, tenant_id, recording_id)
		values (new.audio_key, new.tenant_id, new.id) on conflict do nothing;
	end if;
	return null;
end $$;

create function store_object_of_gone() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
	delete from store_object o using gone g where o.key = g.audio_key
	and o.tenant_id = g.tenant_id and o.recording_id = g.id;
	return null;
end $$;

create function store_object_of_export() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
	if tg_op <> 'INSERT' then
		delete from store_object o where o.key = old.archive_key
		and o.tenant_id = old.tenant_id and o.export_id = old.id;
	end if;
	if tg_op <> 'DELETE' and new.archive_key is not null then
		insert into store_object (key, tenant_id, export_id)
		values (new.archive_key, new.tenant_id, new.id) on conflict do nothing;
	end if;
	return null;
end $$;

-- The hash of an archive's recordings, to give the same archive again; and more
-- reasons why one was not made.
do $$
begin
	execute format('alter table %I add column fingerprint text,
		drop constraint export_reason_check,
		add constraint export_reason_check check (reason in (''rights'', ''disk'',
			''empty'', ''deleted'', ''internal'', ''person_full'', ''tenant_full''))',
		'export');
end $$;

create trigger store_object_new after insert on recording
	for each row when (new.audio_key is not null)
	execute function store_object_of_recording();
create trigger store_object_changed after update of audio_key on recording
	for each row when (old.audio_key is distinct from new.audio_key)
	execute function store_object_of_recording();
create trigger store_object_gone after delete on recording
	referencing old table as gone
	for each statement execute function store_object_of_gone();
create trigger store_object_new after insert on export
	for each row when (new.archive_key is not null)
	execute function store_object_of_export();
create trigger store_object_changed after update of archive_key on export
	for each row when (old.archive_key is distinct from new.archive_key)
	execute function store_object_of_export();
create trigger store_object_gone after delete on export
	for each row when (old.archive_key is not null)
	execute function store_object_of_export();

reset role;

-- Of several recordings with one key, the owner is one of the tenant that the
-- key names, else the oldest. Deliveries wait until this is done.
insert into store_object (key, tenant_id, recording_id)
select distinct on (r.audio_key) r.audio_key, r.tenant_id, r.id
from recording r join tenant t on t.id = r.tenant_id
where r.audio_key is not null
order by r.audio_key, split_part(r.audio_key, '/', 1) = t.key desc, r.id;

do $$
begin
	execute format('insert into store_object (key, tenant_id, export_id)
		select archive_key, tenant_id, id from %I
		where archive_key is not null on conflict do nothing', 'export');
end $$;
