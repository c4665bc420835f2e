-- One value: the telephone with the public id $1, or null, see
-- telephone_show().
select telephone_show($1::uuid)
