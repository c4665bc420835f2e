-- Withdraws the request to erase $1. One value, see erasure_withdraw().
select erasure_withdraw($1::uuid)
