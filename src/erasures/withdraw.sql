-- Takes a request to erase ($1) back.
select erasure_withdraw($1::uuid)
