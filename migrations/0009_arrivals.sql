-- migrate:up
-- What has arrived lately, for those who watch: told once, whatever the order
-- in which transactions end.
--
-- A delivery takes the instant of its arrival while it runs, and is seen when
-- it commits. Until then its transaction holds a lock whose key says since
-- when: nothing of the customer that is seen later can have arrived at or
-- before an instant that lies in front of all such locks. That instant is the
-- list's as_of, the next question's since, and the cursor of events.

set role smartrecord_owner;

create table recording_arrival (
	tenant_id	int not null references tenant,
	at		timestamptz not null,
	site_id		int not null,
	account_id	int not null,
	recording_id	uuid not null,
	completed	boolean not null	-- it was there, its analysis came
);
create index on recording_arrival (tenant_id, at);
create index on recording_arrival (at);
alter table recording_arrival enable row level security;
alter table recording_arrival force row level security;
create policy arrivals on recording_arrival to smartrecord_owner using (true);
create policy upkeep on recording_arrival to smartrecord_jobs using (true);
grant select (at), delete on recording_arrival to smartrecord_jobs;

-- Before the first instant of a transaction. The key: the customer, negative
-- (positive ones belong to deliveries), and milliseconds in 31 bits, which
-- come round after 24 days.
create function recording_hold(tenant int) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
begin
	if coalesce(current_setting('app.holds', true), '') <> tenant::text then
		perform pg_advisory_xact_lock_shared(-tenant, (ms & 2147483647)::int);
		perform set_config('app.holds', tenant::text, true);
	end if;
end $$;

-- {"tenant": the earliest instant that may still come}. To be read before
-- the snapshot that it is to describe: a lock goes after its rows are seen.
create function recording_holds() returns jsonb
language sql volatile
set search_path = pg_catalog, public, pg_temp
begin atomic
	-- a minute ahead: of a lock taken meanwhile, and of a clock set back
	with base as materialized (
		select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
			+ 60000 as ms
	), hold as (
		select 4294967296 - l.classid::bigint as tenant,
			max((b.ms - l.objid::bigint) & 2147483647) as age
		from pg_locks l, base b
		where l.locktype = 'advisory' and l.objsubid = 2
		and l.classid::bigint > 2147483647 and l.database = (
			select oid from pg_database where datname = current_database())
		group by 1
	)
	select coalesce(jsonb_object_agg(tenant, to_timestamp((ms - age) / 1000.0)
		- interval '1 us'), '{}')
	from hold, base;
end;

create function recording_instant(at timestamptz) returns text
language sql stable strict parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- The request's customer, up to when all is seen by what is asked next.
create function recordings_as_of() returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	newest timestamptz := clock_timestamp() - interval '1 us';
begin
	return least(newest,
		(recording_holds() ->> app_tenant()::text)::timestamptz);
end $$;

