-- Removes the wrong passwords of the request's person: this one was right.
select password_was_right()
