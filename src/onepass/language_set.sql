-- Sets the language of the request's person to $1 (fr, en).
update person set language = $1::text
where id = (select app_person())
returning language
