-- Sets the profiles of an account; a null parameter leaves a profile as it is:
-- $1 tenant's key, $2 account's key, $3 supervisor ('none', 'all', or keys of
-- sites 'a,b'), $4 administrator. One value {"outcome", "what"}, see
-- account_profile_set().
select account_profile_set($1, $2, $3, $4::boolean)
