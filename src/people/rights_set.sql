-- Gives the account $1 the profiles $2 and no others, if it still has those
-- that $3 was made from, see account_rights_set().
select account_rights_set($1::int, $2::jsonb, $3)
