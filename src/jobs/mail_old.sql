-- Deletes mails a week after they were queued, expired links, and requests a
-- day old. One row: how many of each.
with mails as (
	delete from mail where queued_at <= now() - interval '7 days'
	returning 1
), links as (
	delete from mail_link where expires_at <= now()
	returning 1
), confirmations as (
	delete from confirmation_link where expires_at <= now()
), requests as (
	delete from mail_request where at <= now() - interval '1 day'
	returning 1
)
select (select count(*) from mails) as mails,
	(select count(*) from links) as links,
	(select count(*) from requests) as requests
