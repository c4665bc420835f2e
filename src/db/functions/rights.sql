set local role smartrecord_admin;

-- Sites that an account supervises: 'all', an array of ids as text, or '' when
-- it is no supervisor, or a suspended one. Read again for each request.
create function account_sites(tenant int, account int) returns text
language sql stable security definer
set search_path from current
as $$
select coalesce((
	select coalesce(site_ids::text, 'all') from profile
	where tenant_id = tenant and account_id = account and kind = 'supervisor'
	and suspended_at is null), '')
$$;

-- Is the account an administrator of the tenant, not a suspended one?
create function account_administers(tenant int, account int) returns boolean
language sql stable security definer
set search_path from current
as $$
select exists (
	select from profile
	where tenant_id = tenant and account_id = account and kind = 'administrator'
	and suspended_at is null)
$$;

-- Sites that the person supervises with this account, as account_sites()
-- returns them; '' when the account belongs to another person now, the person
-- is disabled, or it is no supervisor.
create function account_team(tenant int, account int, person int) returns text
language sql stable security definer
set search_path from current
as $$
select coalesce((
	select account_sites(a.tenant_id, a.id) from account a
	join person p on p.id = a.person_id
	where a.tenant_id = tenant and a.id = account
	and p.id = account_team.person and p.disabled_at is null), '')
$$;

-- Other tenants that the person can switch to: [{"id", "name"}], or null.
create function account_others(person int, tenant int) returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_agg(jsonb_build_object('id', t.public_id, 'name', t.name)
		order by t.name, t.id)
	from account a join tenant t on t.id = a.tenant_id
	where a.person_id = person and a.tenant_id <> tenant
$$;

-- The account that a person gets on sign-in: the one of the home tenant, or
-- the first.
create function account_home(person int) returns account
language sql stable
set search_path from current
as $$
	select a.* from account a join person p on p.id = a.person_id
	where p.id = account_home.person
	order by a.tenant_id is distinct from p.home_id, a.tenant_id limit 1;
$$;

-- Does the tenant see this account as used? An account of a person whose home
-- is another tenant counts as used only after the person entered it.
create function account_used(a account, p person) returns boolean
language sql immutable
as $$
select a.entered or coalesce(p.home_id = a.tenant_id, true)
$$;

-- Sites whose log entries the request's person may read: null for all of the
-- tenant (an administrator, a supervisor of all sites), or the supervised
-- sites, or '{}' for none. The person may also read their own entries. Rights
-- are read from the tables, not from the scope of the request.
create function rights_reach() returns int[]
language sql stable security definer
set search_path from current
as $$
select case
	when account_administers(app_tenant(), app_account()) or sites = 'all' then null
	when sites like '{%' then sites::int[]
	else '{}' end
	from account_sites(app_tenant(), app_account()) s (sites)
$$;

-- Fails with DENIED (SQLSTATE SR403) unless the request's account is an
-- administrator.
create function administrator_needed() returns void
language plpgsql stable
set search_path from current
as $$
begin
	if not account_administers(app_tenant(), app_account()) then
		raise exception using errcode = 'SR403',
			message = 'Vous n’êtes plus administrateur.';
	end if;
end $$;

-- Name of the request's person, as their tenant writes it, for receipts.
create function person_name() returns text
language sql stable security definer
set search_path from current
as $$
select account_name(a) from account a
	where a.tenant_id = app_tenant() and a.id = app_account()
$$;

grant execute on function account_team(int, int, int),
	account_administers(int, int),
	person_name()
	to smartrecord_owner;
