-- Creates an account: $1 tenant's key, $2 the account as a line of an import,
-- $3 supervisor (null: no, 'all', or keys of sites 'a,b'), $4 administrator, $5
-- hash of a password or null. One value {"outcome", "what", "errors"}, see
-- account_create().
select account_create($1, $2::jsonb, $3, $4::boolean, $5)
