-- Uses the link $1 (SHA-256 of its secret, hex) of purpose $2 to set the
-- password $3 (hash). One row: the person's id, and the id of the tenant to
-- sign in to or null; none when the link has been used.
select person_id, tenant_id from mail_link_use($1::text, $2::text, $3::text)
