-- Whose link ($1: SHA-256 of its secret, hex) for a purpose ($2) is this? No
-- row: it was used, or its time is over.
select name, email from mail_link_find($1::text, $2::text)
