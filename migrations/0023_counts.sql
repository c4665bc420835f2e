-- room: recordings
-- What lists have counted, kept while it is true, see search_tallies(). Triggers
-- note which days of which customer a transaction changes, whichever release
-- changes them. The three tables are not logged: a crash empties all of them,
-- and then everything is counted anew. None of them refers to another table, so
-- that a delivery waits for nobody.
set role smartrecord_owner;

-- Which transactions have changed recordings of a UTC day of a customer (days
-- since 1970), or (day -1) what can be chosen in filters; kept for a day.
create unlogged table recording_change (
	tenant_id	int not null,
	day		int not null,
	xid		xid8 not null,
	at		timestamptz not null default clock_timestamp(),
	primary key (tenant_id, xid, day)
);
create index on recording_change (tenant_id, day, xid);
create index on recording_change (at);

-- How many recordings a filter finds in one part of its time: a day of one time
-- zone, or (-infinity) all before, or (infinity, zone 0) all of its time. slot
-- bounds the rows of a customer: a filter replaces another one with the same slot.
create unlogged table recording_tally (
	tenant_id	int not null,
	slot		int not null,
	zone		int not null,
	day		date not null,
	key		text not null,		-- of the filter
	lower_id	uuid not null,		-- lower_id <= id < upper_id
	upper_id	uuid not null,
	at		timestamptz not null,	-- when it was counted
	until		timestamptz not null,	-- when the first of them expires
	snapshot	pg_snapshot not null,	-- that it was counted in
	written		xid8 not null,		-- xmin; not so in a restored dump
	total		int not null,
	moods		jsonb not null,		-- {mood: number}
	primary key (tenant_id, slot, zone, day)
) with (fillfactor = 50);

-- What can be chosen in the filters of one team, see search_choices().
create unlogged table recording_choice (
	tenant_id	int not null,
	team		text not null,		-- "all", or ids of sites
	at		timestamptz not null,
	snapshot	pg_snapshot not null,
	written		xid8 not null,
	sites		json not null,
	time_zones	int not null,
	accounts	json not null,
	retention_days	json not null,
	alone		boolean not null,
	primary key (tenant_id, team)
);

do $$
declare
	name text;
begin
	foreach name in array array['recording_change', 'recording_tally',
		'recording_choice'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy all_to_smartrecord_owner on %I '
			'to smartrecord_owner using (true)', name);
		execute format('create policy all_to_smartrecord_jobs on %I '
			'to smartrecord_jobs using (true)', name);
		execute format('grant select (at), delete on %I to smartrecord_jobs', name);
	end loop;
end $$;

-- Notes the days of the rows that a statement has changed. A row per
-- transaction: transactions never wait for each other.
create function recording_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
	insert into recording_change (tenant_id, day, xid)
	select distinct tenant_id, (('x' || translate(left(id::text, 13), '-', ''))
		::bit(48)::bigint / 86400000)::int, pg_current_xact_id()
	from changed on conflict do nothing;
	return null;
end $$;

create function recording_choice_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
	insert into recording_change (tenant_id, day, xid)
	values (coalesce(new.tenant_id, old.tenant_id), -1, pg_current_xact_id())
	on conflict do nothing;
	return null;
end $$;

grant execute on function recording_choice_changed() to smartrecord_admin;

create trigger changed_new after insert on recording
	referencing new table as changed
	for each statement execute function recording_changed();
create trigger changed_row after update on recording
	referencing new table as changed
	for each statement execute function recording_changed();
create trigger changed_old after delete on recording
	referencing old table as changed
	for each statement execute function recording_changed();
create trigger changed_new after insert on recording_gone
	referencing new table as changed
	for each statement execute function recording_changed();
create trigger changed_old after delete on recording_gone
	referencing old table as changed
	for each statement execute function recording_changed();

set role smartrecord_admin;

create trigger choice_changed after insert or delete or update of tenant_id,
	public_id, name, retention_days, time_zone on site
	for each row execute function recording_choice_changed();
create trigger choice_changed after insert or delete or update of tenant_id,
	public_id, site_id, first_name, last_name on account
	for each row execute function recording_choice_changed();

reset role;
