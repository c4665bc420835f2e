set local role smartrecord_admin;

-- Returns the ids of the accounts of the request's tenant in which each word of
-- q begins a word of the name, e-mail or key, or of which a number is, begins or
-- ends with q, in any writing, see number_guess(). An id may come twice.
create function accounts_found(q text) returns setof int
language plpgsql stable
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
	terms tsquery := (select string_agg(search_quote(lexeme) || ':*', ' & ')
		from unnest(account_words(q)))::tsquery;
	guess record := number_guess(q);
begin
	return query select a.id from account a
	where a.tenant_id = app_tenant() and account_text(a.last_name, a.first_name, a.email, a.key) @@ terms;
	if length(guess.digits) >= 2 then
		-- ":" comes after the digits; "like" would not use the index here
		return query select n.account_id
		from unnest(guess.begins || guess.number) b, account_number n
		where n.tenant_id = app_tenant()
		and n.number ~>=~ b and n.number ~<~ (b || ':')
		union all
		select n.account_id from unnest(guess.ends) e, account_number n
		where n.tenant_id = app_tenant()
		and reverse(n.number) ~>=~ reverse(e)
		and reverse(n.number) ~<~ (reverse(e) || ':');
	end if;
end $$;

-- Returns the profiles of an account, ["supervisor", "administrator"], and the
-- sites that it supervises: null, "all" or [{"id", "name"}].
create function account_profiles(a account, out profiles jsonb, out sites jsonb)
language sql stable
set search_path from current
as $$
	select coalesce(jsonb_agg(p.kind order by p.kind desc), '[]'),
		(array_agg(case when p.site_ids is null then '"all"' else (
			select jsonb_agg(jsonb_build_object('id', s.public_id, 'name', s.name)
				order by s.name, s.id)
			from site s where s.tenant_id = p.tenant_id and s.id = any (p.site_ids))
			end) filter (where p.kind = 'supervisor'))[1]
	from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id;
$$;

-- Returns an account as the list and its own page show it: {"id", "key",
-- "last_name", "first_name", "email", "site", "numbers", "profiles", "sites",
-- "recording", "invitation"}.
create function account_json(a account) returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_build_object(
	'id', a.public_id,
	'key', a.key,
	'last_name', a.last_name,
	'first_name', a.first_name,
	'email', a.email,
	'site', jsonb_build_object('id', s.public_id, 'name', s.name),
	'numbers', (
		select coalesce(jsonb_agg(jsonb_build_object('number', n.number,
			'kind', n.kind) order by n.kind, n.number), '[]')
		from account_number n
		where n.tenant_id = a.tenant_id and n.account_id = a.id),
	'profiles', p.profiles,
	'sites', p.sites,
	'recording', jsonb_build_object('active', a.recording_active,
		'mode', a.recording_mode),
	'invitation', account_invitation(a))
	from site s, account_profiles(a) p
	where s.tenant_id = a.tenant_id and s.id = a.site_id
$$;

-- Returns a page of 50 accounts by name, {"items": [account_json()], "next",
-- "total", "total_is_capped", "attention": see confirmations_count()}: of all
-- accounts of the tenant or, for a
-- supervisor of sites, of those sites, see rights_reach(). q: searched words,
-- or null. after: public id of the last account of the page before, or null.
-- "total" stops at 10,000.
create function accounts_page(q text, after uuid) returns jsonb
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
	reach int[] := rights_reach();
	last account := (select a from account a
		where a.tenant_id = app_tenant() and a.public_id = after);
	behind text := account_sorted(last.last_name, last.first_name);
	found int[];
	ids int[];
	total int;
begin
	if q ~ '\S' then
		found := array(select distinct accounts_found(q));
		ids := array(select a.id from account a
			where a.tenant_id = app_tenant() and a.id = any (found)
			and (reach is null or a.site_id = any (reach))
			and (after is null or (account_sorted(a.last_name, a.first_name), a.id) > (behind, last.id))
			order by account_sorted(a.last_name, a.first_name), a.id limit 51);
		total := case when reach is null then cardinality(found) else (
			select count(*) from account a
			where a.tenant_id = app_tenant() and a.id = any (found)
			and a.site_id = any (reach)) end;
	else
		ids := array(select a.id from account a
			where a.tenant_id = app_tenant()
			and (reach is null or a.site_id = any (reach))
			and (after is null or (account_sorted(a.last_name, a.first_name), a.id) > (behind, last.id))
			order by account_sorted(a.last_name, a.first_name), a.id limit 51);
		total := (select count(*) from (select from account a
			where a.tenant_id = app_tenant()
			and (reach is null or a.site_id = any (reach)) limit 10001) x);
	end if;
	return (select jsonb_build_object(
		'items', coalesce(jsonb_agg(account_json(a) order by n), '[]'),
		'next', case when cardinality(ids) > 50 then (select a.public_id
			from account a where a.tenant_id = app_tenant() and a.id = ids[50]) end,
		'total', least(total, 10000),
		'total_is_capped', total > 10000,
		'attention', confirmations_count())
		from unnest(ids[:50]) with ordinality i (id, n)
		join account a on a.tenant_id = app_tenant() and a.id = i.id);
