-- Claims a mail to send: $1 SHA-256 (hex) of a new secret for its link, $2
-- public_url. One row, or none when no mail is due; see mail_claim().
select id, kind, language, queued_ms, email, secret_after, model
from mail_claim($1, $2)
