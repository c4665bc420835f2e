-- Moves the session to tenant $1 (public id) of the request's person, under
-- token $2 (SHA-256, hex), from address $3. One row as of session_create.sql;
-- null when the person has no account there.
select session_switch($1::uuid, $2::text), audit_signed_in($2::text, $3::text)
