-- One row: the person of the link $1 (SHA-256 of its secret, hex) for purpose
-- $2. No row: it was used or has expired.
select name, email from mail_link_find($1::text, $2::text)
