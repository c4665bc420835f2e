set local role smartrecord_owner;

-- Returns a deletion as pages and the API show it: "done" of "count" recordings
-- have their rows removed.
create function deletion_json(d deletion) returns jsonb
language sql stable parallel safe
as $$
select jsonb_build_object(
	'id', d.id,
	'count', d.total,
	'done', d.done,
	'state', case when d.finished_at is null then 'running' else 'done' end,
	'at', rfc3339(d.created_at),
	'finished_at', rfc3339(d.finished_at))
$$;

-- Removes the rows in recording of at most size recordings of a deletion, the
-- newest first, which lists come to first. Returns its new row.
create function deletion_clear(d deletion, size int) returns deletion
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
declare
	ids uuid[] := array(select g.id from recording_gone g
		where g.tenant_id = d.tenant_id and g.deletion_id = d.id
		and g.id < d.standing order by g.id desc limit size);
begin
	if ids <> '{}' then
		perform recordings_remove(d.tenant_id, ids);
	end if;
	update deletion x set standing = ids[size]
	where x.tenant_id = d.tenant_id and x.id = d.id
	returning x.* into d;
	return d;
end $$;

-- Removes what remains of at most size recordings of a deletion that is cleared,
-- and logs them. Returns its new row.
create function deletion_step(d deletion, size int) returns deletion
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
declare
	ids uuid[];
	sites int[];
begin
	select coalesce(array_agg(g.id order by g.id desc), '{}'),
		array_agg(g.site_id order by g.id desc) into ids, sites
	from (select x.id, coalesce(x.site_id, (	-- of the previous release
			select u.site_id from utterance u
			where u.tenant_id = x.tenant_id and u.id = x.id)) as site_id
		from recording_gone x
		where x.tenant_id = d.tenant_id and x.deletion_id = d.id
		order by x.id desc limit size) g;
	perform utterances_remove(d.tenant_id, ids);
	update recording_source s set deleted_at = now(),
		expires_at = uuid7_time(s.recording_id) + 90 * interval '24 hours'
	where s.tenant_id = d.tenant_id and s.recording_id = any (ids);
	-- logs recordings that expired meanwhile too: they were deleted first
	perform audit_record_all('delete', ids, sites,
		jsonb_strip_nulls(jsonb_build_object('deletion', d.id,
			'many', case when d.total > 1 then true end)));
	delete from recording_gone g
	where g.tenant_id = d.tenant_id and g.id = any (ids);
	update deletion x set done = x.done + cardinality(ids),
		finished_at = case when x.done + cardinality(ids) >= x.total
			or cardinality(ids) < size then now() end
	where x.tenant_id = d.tenant_id and x.id = d.id
	returning x.* into d;
	return d;
end $$;

-- Returns of how many recordings a request itself removes the rows in recording,
-- in the second that it has for that.
create function deletion_at_once() returns int
language sql immutable
return 20000;

-- Deletes the recordings of a selection, if they are expect in number, for a
-- supervisor. Returns {"outcome", "count", "deletion"}: created; exists (the
-- same request with this key); conflict (another request with it); empty;
-- changed (the number is "count" now). From its commit on no recording of it is
-- visible. It also removes, for a second, the rows in recording of up to 20,000,
-- since lists take several times as long while they have to leave out that many;
-- and all that remains of up to a thousand. `smartrecord jobs` does the rest.
-- SR403: no supervisor. SR400: the selection is not valid.
create function deletion_create(selection jsonb, expect int, request_key text,
	request_hash text) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	d deletion;
	ids uuid[];
begin
	if app_team() = '' then
		raise exception using errcode = 'SR403',
			message = 'La suppression est réservée aux superviseurs.';
	end if;
	-- one at a time per tenant: each sees the effect of the previous one
	perform pg_advisory_xact_lock(hashtext('deletion_create'), app_tenant());
	select x.* into d from deletion x
	where x.tenant_id = app_tenant() and x.person_id = app_person()
	and x.request_key = deletion_create.request_key;
	if found then
		return jsonb_build_object('deletion', deletion_json(d), 'outcome',
			case when d.request_hash = request_hash then 'exists' else 'conflict' end);
	end if;
	ids := array(select recordings_selected(selection));
	if cardinality(ids) <> expect or expect = 0 then
		return jsonb_build_object('count', cardinality(ids), 'outcome',
			case when cardinality(ids) = 0 then 'empty' else 'changed' end);
	end if;
	insert into deletion (tenant_id, id, person_id, account_id, request_key,
		request_hash, total)
	values (app_tenant(), uuid7_new(clock_timestamp()), app_person(),
		app_account(), request_key, request_hash, expect)
	returning * into d;
	insert into recording_gone select d.tenant_id, x.id, d.id, r.site_id
	from unnest(ids) x (id)
	left join recording r on r.tenant_id = d.tenant_id and r.id = x.id;
	perform export_forget(ids);
	if d.total > 1 then
		perform audit_record('delete_many', detail => jsonb_build_object(
			'deletion', d.id, 'count', d.total));
	end if;
	while d.total <= deletion_at_once() and d.standing is not null loop
		d := deletion_clear(d, 1000);
		-- the rest is for jobs: the request must end in time
		exit when d.total > 1000
			and clock_timestamp() - statement_timestamp() > interval '1 second';
	end loop;
	if d.total <= 1000 then
		d := deletion_step(d, d.total);
	end if;
	return jsonb_build_object('outcome', 'created', 'deletion', deletion_json(d));
end $$;

-- Continues a deletion that no other process works on, in the context of its
-- person, for `smartrecord jobs`: the oldest that is not cleared, else the
-- oldest. removed: of how many recordings nothing is left; more: false when there
-- was none to continue. It then clears the hashes of requests a week old: a
-- number could be found from its request's hash by trying all numbers.
create function deletions_work(size int, out removed int, out more boolean)
language plpgsql volatile security definer
set search_path from current
as $$
declare
	d deletion;
	before int;
begin
	removed := 0;
	select x.* into d from deletion x where x.finished_at is null
	order by x.standing is null, x.created_at limit 1 for update skip locked;
	more := found;
	if not more then
		update deletion x set request_key = null, request_hash = null
		where x.request_hash is not null
		and x.created_at <= now() - interval '7 days';
		return;
	end if;
	before := d.done;
	perform set_config('app.tenant', d.tenant_id::text, true),
		set_config('app.account', d.account_id::text, true),
		set_config('app.person', d.person_id::text, true);
	if d.standing is not null then
		d := deletion_clear(d, size);
	else
		d := deletion_step(d, size);
	end if;
	removed := d.done - before;
end $$;

grant execute on function deletion_create(jsonb, int, text, text),
	deletion_json(deletion)
	to smartrecord_app;

grant execute on function deletions_work(int)
	to smartrecord_jobs;
