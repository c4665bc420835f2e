-- Adds to the access log a wrong password for person $1 from address $2.
select audit_sign_in_failed($1::int, $2::text)
