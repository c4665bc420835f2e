-- The account $1, or null, see account_show().
select account_show($1::int)
