-- Deletes ended sessions, failed sign-ins older than a day, and browsers unused
-- for 180 days. One row: how many of each.
with ended as (
	delete from session
	where expires_at <= now() or last_seen_at <= now() - interval '30 minutes'
	returning 1
), failures as (
	delete from sign_in_failure where at <= now() - interval '1 day'
	returning 1
), devices as (
	delete from device where last_used_at <= now() - interval '180 days'
	returning 1
)
select (select count(*) from ended) as sessions,
	(select count(*) from failures) as failures,
	(select count(*) from devices) as devices
