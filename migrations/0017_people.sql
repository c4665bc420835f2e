-- migrate:up
-- People of a customer, as administrators and supervisors see them: the list
-- with its search, an account, rights given and taken, accounts from a CSV.

set role smartrecord_owner;
grant execute on function search_words(text), search_quote(text),
	rfc3339(timestamptz) to smartrecord_admin;

set role smartrecord_admin;

-- --- the list --------------------------------------------------------------

-- What accounts are sorted by, and searched in: without case and accents; of
-- an address and of a hyphenated name, each word. Names are qualified rather
-- than a search path set, which would cost more than the work.
create function account_sorted(last_name text, first_name text) returns text
language sql immutable parallel safe
return lower(public.unaccent('public.unaccent',
	normalize(last_name || ' ' || first_name, NFC)));

create function account_words(t text) returns tsvector
language sql immutable parallel safe
return to_tsvector('public.search_plain', public.search_words(normalize(t, NFC)));

create function account_text(last_name text, first_name text, email text, key text)
returns tsvector
language sql immutable parallel safe
return public.account_words(last_name || ' ' || first_name || ' ' || email || ' ' || key);

create index account_by_name on account
	(tenant_id, account_sorted(last_name, first_name), id);
create index account_by_site on account
	(tenant_id, site_id, account_sorted(last_name, first_name), id);
create index account_by_words on account
	using gin (tenant_id, account_text(last_name, first_name, email, key));

-- A number is looked for by its beginning or its end.
create index account_number_begins on account_number
	(tenant_id, number text_pattern_ops);
create index account_number_ends on account_number
	(tenant_id, reverse(number) text_pattern_ops);

-- Which accounts of the request's customer have each word of q somewhere, as
-- a word's beginning, or q as the beginning or end of a number, written the
-- national way or not.
create function accounts_found(q text) returns setof int
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
	terms tsquery := (select string_agg(search_quote(lexeme) || ':*', ' & ')
		from unnest(account_words(q)))::tsquery;
	digits text := case when q !~ '[^-+0-9 ().\/\u00a0\u202f]'
		then regexp_replace(q, '\D', '', 'g') end;
	rest text := regexp_replace(digits, '^(00|0)', '');
begin
	return query select a.id from account a
	where a.tenant_id = app_tenant() and account_text(a.last_name, a.first_name, a.email, a.key) @@ terms;
	if length(digits) >= 2 then
		return query select n.account_id from account_number n
		where n.tenant_id = app_tenant() and (n.number like digits || '%'
			or n.number like '+' || digits || '%'
			or digits like '00%' and n.number like '+' || rest || '%'
			or digits ~ '^0[1-9]' and n.number like '+33' || rest || '%'
			or length(rest) >= 4 and reverse(n.number) like reverse(rest) || '%');
	end if;
end $$;

-- Profiles beyond one's own calls; sites: null, 'all', or [{"id", "name"}].
create function account_profiles(a account, out profiles jsonb, out sites jsonb)
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select coalesce(jsonb_agg(p.kind order by p.kind desc), '[]'),
		(array_agg(case when p.site_ids is null then '"all"' else (
			select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name)
				order by s.name, s.id)
			from site s where s.tenant_id = p.tenant_id and s.id = any (p.site_ids))
			end) filter (where p.kind = 'supervisor'))[1]
	from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id;
end;

-- An account as the list and its own page show it.
create function account_json(a account) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
return (select jsonb_build_object(
	'id', a.id,
	'key', a.key,
	'last_name', a.last_name,
	'first_name', a.first_name,
	'email', a.email,
	'site', jsonb_build_object('id', s.id, 'name', s.name),
	'numbers', (
		select coalesce(jsonb_agg(jsonb_build_object('number', n.number,
			'kind', n.kind) order by n.kind, n.number), '[]')
		from account_number n
		where n.tenant_id = a.tenant_id and n.account_id = a.id),
	'profiles', p.profiles,
	'sites', p.sites,
	'recording', jsonb_build_object('active', a.recording_active,
		'mode', a.recording_mode))
	from site s, account_profiles(a) p
	where s.tenant_id = a.tenant_id and s.id = a.site_id);

