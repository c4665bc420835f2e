-- The mail ($1) is on its way.
select mail_sent($1::bigint)