-- What arrived for the places listened at, [{"tenant", "after"}, …]: the same
-- with "as_of", to go on from, and "groups" of [site, account, new,
-- completed, [ids]], by whose they are; who may see which is for the caller
-- to say. At most 100 ids a group.
create function recordings_arrived(places jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	newest timestamptz := clock_timestamp() - interval '1 us';
	holds jsonb := recording_holds();
begin
	return (
		select jsonb_agg(jsonb_build_object('tenant', p.tenant, 'after', p.after,
			'as_of', recording_instant(greatest(p.after::timestamptz, u.upto)),
			'groups', (
				select coalesce(jsonb_agg(jsonb_build_array(g.site_id, g.account_id,
					g.new, g.completed, g.ids)), '[]')
				from (
					select a.site_id, a.account_id,
						count(*) filter (where not a.completed) as new,
						count(*) filter (where a.completed) as completed,
						(array_agg(distinct a.recording_id
							order by a.recording_id desc))[:100] as ids
					from recording_arrival a
					where a.tenant_id = p.tenant and a.at > p.after::timestamptz
					and a.at <= u.upto
					group by a.site_id, a.account_id
				) g)))
		from jsonb_to_recordset(places) p (tenant int, after text),
			lateral (select least(newest,
				(holds ->> p.tenant::text)::timestamptz) as upto) u);
end $$;

-- The list, up to an instant that the next one can go on from.
alter type search_filter add attribute fresh timestamptz;	-- ingested after it

create or replace function search_conditions(f search_filter, with_mood boolean)
returns text
language sql immutable
return 'r.tenant_id = ($1).tenant and r.expires_at > now()'
	|| case when f.own is not null then ' and r.account_id = ($1).own' else '' end
	|| case when f.team is not null then ' and r.site_id = any (($1).team)' else '' end
	|| case when f.sites is not null then ' and r.site_id = any (($1).sites)' else '' end
	|| case when f.account is not null then ' and r.account_id = ($1).account' else '' end
	|| case when f.direction is not null then ' and r.direction = ($1).direction' else '' end
	|| case when f.min_ms is not null then ' and r.duration_ms >= ($1).min_ms' else '' end
	|| case when f.max_ms is not null then ' and r.duration_ms <= ($1).max_ms' else '' end
	|| case when f.fresh is not null then ' and r.ingested_at > ($1).fresh' else '' end
	|| case when f.query is not null then ' and r.tsv @@ ($1).query' else '' end
	|| case when with_mood and f.moods is not null
		then ' and r.mood = any (($1).moods)' else '' end
	|| case when with_mood and f.mood_query is not null
		then ' and r.tsv @@ ($1).mood_query' else '' end;

-- One snapshot for the page, its counts and its rows.
--
-- The planner's settings are this function's own: indexes it is. With words,
-- rows are reached through the index of words or not at all: walking the
-- primary key instead would read each row's words from their own table.
create function search_list(f search_filter) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set jit = off
set random_page_cost = 1.1
set enable_seqscan = off
set enable_indexscan = on
set enable_indexonlyscan = on
as $$
declare
	walk text := case when f.query is null then 'on' else 'off' end;
	ids uuid[];
	found record;
	total int;
begin
	perform set_config('enable_indexscan', walk, true),
		set_config('enable_indexonlyscan', walk, true);
	ids := search_page(f);
	select * into found from search_counts(f, false);
	total := case
		when f.moods is null then found.total
		when found.total > 10000 then (search_counts(f, true)).total
		else (select coalesce(sum((found.moods ->> m)::int), 0)
			from unnest(f.moods) m) end;
	perform set_config('enable_indexscan', 'on', true),
		set_config('enable_indexonlyscan', 'on', true);
	return search_choices(f) || jsonb_build_object(
		'items', search_items(f, ids[:f.size]),
		'next', case when cardinality(ids) > f.size then ids[f.size] end,
		'counts', found.moods,
		'counts_are_capped', found.total > 10000,
		'total', least(total, 10000),
		'total_is_capped', total > 10000);
end $$;

-- The list, for a filter {"q", "typing", "site": [], "mood": [], "from", "to",
-- "number", "account", "direction", "min_ms", "max_ms", "since", "after",
-- "limit"}. Whose recordings is never an argument: the request's settings say
-- it. Volatile: what is seen is looked at after as_of was taken.
create or replace function recordings_search(filter jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	as_of timestamptz := recordings_as_of();
	f search_filter := search_filter_of(filter);
begin
	f.fresh := search_instant(filter, 'since', 'UTC', 0);
	return search_list(f) || jsonb_build_object('as_of', recording_instant(as_of));
end $$;

-- The pipeline's door tells of what came through it.
create or replace function pipeline.complete(r recording, have recording, summary text,
	utterances jsonb) returns boolean
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	new_audio boolean := have.audio_key is null and r.audio_key is not null;
	new_words boolean := have.subject is null and r.subject is not null;
begin
	if new_audio then
		update recording set audio_key = r.audio_key,
			audio_format = r.audio_format, audio_rate = r.audio_rate,
			audio_channels = r.audio_channels, audio_samples = r.audio_samples,
			audio_sha256 = r.audio_sha256
		where tenant_id = have.tenant_id and id = have.id;
	end if;
	if new_words then
		have.mood := r.mood;
		update recording set mood = r.mood, subject = r.subject,
			tsv = search_keys(have) || r.tsv
		where tenant_id = have.tenant_id and id = have.id;
		insert into utterance values (have.tenant_id, have.id, have.site_id,
			have.account_id, have.expires_at, summary, utterances);
		insert into recording_arrival values (have.tenant_id, r.ingested_at,
			have.site_id, have.account_id, have.id, true);
	end if;
	return new_audio or new_words;
end $$;

create or replace function pipeline.ingest(doc jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	source text;
	place record;
	r recording;
	a record;
	s recording_source;
	day date;
begin
	if jsonb_typeof(doc) is distinct from 'object' then
		perform pipeline.refuse('document', 'not an object');
	end if;
	source := pipeline.text_at(doc, '', 'source_id', 200, true);
	r := pipeline.read_call(doc);
	r := pipeline.read_audio(r, doc -> 'audio');
	select * into a from pipeline.read_analysis(r, doc -> 'analysis');
	r := a.done;
	select * into place from pipeline.read_place(doc);
	r.tenant_id := place.tenant;
	r.account_id := place.account;
	r.site_id := place.site;
	r.expires_at := r.started_at + place.days * interval '24 hours';
	-- two deliveries of the same call at once: the second sees the first
	perform pg_advisory_xact_lock(place.tenant, hashtext(source));
	perform recording_hold(place.tenant);
	r.ingested_at := clock_timestamp();
	select * into s from recording_source
	where tenant_id = place.tenant and source_id = source;
	if found then
		return pipeline.replay(s, r, a.summary, a.utterances);
	end if;
	if r.expires_at <= now() then
		perform pipeline.refuse('started_at', format(
			'already expired: this site keeps calls for %s days', place.days));
	end if;
	r.id := uuid7_new(r.started_at);
	day := (r.started_at at time zone 'UTC')::date;
	r.tsv := search_keys(r) || coalesce(r.tsv, '');
	if to_regclass('recording_' || to_char(day, 'YYYYMMDD')) is null then
		perform recordings_make_partitions(day, day);
	end if;
	insert into recording select r.*;
	if r.subject is not null then
		insert into utterance values (r.tenant_id, r.id, r.site_id, r.account_id,
			r.expires_at, a.summary, a.utterances);
	end if;
	insert into recording_source values (r.tenant_id, source, r.id, r.expires_at);
	insert into recording_arrival values (r.tenant_id, r.ingested_at, r.site_id,
		r.account_id, r.id, false);
	return jsonb_build_object('id', r.id, 'outcome', 'created',
		'audio_key', r.audio_key);
end $$;

grant execute on function recordings_as_of(), recording_instant(timestamptz),
	recordings_arrived(jsonb) to smartrecord_app;

reset role;

-- A delivery's transaction holds up what its customer is told: not for long.
alter role pipeline set idle_in_transaction_session_timeout = '60s';

set role smartrecord_admin;

-- Of the sessions ($1: ids) those that still live, and whom each supervises
-- now. Looking does not count as use.
create function sessions_alive(ids uuid[]) returns table (session_id uuid, sites text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select s.id, account_sites(s.tenant_id, s.account_id)
	from session s
	join person p on p.id = s.person_id and p.disabled_at is null
	join account a on a.tenant_id = s.tenant_id and a.id = s.account_id
		and a.person_id = p.id
	where s.id = any (sessions_alive.ids)
	and s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes';
end;

grant execute on function sessions_alive(uuid[]) to smartrecord_app;

reset role;
