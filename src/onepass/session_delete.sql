-- Ends the session of token $1 (SHA-256, hex), if there is one.
select session_delete($1::text)
