set local role smartrecord_admin;

-- Returns the name that an account's tenant gives its person: first and last
-- name, or the key of an account without a name.
create function account_name(a account) returns text
language sql immutable
set search_path from current
as $$
select coalesce(nullif(btrim(a.first_name || ' ' || a.last_name), ''), a.key)
$$;
