-- One value: requests to erase, newest first, 50 after the id $1 (null: the
-- first page), of state $2 and number $3 (null or '': all): {"items", "next"}.
select erasure_list($1::uuid, $2, $3)
