set local role smartrecord_owner;

-- Returns the condition that a row of $1, a tenant, is one of $2, ids. Their
-- bounds are constants, so few partitions are planned; null without ids.
create function recordings_span(ids uuid[]) returns text
language sql immutable
as $$
select format('tenant_id = $1 and id = any ($2) and id between %L and %L',
		min(x::text), max(x::text))
	from unnest(ids) x
$$;

-- Deletes rows of recording and adds the objects that they own to
-- store_removal; utterances_remove() must follow. Returns the ids that existed.
-- Each table has its own statement: one for both is ten times slower.
-- Recordings come first: ingest_replay() locks that row, so the second statement
-- sees an utterance that it adds.
create function recordings_remove(tenant int, ids uuid[]) returns uuid[]
language plpgsql volatile
set search_path from current
set jit = off
set enable_seqscan = off
as $$
declare
	removed uuid[];
begin
	execute 'with gone as (
			delete from recording where ' || recordings_span(ids) || '
			returning id, audio_key
		), objects as (
			insert into store_removal (key)
			select o.key from gone g join store_object o on o.key = g.audio_key
				and o.tenant_id = $1 and o.recording_id = g.id
			on conflict do nothing
		)
		select array_agg(id) from gone'
	into removed using tenant, ids;
	return removed;
end $$;

-- Deletes the utterances of recordings that have no row in recording any more.
create function utterances_remove(tenant int, ids uuid[]) returns void
language plpgsql volatile
set search_path from current
set jit = off
set enable_seqscan = off
as $$
begin
	execute 'delete from utterance where ' || recordings_span(ids)
	using tenant, ids;
end $$;

-- Returns null when the database's clock can be trusted for a purge, else a
-- sentence. A round passes each minute, so more than an hour since the last one
-- means that `smartrecord jobs` was stopped or that the clock has jumped. Then
-- a call that began within the last hour, by the pipeline's clock, must confirm
-- the clock first. After a step back the purge waits. Without recordings the
-- clock is trusted.
create function purge_clock() returns text
language plpgsql volatile security definer
set search_path from current
as $$
declare
	last timestamptz;
begin
	select at into last from purge_round;
	if now() < last - interval '1 minute' then
		return format('it was %s at the last round', rfc3339(last));
	elsif now() > last + interval '1 hour'
		and exists (select from recording_source)
		and not exists (select from recording
			where id >= uuid7_floor(now() - interval '1 hour')) then
		return format('it was %s at the last round, and no call has begun since',
			rfc3339(last));
	end if;
	update purge_round set at = now() where at < now();
	return null;
end $$;

-- Declares the clock right, for `smartrecord jobs --trust-clock`. Returns it.
create function purge_trust() returns text
language sql volatile security definer
set search_path from current
as $$
	update purge_round set at = now() returning rfc3339(at);
$$;

-- Removes the oldest expired recordings, at most size, for `smartrecord jobs`.
-- Returns how many; problem is purge_clock(), and nothing is removed when it is
-- not null.
create function recordings_purge(size int, out removed int, out problem text)
language plpgsql volatile security definer
set search_path from current
as $$
declare
	due record;
	gone uuid[];
begin
	removed := 0;
	problem := purge_clock();
	if problem is not null then
		return;
	end if;
	for due in
		select s.tenant_id, array_agg(s.recording_id) as ids
		from (select x.tenant_id, x.recording_id from recording_source x
			where x.expires_at <= now() order by x.expires_at
			limit size for update skip locked) s
		group by s.tenant_id
	loop
		gone := recordings_remove(due.tenant_id, due.ids);
		perform utterances_remove(due.tenant_id, due.ids);
		delete from recording_source s
		where s.tenant_id = due.tenant_id and s.recording_id = any (due.ids);
		if gone is not null then
			perform audit_command(due.tenant_id, 'expire',
				jsonb_build_object('count', cardinality(gone)));
		end if;
		removed := removed + cardinality(due.ids);
	end loop;
end $$;

set local role smartrecord_admin;

-- Sets the retention of a site in days, for `smartrecord site retention`;
-- without apply only tells what it would remove. Recordings that have expired
-- already stay expired. Returns {"outcome": changed, would change or missing,
-- "what"}.
create function site_retain(tenant_key text, site_key text, days int,
	apply boolean) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	s site;
	n int;
	ends int;
	said text;
begin
	select x.* into s from site x join tenant t on t.id = x.tenant_id
	where t.key = tenant_key and x.key = site_key for update of x;
	if not found then
		return jsonb_build_object('outcome', 'missing',
			'what', format('site %s of %s', site_key, tenant_key));
	end if;
	select count(*), count(*) filter (
		where r.started_at + days * interval '24 hours' <= now())
	into n, ends from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id and r.expires_at > now();
	said := format('site %s of %s from %s to %s days: %s recordings, of which %s go at once',
		site_key, tenant_key, s.retention_days, days, n, ends);
	if not apply then
		return jsonb_build_object('outcome', 'would change', 'what',
			said || ' (--apply does it)');
	end if;
	update site x set retention_days = days, expired_until = greatest(
		x.expired_until, now() - x.retention_days * interval '24 hours')
	where x.tenant_id = s.tenant_id and x.id = s.id;
	update recording r set expires_at = r.started_at + days * interval '24 hours'
	where r.tenant_id = s.tenant_id and r.site_id = s.id and r.expires_at > now();
	update utterance u set expires_at = r.expires_at from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id
	and u.tenant_id = r.tenant_id and u.id = r.id and u.expires_at <> r.expires_at;
	update recording_source x set expires_at = r.expires_at from recording r
	where r.tenant_id = s.tenant_id and r.site_id = s.id
	and x.tenant_id = r.tenant_id and x.recording_id = r.id
	and x.expires_at <> r.expires_at;
	insert into audit (tenant_id, kind, site_id, detail) values (s.tenant_id,
		'retention', s.id, jsonb_build_object('site', s.public_id,
		'from', s.retention_days, 'to', days, 'count', n, 'gone', ends));
	return jsonb_build_object('outcome', 'changed', 'what', said);
end $$;

set local role smartrecord_owner;

grant execute on function purge_clock()
	to smartrecord_admin;

grant execute on function recordings_purge(int),
	purge_trust()
	to smartrecord_jobs;
