-- Sets the password $1 (hash) of the request's person and the new token $2
-- (SHA-256, hex) of their session; ends their other sessions.
select password_change($1::text, $2::text)
