set local role smartrecord_admin;

-- Returns the logo (PNG) with this SHA-256 (hex), for the application; or null.
create function brand_logo(hash text) returns bytea
language sql stable security definer
set search_path from current
as $$
select o.logo from operator o where o.logo_hash = hash limit 1
$$;

grant execute on function brand_logo(text)
	to smartrecord_app;
