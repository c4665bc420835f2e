-- Stores a request for a link: $1 purpose (invitation, reset), $2 e-mail, $3
-- host, $4 network, $5 address, $6 language. One value: 0, or the seconds to
-- wait after too many requests; nothing is stored then.
select mail_request_add($1::text, $2::text, $3::text, $4::text, $5::text, $6::text)
