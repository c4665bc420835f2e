-- One value: the request to erase $1, or null, see erasure_show().
select erasure_show($1::uuid)
