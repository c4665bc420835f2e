-- Deletes ended sessions, event streams whose worker is gone, failed sign-ins and
-- other attempts older than a day, and browsers unused for 180 days. One row: how many of each.
with ended as (
	delete from session
	where ended is null
		and (expires_at <= now() or last_seen_at <= now() - interval '30 minutes')
	-- the page of sign-in says for a day why it ended
	or expires_at <= now() - interval '1 day'
	returning 1
), streams as (
	-- not at once: the database was away, and their worker extends them soon
	delete from stream_lease where until <= now() - interval '5 minutes'
), attempts as (
	delete from person_attempt where at <= now() - interval '1 day'
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
