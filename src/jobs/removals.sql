-- One row per object to remove from the store, after the key $1, at most 200.
-- An object that a recording or an archive owns stays.
select key from store_removal r where due <= now() and key > $1
and not exists (select from store_object o where o.key = r.key)
order by key limit 200
