-- Ends the session of this token ($1: SHA-256, hex); nothing if it has ended.
select session_delete($1::text)
