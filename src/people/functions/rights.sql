set local role smartrecord_admin;

-- Replaces the profiles of an account. Returns one row for each that changed.
create function rights_put(a account, supervises boolean, sites int[],
	administrator boolean)
returns table (profile text, granted boolean)
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_column
declare
	before profile;
	administered boolean := exists (select from profile p where p.tenant_id = a.tenant_id
		and p.account_id = a.id and p.kind = 'administrator');
begin
	select p.* into before from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id and p.kind = 'supervisor';
	delete from profile p where p.tenant_id = a.tenant_id and p.account_id = a.id
	and not (p.kind = 'supervisor' and supervises
		or p.kind = 'administrator' and administrator);
	insert into profile (tenant_id, account_id, kind, site_ids)
	select a.tenant_id, a.id, w.kind, w.site_ids
	from (values ('supervisor', rights_put.sites, supervises),
		('administrator', null, administrator)) w (kind, site_ids, wanted)
	where w.wanted
	on conflict on constraint profile_pkey do update set site_ids = excluded.site_ids;
	return query select c.profile, c.granted from (values
		('supervisor', supervises, before.kind is not null is distinct from supervises
			or supervises and before.site_ids is distinct from rights_put.sites),
		('administrator', administrator, administered <> administrator))
		c (profile, granted, changed)
	where c.changed;
end $$;

-- Returns the names of sites by name, "Lyon, Paris"; null for none.
create function site_names(tenant int, sites int[]) returns text
language sql stable
set search_path from current
as $$
select string_agg(s.name, ', ' order by s.name) from site s
	where s.tenant_id = site_names.tenant and s.id = any (sites)
$$;

-- Returns the ids of sites by their public ids in a JSON array, 0 for one that
-- is unknown; null for another value.
create function site_ids_of(tenant int, sites jsonb) returns int[]
language sql stable
set search_path from current
as $$
select case jsonb_typeof(sites) when 'array' then array(
	select distinct coalesce(s.id, 0)
	from jsonb_array_elements_text(sites) x
	left join site s on s.tenant_id = site_ids_of.tenant and s.public_id = x::uuid
	order by 1) end
$$;

-- Tells all others who administer or supervise the whole tenant of a grant: by
-- a mail, and by a notice on their console until they mark it as seen.
create function rights_tell(a account, profile text, sites int[]) returns void
language sql volatile
set search_path from current
as $$
	insert into right_notice (tenant_id, reader_id, account_id, profile, site_ids)
	select a.tenant_id, o.id, a.id, rights_tell.profile, rights_tell.sites
	from account_overseers(a.tenant_id) o where o.id <> a.id;
	select mail_queue(o.person_id, 'right_told', jsonb_build_object(
		rights_tell.profile, true, 'who', account_name(a),
		'sites', site_names(a.tenant_id, sites),
		'tenant', (select t.name from tenant t where t.id = a.tenant_id)),
		null, o.tenant_id, o.id)
	from account_overseers(a.tenant_id) o where o.id <> a.id;
$$;

-- Adds a grant or a withdrawal of a profile to the access log, and tells of a
-- grant.
create function rights_log(a account, granted boolean, profile text, sites int[])
returns void
language sql volatile
set search_path from current
as $$
	select audit_record(case when granted then 'grant' else 'withdraw' end,
		detail => jsonb_build_object('account', a.public_id, 'profile', profile)
			|| case when granted and profile = 'supervisor'
				then jsonb_build_object('sites', coalesce((
					select jsonb_agg(s.public_id order by s.id) from site s
					where s.tenant_id = a.tenant_id and s.id = any (sites)), '"all"'))
				else '{}' end);
	select rights_tell(a, profile, sites) where granted;
$$;

-- Adds it to the access log, and queues a mail to the person.
create function rights_note(a account, granted boolean, profile text, sites int[])
returns void
language sql volatile
set search_path from current
as $$
	select rights_log(a, granted, profile, sites),
		mail_queue(a.person_id,
			case when granted then 'right_granted' else 'right_withdrawn' end,
			jsonb_build_object(profile, true, 'sites', (
				select string_agg(s.name, ', ' order by s.name) from site s
				where s.tenant_id = a.tenant_id and s.id = any (sites)),
				'tenant', (select t.name from tenant t where t.id = a.tenant_id)),
			null, a.tenant_id, a.id);
$$;

