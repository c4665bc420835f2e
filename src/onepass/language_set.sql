-- Sets the language ($1: fr, en) of the person signed in.
update person set language = $1::text
where id = (select app_person())
returning language
