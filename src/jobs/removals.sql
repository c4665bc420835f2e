-- One row per object to remove from the store, after the key $1, at most 200.
select key from store_removal where due <= now() and key > $1 order by key limit 200