end $$;

-- Returns the accounts of the request's tenant as a file for accounts_import()
-- has them, by key: its site by key, its numbers with slashes between them.
-- SR403: no administrator.
create function accounts_csv() returns table (key text, last_name text,
	first_name text, email text, site text, fixed text, mobile text)
language plpgsql stable security definer
set search_path from current
as $$
#variable_conflict use_column
begin
	perform administrator_needed();
	return query select a.key, a.last_name, a.first_name, a.email, s.key,
		n.fixed, n.mobile
	from account a
	join site s on s.tenant_id = a.tenant_id and s.id = a.site_id,
	lateral (select string_agg(n.number, ' / ' order by n.number)
			filter (where n.kind = 'fixed') as fixed,
		string_agg(n.number, ' / ' order by n.number)
			filter (where n.kind = 'mobile') as mobile
		from account_number n
		where n.tenant_id = a.tenant_id and n.account_id = a.id) n
	where a.tenant_id = app_tenant()
	order by a.key;
end $$;

-- --- an account ------------------------------------------------------------
-- Returns whether an account's person can sign in: none (no e-mail), waiting
-- (not claimed yet, or no password), active, disabled. Always waiting for a
-- person of another tenant who has not used this account yet.
create function account_onepass(a account) returns text
language sql stable
set search_path from current
as $$
select coalesce((select case when not account_used(a, p) then 'waiting'
	when p.disabled_at is not null then 'disabled'
	when p.password_hash is null then 'waiting' else 'active' end
	from person p where p.id = a.person_id),
	case when a.email = '' then 'none' else 'waiting' end)
$$;

-- Returns a hash of an account's profiles. A form of rights sends it back,
-- which shows whether somebody else has changed them meanwhile.
create function account_rights_version(a account) returns text
language sql stable
set search_path from current
as $$
select md5(coalesce(string_agg(p.kind || coalesce(p.site_ids::text, 'all'), ' '
	order by p.kind), '')) from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id
$$;

-- Returns what only administrators see of an account: {"version", "self",
-- "sessions", "last_sign_in", "sites"}. "sessions" counts open ones, "sites"
-- are all sites of the tenant: [{"id", "name"}].
create function account_administration(a account) returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_build_object(
	'version', account_rights_version(a),
	'self', a.id = app_account(),
	'sessions', (
		select count(*) from session s
		where s.tenant_id = a.tenant_id and s.account_id = a.id
		and s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes'),
	'last_sign_in', (
		select rfc3339(l.at) from audit l
		where l.tenant_id = a.tenant_id and l.person_id = a.person_id
		and l.kind = 'sign_in'
		order by l.id desc limit 1),
	'sites', (
		select jsonb_agg(jsonb_build_object('id', s.public_id, 'name', s.name)
			order by s.name, s.id)
		from site s where s.tenant_id = a.tenant_id))
$$;

-- Returns an account by its public id: account_json() with "onepass",
-- "telephones", "waiting" (see account_waiting()) and "administration" (null
-- unless the request's person is an administrator). Null when it is out of the
-- person's reach.
create function account_show(account uuid) returns jsonb
language sql stable security definer
set search_path from current
as $$
select account_json(a) || jsonb_build_object(
	'onepass', account_onepass(a),
	'telephones', (
		select coalesce(jsonb_agg(telephone_json(t) order by t.model, t.mac), '[]')
		from telephone t
		where t.tenant_id = a.tenant_id and t.account_id = a.id),
	'waiting', account_waiting(a),
	'administration', case when account_administers(app_tenant(), app_account())
		then account_administration(a) end)
	from account a
	where a.tenant_id = app_tenant() and a.public_id = account_show.account
	and (rights_reach() is null or a.site_id = any (rights_reach()))
$$;

-- Mails an invitation to the person of an account (public id) of the request's
-- tenant. Returns {"outcome", "why"} as onepass_invite(), or as
-- invitation_refused(). SR403: the request's person is not an administrator.
create function account_invite(account uuid) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	answer jsonb;
begin
	perform administrator_needed();
	perform pg_advisory_xact_lock(hashtext('account_invite'), app_tenant());
	answer := invitation_refused(account);
	if answer is not null then
		return answer;
	end if;
	answer := onepass_invite(app_tenant(), (select a.id from account a
		where a.tenant_id = app_tenant() and a.public_id = account));
	if answer ->> 'outcome' = 'changed' then
		perform account_touched(array(select a.id from account a
			where a.tenant_id = app_tenant() and a.public_id = account));
		perform audit_record('invitation', null, null,
			jsonb_build_object('account', account));
	end if;
	return answer;
end $$;

grant execute on function accounts_page(text, uuid),
	accounts_csv(),
	account_show(uuid),
	account_invite(uuid)
	to smartrecord_app;
