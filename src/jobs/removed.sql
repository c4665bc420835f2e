-- Deletes the rows of removed objects: $1 their keys, a JSON array.
delete from store_removal
where key in (select jsonb_array_elements_text($1::jsonb))
