-- A wrong password for the person ($1), from an address ($2).
select audit_sign_in_failed($1::int, $2::text)
