-- One request to erase ($1), see erasure_show().
select erasure_show($1::uuid)
