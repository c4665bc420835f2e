-- Writes down that a link is asked for: $1 purpose (invitation, reset), $2
-- e-mail, $3 host, $4 network, $5 address, $6 language. Answers how many
-- seconds to wait instead; 0: it is done.
select mail_wish_add($1::text, $2::text, $3::text, $4::text, $5::text, $6::text)
