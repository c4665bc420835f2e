-- Whose password is this e-mail's ($1) on this host ($2), is the browser
-- known ($5: its token's SHA-256, hex, or ''), and must it wait, after the
-- failures from its network ($3) and address ($4)? Always one row.
select person_id, password_hash, known_device, wait_seconds
from sign_in_begin($1::text, $2::text, $3::text, $4::text, $5::text)
