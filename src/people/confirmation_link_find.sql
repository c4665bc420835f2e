-- One value: the act of the contract holder's link $1 (SHA-256 of its secret,
-- hex), or null, see confirmation_link_find().
select confirmation_link_find($1)
