-- It was right: what failed from this address ($1) is forgotten.
select password_was_right($1::text)
