-- A new password ($1: hash) for the person signed in, whose session goes on
-- under a new token ($2: SHA-256, hex).
select password_change($1::text, $2::text)
