-- Replaces the profiles of account $1 (public id) by $2, if $3 is still the
-- version of its profiles. One value, see account_rights_set().
select account_rights_set($1::uuid, $2::jsonb, $3)
