-- Uses a link ($1: SHA-256 of its secret, hex; $2 purpose) up for a password
-- ($3: hash). The person, or null: somebody was faster.
select mail_link_use($1::text, $2::text, $3::text)
