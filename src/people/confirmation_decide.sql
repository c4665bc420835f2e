-- Confirms ($2 true) or refuses the act $1 (public id). One value {"outcome"},
-- or null, see confirmation_decide().
select confirmation_decide($1::uuid, $2::boolean)
