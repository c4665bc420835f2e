-- The state of the work that `smartrecord jobs` does. One row: how many
-- recordings (at most 10,000) have expired and are still there, and since when
-- the oldest, in seconds; the age of the oldest row of an access log that is not
-- sealed; the age of the last round; users who may see the queries of others;
-- roles of the service that can do too much.
select e.n as expired, coalesce(extract(epoch from now() - e.oldest)::bigint, 0) as expired_s,
	coalesce((select extract(epoch from clock_timestamp() - min(a.at))::bigint from tenant t,
		lateral (select at from audit where tenant_id = t.id and seq is null
			order by id limit 1) a), 0) as unsealed_s,
	coalesce((select extract(epoch from now() - at)::bigint from purge_round), -1) as round_s,
	(select string_agg(m.rolname, ', ' order by m.rolname) from pg_roles m
		where not m.rolsuper and m.rolcanlogin
		and pg_has_role(m.oid, 'pg_read_all_stats', 'member')) as watchers,
	(select string_agg(r.rolname, ', ' order by r.rolname) from pg_roles r
		where r.rolname in ('smartrecord_app', 'smartrecord_jobs', 'pipeline',
			'smartrecord_admin', 'smartrecord_owner')
		and (r.rolsuper or r.rolbypassrls or r.rolcreaterole)) as mighty
from (select count(*) as n, min(expires_at) as oldest
	from (select expires_at from recording_source where expires_at < now() limit 10000) x) e
