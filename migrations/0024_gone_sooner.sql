-- room: recordings
-- Deletions remove the rows of recording first, at once; what remains is
-- unknown to lists, which need not ask for it.
set role smartrecord_owner;

-- Recordings of the deletion with smaller ids may still have their row in
-- recording: lists leave them out by recording_gone. Null: none has. Deletions
-- of the previous release keep the default; they are finished at some time.
alter table deletion add column standing uuid
	default 'ffffffff-ffff-ffff-ffff-ffffffffffff';
update deletion set standing = null where finished_at is not null;
create index on deletion (tenant_id) where standing is not null
	and finished_at is null;

-- The access log needs it after the recording's row is removed.
alter table recording_gone add column site_id int;
update recording_gone g set site_id = r.site_id from recording r
where r.tenant_id = g.tenant_id and r.id = g.id;

-- Returns the deleted recordings of the request's tenant whose rows in
-- recording still exist, for the policies.
create or replace function app_gone() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return array(select g.id from deletion d join recording_gone g
	on g.tenant_id = d.tenant_id and g.deletion_id = d.id and g.id < d.standing
	where d.tenant_id = app_tenant() and d.standing is not null
	and d.finished_at is null);

-- Is a recording of the request's tenant deleted, whose rows still exist?
create function app_is_gone(recording uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return exists (select from recording_gone
	where tenant_id = app_tenant() and id = recording);

grant execute on function app_is_gone(uuid) to smartrecord_app;

-- The words of a deleted call go after its row: they stay invisible until then.
-- Few rows are asked for, by their ids.
alter policy scope on utterance
	using (tenant_id = (select app_tenant())
		and expires_at > now()
		and ((select app_team()) = 'all'
			or site_id = any ((select app_sites())::int[])
			or ((select app_team()) = ''
				and account_id = (select app_account())))
		and not app_is_gone(id));

reset role;
