-- Forgets mails a week after they were asked for, links that are over, and
-- wishes of the day before. Answers how many of each.
with mails as (
	delete from mail where queued_at <= now() - interval '7 days'
	returning 1
), links as (
	delete from mail_link where expires_at <= now()
	returning 1
), wishes as (
	delete from mail_wish where at <= now() - interval '1 day'
	returning 1
)
select (select count(*) from mails) as mails,
	(select count(*) from links) as links,
	(select count(*) from wishes) as wishes
