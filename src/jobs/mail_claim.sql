-- A mail to send, leased; $1: SHA-256 of a fresh secret, for its link; $2:
-- public_url. No row: none is due.
select id, kind, language, queued_ms, email, secret_after, model
from mail_claim($1, $2)
