-- The telephone with the address $1, or null, see telephone_show().
select telephone_show($1::macaddr)
