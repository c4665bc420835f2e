-- Removes the failures of the request's person from address $1: the password
-- was right.
select password_was_right($1::text)
