set local role smartrecord_admin;

-- Functions of `smartrecord account`, under the rules of the console and of an
-- import. They return {"outcome", "what"}, see src/db/command.h.

-- Returns the ids of the sites with these keys ('a,b'; 'all': null), and a key
-- that no site of the tenant has, if any.
create function sites_named(tenant int, keys text, out ids int[], out missing text)
language sql stable
set search_path from current
as $$
	select case when keys <> 'all' then array_agg(s.id order by s.id) end,
		min(w.key) filter (where s.id is null)
	from regexp_split_to_table(nullif(keys, 'all'), ',') w (key)
	left join site s on s.tenant_id = sites_named.tenant and s.key = w.key;
$$;

-- Creates an account from a line of an import. supervisor: null, 'all' or keys
-- of sites; hash: of a password, set only for a person without a password and
-- without another account. An account of a person with a password is claimed at
-- once, another one when its invitation is used. Returns {"outcome", "what"}: created, exists, missing, or invalid
-- with "errors" [{"field", "problem"}].
create function account_create(tenant_key text, line jsonb, supervisor text,
	administrator boolean, hash text) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	t tenant;
	a account;
	named record;
	plan jsonb;
	read jsonb := accounts_read(jsonb_build_array(line));
	what text := format('account %s of %s', line ->> 'key', tenant_key);
	who int;
begin
	select * into t from tenant where key = tenant_key;
	if not found then
		return jsonb_build_object('outcome', 'missing', 'what', 'tenant ' || tenant_key);
	elsif exists (select from account x
		where x.tenant_id = t.id and x.key = line ->> 'key') then
		return jsonb_build_object('outcome', 'exists', 'what', what);
	end if;
	select * into named from sites_named(t.id, supervisor);
	if named.missing is not null then
		return jsonb_build_object('outcome', 'missing', 'what',
			format('site %s of %s', named.missing, tenant_key));
	end if;
	perform set_config('app.tenant', t.id::text, true);
	plan := accounts_plan(read);
	if plan -> 0 ->> 'outcome' = 'error' then
		return jsonb_build_object('outcome', 'invalid', 'what', what,
			'errors', plan -> 0 -> 'errors');
	end if;
	perform accounts_apply(plan, read, false);
	select * into a from account x where x.tenant_id = t.id and x.key = line ->> 'key';
	update account_number set declared = false
	where tenant_id = t.id and account_id = a.id;
	if a.email <> '' and (hash is not null or exists (select from person x
			where x.operator_id = t.operator_id and x.email = a.email
			and x.password_hash is not null)) then
		who := person_of_address(t.operator_id, a.email);
		update person x set password_hash = hash where x.id = who
		and x.password_hash is null
		and not exists (select from account o where o.person_id = x.id);
		perform account_claim(a, who);
	end if;
	perform rights_log(a, c.granted, c.profile, named.ids)
	from rights_put(a, supervisor is not null, named.ids, administrator) c;
	return jsonb_build_object('outcome', 'created', 'what', what);
end $$;

-- Sets the profiles of an account; null leaves a profile as it is. supervisor:
-- 'none', 'all' or keys of sites. Returns {"outcome", "what"}: changed or
-- missing.
create function account_profile_set(tenant_key text, account_key text,
	supervisor text, administrator boolean) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	a account;
	before profile;
	named record;
	what text := format('account %s of %s', account_key, tenant_key);
begin
	select x.* into a from account x join tenant t on t.id = x.tenant_id
	where t.key = tenant_key and x.key = account_key;
	if not found then
		return jsonb_build_object('outcome', 'missing', 'what', what);
	end if;
	select * into named from sites_named(a.tenant_id, nullif(supervisor, 'none'));
	if named.missing is not null then
		return jsonb_build_object('outcome', 'missing', 'what',
			format('site %s of %s', named.missing, tenant_key));
	end if;
	select p.* into before from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id and p.kind = 'supervisor';
	if supervisor is null then
		named.ids := before.site_ids;
	end if;
	perform set_config('app.tenant', a.tenant_id::text, true);
	perform rights_log(a, c.granted, c.profile, named.ids)
	from rights_put(a, coalesce(supervisor <> 'none', before.kind is not null),
		named.ids, coalesce(administrator, exists (select from profile p
			where p.tenant_id = a.tenant_id and p.account_id = a.id
			and p.kind = 'administrator'))) c;
	update profile p set suspended_at = null
	where p.tenant_id = a.tenant_id and p.account_id = a.id
	and (p.kind = 'supervisor' and supervisor is not null
		or p.kind = 'administrator' and administrator is not null);
	return jsonb_build_object('outcome', 'changed', 'what', 'profiles of ' || what);
end $$;
