-- One value: the account $1 (public id), or null, see account_show().
select account_show($1::uuid)
