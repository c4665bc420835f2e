-- Stores that mail $1 could not be sent: $2 why, $3 no further attempts.
select mail_failed($1::bigint, $2, $3::boolean)
