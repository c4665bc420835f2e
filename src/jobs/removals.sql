-- Objects of the store to be removed.
select key from store_removal where due <= now() order by due limit 200
