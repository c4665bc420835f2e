-- Counts an attempt as failed, for throttling, until session_create.sql removes
-- it: e-mail $1, network $2, address $3.
select sign_in_failed($1::text, $2::text, $3::text)
