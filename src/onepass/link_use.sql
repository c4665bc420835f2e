-- Uses the link $1 (SHA-256 of its secret, hex) of purpose $2 to set the
-- password $3 (hash). One value: the person's id, or null when the link has
-- been used.
select mail_link_use($1::text, $2::text, $3::text)