-- Can somebody who administers, other than this account, sign in?
create function administrator_remains(a account) returns boolean
language sql stable
set search_path from current
as $$
select exists (
	select from profile p
	join account o on o.tenant_id = p.tenant_id and o.id = p.account_id
	join person w on w.id = o.person_id and w.disabled_at is null
		and account_used(o, w)
	where p.tenant_id = a.tenant_id and p.kind = 'administrator'
	and p.suspended_at is null and o.id <> a.id)
$$;

-- Raises an error when the request's administrator may not give an account
-- these profiles. SR400 with the field "supervisor": no site, or an unknown
-- one. SR403: to supervise is asked for oneself. SR400 with the field
-- "account": it has no e-mail. SR409: it is the last administrator.
create function rights_refuse(a account, supervised profile, administers boolean,
	supervises boolean, sites int[], administrator boolean) returns void
language plpgsql stable
set search_path from current
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
	elsif a.email = '' and (supervises and supervised.kind is null
		or administrator and not administers) then
		raise exception using errcode = 'SR400', column = 'account',
			message = 'Ce compte n’a pas d’adresse e-mail : il ne peut pas recevoir de droits.';
	elsif administers and not administrator and not administrator_remains(a) then
		raise exception using errcode = 'SR409',
			message = 'C’est le dernier administrateur : nommez-en un autre avant de retirer celui-ci.';
	end if;
end $$;

-- Replaces the profiles of an account (public id) of the request's tenant:
-- wanted {"supervisor": null, "all" or [sites], "administrator"}. What takes
-- away is done at once; what gives more waits for a second person, and replaces
-- what waited for this account before. version: that
-- of the profiles shown in the form. Returns account_json() with "onepass",
-- "administration", "waiting" (see account_waiting()), "waits": does this wait?,
-- and "console": may the request's person still open the console? Null: no such account. SR403: no administrator; SR409: the version
-- has changed; and those of rights_refuse(). A lock allows one change at a time
-- per tenant, so two changes can't remove the last two administrators.
create function account_rights_set(account uuid, wanted jsonb, version text)
returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	a account;
	supervised profile;
	administers boolean;
	supervises boolean := jsonb_typeof(wanted -> 'supervisor') <> 'null';
	-- an unknown site becomes 0, which rights_refuse() refuses
	sites int[] := site_ids_of(app_tenant(), wanted -> 'supervisor');
	administrator boolean := wanted ->> 'administrator';
	given jsonb := '{}';
	old confirmation;
begin
	perform pg_advisory_xact_lock(hashtext('account_rights_set'), app_tenant());
	perform administrator_needed();
	select x.* into a from account x
	where x.tenant_id = app_tenant() and x.public_id = account;
	if not found then
		return null;
	elsif version <> account_rights_version(a) then
		raise exception using errcode = 'SR409',
			message = 'Les droits de ce compte ont changé entre-temps. Voyez-les avant de les modifier.';
	end if;
	select p.* into supervised from profile p
	where p.tenant_id = a.tenant_id and p.account_id = a.id and p.kind = 'supervisor';
	administers := exists (select from profile p where p.tenant_id = a.tenant_id
		and p.account_id = a.id and p.kind = 'administrator');
	perform rights_refuse(a, supervised, administers, supervises, sites, administrator);
	for old in select c.* from confirmation c where c.tenant_id = a.tenant_id
		and c.outcome is null and c.kind = 'rights'
		and c.wanted ->> 'account' = a.public_id::text
	loop
		perform confirmation_close(old, 'replaced', app_account());
	end loop;
	if supervises and (supervised.kind is null or supervised.site_ids is not null
			and (sites is null or not sites <@ supervised.site_ids)) then
		given := given || jsonb_build_object('supervisor', wanted -> 'supervisor');
		supervises := supervised.kind is not null;
		sites := supervised.site_ids;
	end if;
	if administrator and not administers then
		given := given || '{"administrator": true}';
		administrator := false;
	end if;
	perform account_touched(array[a.id]);
	perform rights_note(a, c.granted, c.profile,
		case c.profile when 'supervisor' then sites end)
	from rights_put(a, supervises, sites, administrator) c;
	if given <> '{}' then
		perform confirmation_file('rights', given
			|| jsonb_build_object('account', a.public_id, 'name', account_name(a),
				'email', lower(a.email)), array[a.id]);
	end if;
	return account_json(a) || jsonb_build_object('onepass', account_onepass(a),
		'administration', account_administration(a),
		'waiting', account_waiting(a), 'waits', given <> '{}',
		'console', account_administers(app_tenant(), app_account())
			or account_sites(app_tenant(), app_account()) <> '');
end $$;

grant execute on function account_rights_set(uuid, jsonb, text)
	to smartrecord_app;
