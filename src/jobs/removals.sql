-- Objects of the store to be removed, those beyond the key $1.
select key from store_removal where due <= now() and key > $1 order by key limit 200
