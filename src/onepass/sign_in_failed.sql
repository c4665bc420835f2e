-- Remembers an attempt for throttling, until it leads in: e-mail ($1),
-- network ($2), address ($3).
select sign_in_failed($1::text, $2::text, $3::text)
