-- Confirms ($2 true) or refuses the act of the contract holder's link $1
-- (SHA-256 of its secret, hex). One value {"outcome"}, or null, see
-- confirmation_link_use().
select confirmation_link_use($1, $2::boolean)
