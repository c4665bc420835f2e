-- Goes on at another customer ($1) of the person signed in, with token ($2:
-- SHA-256, hex), from an address ($3); answers as session_create.sql, or null.
select session_switch($1::int, $2::text), audit_signed_in($2::text, $3::text)
