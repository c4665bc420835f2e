-- Objects ($1: JSON list of keys) that have been removed.
delete from store_removal
where key in (select jsonb_array_elements_text($1::jsonb))
