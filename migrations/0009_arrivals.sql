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
-- to say. At most 100 ids a group. What has gone since is not told.
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
					join recording_source s on s.tenant_id = a.tenant_id
						and s.recording_id = a.recording_id
						and s.deleted_at is null and s.expires_at > now()
					where a.tenant_id = p.tenant and a.at > p.after::timestamptz
					and a.at <= u.upto
					and not exists (select from recording_gone g
						where g.tenant_id = a.tenant_id and g.id = a.recording_id)
					group by a.site_id, a.account_id
				) g)))
		from jsonb_to_recordset(places) p (tenant int, after text),
			lateral (select least(newest,
				(holds ->> p.tenant::text)::timestamptz) as upto) u);
end $$;

-- The list, for a filter {"q", "typing", "site": [], "mood": [], "from", "to",
-- "number", "account", "direction", "min_ms", "max_ms", "since", "after",
-- "limit"}. Whose recordings is never an argument: the request's settings say
-- it. Volatile: what is seen is looked at after as_of was taken.
create function recordings_search(filter jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	as_of timestamptz := recordings_as_of();
	f search_filter := search_filter_of(filter);
begin
	return search_list(f) || jsonb_build_object('as_of', recording_instant(as_of));
end $$;

grant execute on function recordings_as_of(), recording_instant(timestamptz),
	recordings_arrived(jsonb), recordings_search(jsonb) to smartrecord_app;

reset role;

-- A delivery's transaction holds up what its customer is told: not for long.
alter role pipeline set idle_in_transaction_session_timeout = '60s';

set role smartrecord_admin;

-- Of the sessions ($1: ids) those that still live, whose they are, and whom each
-- supervises now. Looking does not count as use.
create function sessions_living(ids uuid[])
returns table (session_id uuid, person_id int, tenant_id int, account_id int,
	sites text)
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select s.id, p.id, a.tenant_id, a.id, account_sites(a.tenant_id, a.id)
	from session s
	join person p on p.id = s.person_id and p.disabled_at is null
	join account a on a.tenant_id = s.tenant_id and a.id = s.account_id
		and a.person_id = p.id
	where s.id = any (sessions_living.ids)
	and s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes';
end;

create function sessions_alive(ids uuid[]) returns table (session_id uuid, sites text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select l.session_id, l.sites from sessions_living(ids) l;
end;

grant execute on function sessions_alive(uuid[]) to smartrecord_app;

reset role;
