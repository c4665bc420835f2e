-- migrate:up
-- Rights given and taken on the console. Everything reads them afresh: the
-- next request, open streams and archives in the making go by the new ones.

set role smartrecord_admin;

-- Writes down, and tells the person, what they may from now on, or no more.
create function rights_note(a account, granted boolean, profile text, sites int[])
returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	names text := (select string_agg(s.name, ', ' order by s.name)
		from site s where s.tenant_id = a.tenant_id and s.id = any (sites));
begin
	perform audit_record(case when granted then 'grant' else 'withdraw' end,
		detail => jsonb_build_object('account', a.id, 'profile', profile)
			|| case when granted and profile = 'supervisor'
				then jsonb_build_object('sites', coalesce(to_jsonb(sites), '"all"'))
				else '{}' end);
	perform mail_queue(a.person_id,
		case when granted then 'right_granted' else 'right_withdrawn' end,
		jsonb_build_object(profile, true, 'sites', names,
			'tenant', (select t.name from tenant t where t.id = a.tenant_id)));
end $$;

-- What is wrong with the profiles wanted for an account that has these; the
-- request's person is an administrator.
create function rights_refuse(a account, supervised profile, administers boolean,
	supervises boolean, sites int[], administrator boolean) returns void
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
	if cardinality(sites) = 0 or cardinality(sites) <> (select count(*) from site s
		where s.tenant_id = a.tenant_id and s.id = any (sites)) then
		raise exception using errcode = 'SR400', column = 'supervisor',
			message = 'Choisissez au moins un site, ou tous les sites.';
	elsif a.id = app_account() and supervises and (supervised.kind is null
		or supervised.site_ids is distinct from sites) then
		raise exception using errcode = 'SR403',
			message = 'Personne ne se donne à soi-même le profil Superviseur : demandez-le à un autre administrateur.';
	elsif a.person_id is null and (supervises and supervised.kind is null
		or administrator and not administers) then
		raise exception using errcode = 'SR400', column = 'account',
			message = 'Ce compte n’a pas d’adresse e-mail : il ne peut pas recevoir de droits.';
	elsif administers and not administrator and not exists (
		select from profile p
		join account o on o.tenant_id = p.tenant_id and o.id = p.account_id
		join person w on w.id = o.person_id and w.disabled_at is null
			and account_used(o, w)
		where p.tenant_id = a.tenant_id and p.kind = 'administrator' and o.id <> a.id) then
		raise exception using errcode = 'SR409',
			message = 'C’est le dernier administrateur : nommez-en un autre avant de retirer celui-ci.';
	end if;
end $$;

-- Gives an account of the request's customer these profiles and no others:
-- wanted {"supervisor": null, "all" or [sites], "administrator"}. version: of
-- what its person was shown. Answers the account as account_show() does, and
-- whether the console is still open to the request's person. One change at a
-- time in a customer: who may, and who is left, hold until it is done.
create function account_rights_set(account int, wanted jsonb, version text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	a account;
	supervised profile;
	administers boolean;
	supervises boolean := jsonb_typeof(wanted -> 'supervisor') <> 'null';
	sites int[] := case jsonb_typeof(wanted -> 'supervisor') when 'array' then array(
		select distinct x::int from jsonb_array_elements_text(wanted -> 'supervisor') x
		order by 1) end;
	administrator boolean := wanted ->> 'administrator';
begin
	perform pg_advisory_xact_lock(hashtext('account_rights_set'), app_tenant());
	if not account_administers(app_tenant(), app_account()) then
		raise exception using errcode = 'SR403',
			message = 'Vous n’êtes plus administrateur.';
	end if;
	select x.* into a from account x
	where x.tenant_id = app_tenant() and x.id = account;
	if not found then
		return null;
	elsif version <> account_rights_version(a) then
		raise exception using errcode = 'SR409',
			message = 'Les droits de ce compte ont changé entre-temps. Voyez-les avant de les modifier.';
	end if;
	select p.* into supervised from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id and p.kind = 'supervisor';
	administers := account_administers(a.tenant_id, a.id);
	perform rights_refuse(a, supervised, administers, supervises, sites, administrator);
	delete from profile p where p.tenant_id = a.tenant_id and p.account_id = a.id
	and not (p.kind = 'supervisor' and supervises or p.kind = 'administrator' and administrator);
	insert into profile (tenant_id, account_id, kind, site_ids)
	select a.tenant_id, a.id, w.kind, w.site_ids
	from (values ('supervisor', sites, supervises), ('administrator', null, administrator))
		w (kind, site_ids, wanted)
	where w.wanted
	on conflict on constraint profile_pkey do update set site_ids = excluded.site_ids;
	if (supervised.kind is not null) <> supervises
		or supervises and supervised.site_ids is distinct from sites then
		perform rights_note(a, supervises, 'supervisor', sites);
	end if;
	if administers <> administrator then
		perform rights_note(a, administrator, 'administrator', null);
	end if;
	return account_json(a) || jsonb_build_object('onepass', account_onepass(a),
		'administration', account_administration(a),
		'console', account_administers(app_tenant(), app_account())
			or account_sites(app_tenant(), app_account()) <> '');
end $$;

-- A page of the access log with "about" for rows on an account: its name, and
-- the names of the sites that it was given.
create function audit_named(page jsonb) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return page || jsonb_build_object('items', (
	select coalesce(jsonb_agg(item || jsonb_build_object('about', (
		select jsonb_build_object('id', a.id,
			'name', coalesce(nullif(btrim(a.first_name || ' ' || a.last_name), ''), a.key),
			'sites', (select jsonb_agg(s.name order by s.name) from site s
				where s.tenant_id = a.tenant_id
				and item -> 'detail' -> 'sites' @> to_jsonb(s.id)))
		from account a
		where a.tenant_id = app_tenant()
		and jsonb_typeof(item -> 'detail' -> 'account') = 'number'
		and a.id = (item -> 'detail' ->> 'account')::int)) order by n), '[]')
	from jsonb_array_elements(page -> 'items') with ordinality i (item, n)));

grant execute on function account_rights_set(int, jsonb, text), audit_named(jsonb)
	to smartrecord_app;

reset role;
