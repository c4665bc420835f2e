-- Stores that mail $1 was sent.
select mail_sent($1::bigint)
