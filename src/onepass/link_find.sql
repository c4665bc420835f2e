-- One row: the person of the link $1 (SHA-256 of its secret, hex) for purpose
-- $2, or only outdated when a newer mail has replaced the link. No row: it was
-- used or has expired.
select name, email, false as outdated from mail_link_find($1::text, $2::text)
union all
select null, null, true where mail_link_outdated($1::text, $2::text)
