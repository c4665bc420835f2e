-- Confirms ($2 true) or refuses the act $1 (public id) for the operator. One
-- value {"outcome", "what"}, see src/db/command.h.
select confirmation_command($1, $2::boolean)