-- A page of 50: {"items", "next", "total", "total_is_capped"}, of all the
-- customer's accounts or, for those who supervise sites, of these sites' (who
-- may see how much of the access log may see as much here). after: the last
-- account of the page before.
create function accounts_page(q text, after int) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
	reach int[] := audit_reach();
	behind text := (select account_sorted(a.last_name, a.first_name) from account a
		where a.tenant_id = app_tenant() and a.id = after);
	found int[];
	ids int[];
	total int;
begin
	if q ~ '\S' then
		found := array(select distinct accounts_found(q));
		ids := array(select a.id from account a
			where a.tenant_id = app_tenant() and a.id = any (found)
			and (reach is null or a.site_id = any (reach))
			and (after is null or (account_sorted(a.last_name, a.first_name), a.id) > (behind, after))
			order by account_sorted(a.last_name, a.first_name), a.id limit 51);
		total := case when reach is null then cardinality(found) else (
			select count(*) from account a
			where a.tenant_id = app_tenant() and a.id = any (found)
			and a.site_id = any (reach)) end;
	else
		ids := array(select a.id from account a
			where a.tenant_id = app_tenant()
			and (reach is null or a.site_id = any (reach))
			and (after is null or (account_sorted(a.last_name, a.first_name), a.id) > (behind, after))
			order by account_sorted(a.last_name, a.first_name), a.id limit 51);
		total := (select count(*) from (select from account a
			where a.tenant_id = app_tenant()
			and (reach is null or a.site_id = any (reach)) limit 10001) x);
	end if;
	return (select jsonb_build_object(
		'items', coalesce(jsonb_agg(account_json(a) order by n), '[]'),
		'next', case when cardinality(ids) > 50 then ids[50] end,
		'total', least(total, 10000),
		'total_is_capped', total > 10000)
		from unnest(ids[:50]) with ordinality i (id, n)
		join account a on a.tenant_id = app_tenant() and a.id = i.id);
end $$;

-- --- an account ------------------------------------------------------------

-- Who has an account to sign in with: none (no e-mail), waiting (no password
-- yet), active, disabled. Of a person who is at home at another customer's,
-- until they come, only that they have not.
create function account_onepass(a account) returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
return coalesce((select case when not account_used(a, p) then 'waiting'
	when p.disabled_at is not null then 'disabled'
	when p.password_hash is null then 'waiting' else 'active' end
	from person p where p.id = a.person_id), 'none');

-- What a form of rights was made from, so that it can be told later whether
-- somebody else changed them meanwhile.
create function account_rights_version(a account) returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
return (select md5(coalesce(string_agg(p.kind || coalesce(p.site_ids::text, 'all'), ' '
	order by p.kind), '')) from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id);

-- For administrators: {"version", "self", "sessions", "last_sign_in",
-- "sites"}, what there is to choose from.
create function account_administration(a account) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
return jsonb_build_object(
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
		select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name)
			order by s.name, s.id)
		from site s where s.tenant_id = a.tenant_id));

create function telephone_json(t telephone) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
return jsonb_build_object('mac', t.mac, 'model', t.model,
	'has_button', t.has_button, 'recording_button', t.recording_button);

-- One account as the request's person may see it; null: not theirs to see.
create function account_show(account int) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select account_json(a) || jsonb_build_object(
	'onepass', account_onepass(a),
	'telephones', (
		select coalesce(jsonb_agg(telephone_json(t) order by t.model, t.mac), '[]')
		from telephone t
		where t.tenant_id = a.tenant_id and t.account_id = a.id),
	'administration', case when account_administers(app_tenant(), app_account())
		then account_administration(a) end)
	from account a
	where a.tenant_id = app_tenant() and a.id = account_show.account
	and (audit_reach() is null or a.site_id = any (audit_reach())));

grant execute on function accounts_page(text, int), account_show(int)
	to smartrecord_app;

reset role;
