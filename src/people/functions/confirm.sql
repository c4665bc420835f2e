set local role smartrecord_admin;

-- What opens calls to somebody waits for a second person: a profile that is
-- given, an e-mail or a number that an administrator or a file sets, a site
-- whose supervisors hear more. Nothing of it is in force before.

-- Notes that the request's account created, invited, granted to or changed
-- accounts.
create function account_touched(accounts int[]) returns void
language sql volatile
set search_path from current
as $$
	insert into account_touch (tenant_id, maker_id, account_id)
	select distinct app_tenant(), app_account(), a
	from unnest(accounts) a where app_account() is not null
	on conflict on constraint account_touch_pkey do update set at = now();
$$;

-- Does the account administer, or supervise the whole tenant?
create function account_oversees(tenant int, account int) returns boolean
language sql stable
set search_path from current
as $$
select account_administers(tenant, account) or account_sites(tenant, account) = 'all'
$$;

-- Returns the accounts that one person may be behind, with an account: itself,
-- those that created, invited, granted to or changed it in the 30 days before an
-- instant or since, and theirs; and all of the making of these, in the same
-- sense. So neither does who made another one confirm their acts, nor one of two
-- that a third one made.
create function account_related(tenant int, maker int, instant timestamptz)
returns setof int
language sql stable
set search_path from current
as $$
with recursive touch as (
	select t.maker_id, t.account_id from account_touch t
	where t.tenant_id = account_related.tenant and t.at > instant - interval '30 days'
), makers (id) as (
	select account_related.maker
	union
	select t.maker_id from touch t join makers m on m.id = t.account_id
), made (id) as (
	select id from makers
	union
	select t.account_id from touch t join made m on m.id = t.maker_id
)
select id from made
$$;

-- Returns the accounts that administer or supervise a whole tenant, of people
-- who can sign in.
create function account_overseers(tenant int) returns setof account
language sql stable
set search_path from current
as $$
with holders as materialized (
	select distinct r.tenant_id, r.account_id from profile r
	where r.tenant_id = account_overseers.tenant and r.suspended_at is null
	and (r.kind = 'administrator' or r.site_ids is null)
)
select a.* from holders h
	join account a on a.tenant_id = h.tenant_id and a.id = h.account_id
	join person p on p.id = a.person_id and p.disabled_at is null
		and p.password_hash is not null and account_used(a, p)
$$;

-- Returns the accounts that an open act is about.
create function confirmation_accounts(c confirmation) returns setof int
language sql stable
set search_path from current
as $$
select a.id from account a where a.tenant_id = c.tenant_id
	and a.public_id = (c.wanted ->> 'account')::uuid
union
select a.id from jsonb_array_elements(c.wanted -> 'lines') x
	join account a on a.tenant_id = c.tenant_id and a.key = x ->> 'key'
$$;

-- Returns the accounts that may not confirm an open act: those of its maker, in
-- the sense of account_related(), and those that it is about.
create function confirmation_related(c confirmation) returns setof int
language sql stable
set search_path from current
as $$
select account_related(c.tenant_id, c.made_by, c.made_at)
union
select confirmation_accounts(c)
$$;

-- Returns the accounts that may confirm an open act.
create function confirmers(c confirmation) returns setof account
language sql stable
set search_path from current
as $$
select a.* from account_overseers(c.tenant_id) a
	where a.id not in (select confirmation_related(c))
$$;

-- Returns the address of the contract holder who may confirm an open act when
-- no account may; null when it is also an address of an account that may not.
create function confirmation_holder(c confirmation) returns text
language sql stable
set search_path from current
as $$
select t.contract_email from tenant t where t.id = c.tenant_id
	and not exists (
		select from confirmation_related(c) r (id)
		join account a on a.tenant_id = c.tenant_id and a.id = r.id
		left join person p on p.id = a.person_id
		where mail_recipient(lower(t.contract_email)) in (
			mail_recipient(lower(btrim(a.email))), mail_recipient(p.email)))
$$;

-- Returns who decides an open act: "person", "holder" (of the contract, who has
-- a link or will get it) or "operator".
create function confirmation_waits_for(c confirmation) returns text
language sql stable
set search_path from current
as $$
select case when exists (select from confirmers(c)) then 'person'
	when confirmation_holder(c) is not null and (exists (
		select from confirmation_link l where l.tenant_id = c.tenant_id
		and l.confirmation_id = c.id and l.expires_at > now())
	or exists (select from mail m where m.lane = 'link' and m.share = c.tenant_id
		and m.sent_at is null and m.failed is null
		and m.detail ->> 'confirmation' = c.public_id::text)) then 'holder'
	else 'operator' end
$$;

-- Mails those who may confirm an open act, else the contract holder. Nobody has
-- two of these mails about a tenant waiting: the page shows all its acts. A
-- holder's mail has the link of one act; mail_queue() bounds their number.
create function confirmation_tell(c confirmation) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	t tenant := (select x from tenant x where x.id = c.tenant_id);
	holder text := confirmation_holder(c);
begin
	perform mail_queue(a.person_id, 'confirmation_asked',
		jsonb_build_object('tenant', t.name), null, a.tenant_id, a.id)
	from confirmers(c) a where not exists (
		select from mail m where m.person_id = a.person_id
		and m.kind = 'confirmation_asked' and m.tenant_id = a.tenant_id
		and m.account_id = a.id and m.sent_at is null and m.failed is null);
	if holder is not null and not exists (select from confirmers(c)) then
		perform mail_queue(person_of_address(t.operator_id, holder),
			'confirmation_holder', jsonb_build_object('confirmation', c.public_id),
			null, c.tenant_id);
	end if;
end $$;

-- Files an act of the request's account on accounts, and mails those who may
-- confirm it, else the contract holder. Returns its public id.
create function confirmation_file(kind text, wanted jsonb, accounts int[])
returns uuid
language plpgsql volatile
set search_path from current
as $$
declare
	c confirmation;
begin
	perform account_touched(accounts);
	insert into confirmation (tenant_id, kind, made_by, wanted)
	values (app_tenant(), confirmation_file.kind, app_account(),
		confirmation_file.wanted)
	returning * into c;
	perform audit_record('confirmation_filed', detail => jsonb_strip_nulls(
		jsonb_build_object('confirmation', c.public_id,
			'account', c.wanted -> 'account')));
	perform confirmation_tell(c);
	return c.public_id;
end $$;

-- Ends the suspension of the profiles of a tenant whose account has no open act
-- on its address any more.
create function suspensions_end(tenant int) returns void
language sql volatile
set search_path from current
as $$
	update profile p set suspended_at = null
	where p.tenant_id = suspensions_end.tenant and p.suspended_at is not null
	and not exists (select from confirmation o
		join lateral jsonb_array_elements(o.wanted -> 'lines') w (line) on w.line ? 'email'
		join account a on a.tenant_id = o.tenant_id and a.key = w.line ->> 'key'
		where o.tenant_id = suspensions_end.tenant and o.outcome is null
		and a.id = p.account_id);
$$;

-- Closes an act, without effect other than suspensions_end().
create function confirmation_close(c confirmation, outcome text, by int) returns void
language plpgsql volatile
set search_path from current
as $$
begin
	update confirmation x set outcome = confirmation_close.outcome, wanted = '{}',
		decided_at = now(), decided_by = confirmation_close.by
	where x.tenant_id = c.tenant_id and x.id = c.id;
	delete from confirmation_link l
	where l.tenant_id = c.tenant_id and l.confirmation_id = c.id;
	perform suspensions_end(c.tenant_id);
end $$;

-- Gives the rights of an act: {"account", "name" and "email" (when it was filed),
-- "supervisor": "all" or [sites], "administrator": true}, the last two only if
-- they are given. SR409: the account is gone, or has another address.
create function confirmation_rights(tenant int, wanted jsonb) returns void
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
declare
	a account;
	had profile;
	sites int[];
begin
	select x.* into a from account x where x.tenant_id = tenant
	and x.public_id = (wanted ->> 'account')::uuid;
	select p.* into had from profile p
	where p.tenant_id = tenant and p.account_id = a.id and p.kind = 'supervisor';
	sites := case when wanted ? 'supervisor' then site_ids_of(tenant, wanted -> 'supervisor')
		else had.site_ids end;
	if a.id is null or a.email = ''
		or lower(a.email) <> lower(wanted ->> 'email') or 0 = any (sites) then
		raise exception using errcode = 'SR409',
			message = 'Ce n’est plus possible : le compte a changé depuis la demande.';
	end if;
	perform rights_note(a, c.granted, c.profile,
		case c.profile when 'supervisor' then sites end)
	from rights_put(a, wanted ? 'supervisor' or had.kind is not null, sites,
		wanted ? 'administrator' or exists (select from profile p
			where p.tenant_id = tenant and p.account_id = a.id
			and p.kind = 'administrator')) c;
end $$;

-- Carries out an act, or refuses it. by: the account that decides, null for the
-- operator and the contract holder. SR409: it was decided before, its maker is
-- no administrator any more, or the accounts have changed since.
create function confirmation_settle(act confirmation, accept boolean, by int)
returns void
language plpgsql volatile
set search_path from current
as $$
declare
	c confirmation;
	plan jsonb;
begin
	perform pg_advisory_xact_lock(hashtext('account_rights_set'), act.tenant_id);
	perform pg_advisory_xact_lock(hashtext('accounts_import'), act.tenant_id);
	select * into c from confirmation x
	where x.tenant_id = act.tenant_id and x.id = act.id for update;
	if c.outcome is not null then
		raise exception using errcode = 'SR409',
			message = 'Cette demande a déjà été traitée.';
	elsif accept and not account_administers(c.tenant_id, c.made_by) then
		raise exception using errcode = 'SR409',
			message = 'Qui a fait cette demande n’est plus administrateur : elle ne peut qu’être refusée.';
	elsif accept and c.kind = 'rights' then
		perform confirmation_rights(c.tenant_id, c.wanted);
	elsif accept then
		plan := accounts_plan(c.wanted -> 'lines');
		if plan @? '$[*] ? (@.outcome == "error" || @.outcome == "create")' then
			raise exception using errcode = 'SR409',
				message = 'Ce n’est plus possible : des comptes ont changé depuis la demande.';
		end if;
		perform accounts_apply(plan, c.wanted -> 'lines', true);
	end if;
	if accept then
		-- the accounts of the act stay of its maker's making for 30 days more
		insert into account_touch (tenant_id, maker_id, account_id)
		select c.tenant_id, c.made_by, x.id from confirmation_accounts(c) x (id)
		on conflict on constraint account_touch_pkey do update set at = now();
	end if;
	perform audit_record(case when accept then 'confirmation_given'
		else 'confirmation_refused' end, detail => jsonb_strip_nulls(
		jsonb_build_object('confirmation', c.public_id,
			'account', c.wanted -> 'account')));
	perform confirmation_close(c, case when accept then 'confirmed'
		else 'refused' end, by);
end $$;

-- --- what waits ------------------------------------------------------------
-- Returns all that an act changes: [{"account": {"id", "name", "email"}, "key",
-- "field", "from", "to", "suspends"}]. field: supervisor (to "all" or names of
-- sites), administrator, email, site, fixed, mobile. The name and the e-mail of
-- a profile's account are those of the filing: its maker may change the name.
create function confirmation_changes(c confirmation) returns jsonb
language sql stable
set search_path from current
as $$
select coalesce(jsonb_agg(jsonb_build_object(
		'account', jsonb_build_object('id', a.public_id,
			'name', coalesce(c.wanted ->> 'name', account_name(a)),
			'email', coalesce(c.wanted ->> 'email', a.email)),
		'key', a.key, 'field', w.field, 'from', w.was, 'to', w.becomes,
		'suspends', w.field = 'email' and exists (select from profile p
			where p.tenant_id = a.tenant_id and p.account_id = a.id
			and p.suspended_at is not null)) order by w.n), '[]')
	from (
		select 0 as n, (select x.key from account x where x.tenant_id = c.tenant_id
				and x.public_id = (c.wanted ->> 'account')::uuid) as key, k.field, k.was, k.becomes
		from (values ('supervisor', (
				select case when p.site_ids is null then 'all' else site_names(c.tenant_id, p.site_ids) end
				from profile p join account x on x.tenant_id = p.tenant_id and x.id = p.account_id
				where x.tenant_id = c.tenant_id and p.kind = 'supervisor'
				and x.public_id = (c.wanted ->> 'account')::uuid),
				case when c.wanted ->> 'supervisor' = 'all' then 'all' else
					site_names(c.tenant_id, site_ids_of(c.tenant_id, c.wanted -> 'supervisor')) end),
			('administrator', null, null)) k (field, was, becomes)
		where c.kind = 'rights' and c.wanted ? k.field
		union all
		(select x.n, x.item ->> 'key', x.item ->> 'field', x.item ->> 'from', x.item ->> 'to'
		from jsonb_array_elements(c.wanted -> 'changes') with ordinality x (item, n)
		where c.kind = 'accounts')
	) w join account a on a.tenant_id = c.tenant_id and a.key = w.key
$$;

-- Returns an act: {"id", "kind", "made_by": {"id", "name"}, "made_at", "mine",
-- "may_confirm", "waits_for": person, holder or operator, "changes", "total"}.
create function confirmation_json(c confirmation) returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_build_object(
	'id', c.public_id, 'kind', c.kind,
	'made_by', jsonb_build_object('id', m.public_id, 'name', account_name(m)),
	'made_at', rfc3339(c.made_at),
	'mine', c.made_by = app_account(),
	'may_confirm', exists (select from confirmers(c) a
		where a.id = app_account()),
	'waits_for', confirmation_waits_for(c),
	'changes', confirmation_changes(c),
	'total', case when c.kind = 'accounts' then jsonb_array_length(c.wanted -> 'changes')
		else jsonb_array_length(confirmation_changes(c)) end)
	from account m where m.tenant_id = c.tenant_id and m.id = c.made_by
$$;

-- Returns the acts that wait and the grants not seen yet, for those who
-- administer or supervise the whole tenant: {"items": [confirmation_json()],
-- newest first, "notices": [{"id", "account": {"id", "name"}, "profile",
-- "sites", "at"}]}; null for others.
create function confirmations_page() returns jsonb
language sql stable security definer
set search_path from current
as $$
select jsonb_build_object(
	'items', (select coalesce(jsonb_agg(confirmation_json(c) order by c.id desc), '[]')
		from confirmation c where c.tenant_id = app_tenant() and c.outcome is null),
	'notices', (select coalesce(jsonb_agg(jsonb_build_object('id', n.id,
			'account', jsonb_build_object('id', a.public_id, 'name', account_name(a)),
			'profile', n.profile,
			'sites', case when n.profile = 'supervisor' then
				coalesce(to_jsonb(site_names(n.tenant_id, n.site_ids)), '"all"') end,
			'at', rfc3339(n.at)) order by n.at desc, n.id), '[]')
		from right_notice n join account a on a.tenant_id = n.tenant_id and a.id = n.account_id
		where n.tenant_id = app_tenant() and n.reader_id = app_account()))
	where account_oversees(app_tenant(), app_account())
$$;

-- Returns what the console's first page says to those who administer or
-- supervise the whole tenant: {"waiting", "notices"}, two counts; null for
-- others.
create function confirmations_count() returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_build_object(
	'waiting', (select count(*) from confirmation c
		where c.tenant_id = app_tenant() and c.outcome is null),
	'notices', (select count(*) from right_notice n
		where n.tenant_id = app_tenant() and n.reader_id = app_account()))
	where account_oversees(app_tenant(), app_account())
$$;

-- Returns what waits about an account: [{"id", "made_by", "made_at", "fields"}],
-- oldest first.
create function account_waiting(a account) returns jsonb
language sql stable
set search_path from current
as $$
select coalesce(jsonb_agg(jsonb_build_object('id', c.public_id,
		'made_by', account_name(m), 'made_at', rfc3339(c.made_at),
		'fields', f.fields) order by c.id), '[]')
	from confirmation c
	join account m on m.tenant_id = c.tenant_id and m.id = c.made_by,
	lateral (select case c.kind when 'rights' then (
		select jsonb_agg(k) from unnest(array['supervisor', 'administrator']) k
		where c.wanted ? k and c.wanted ->> 'account' = a.public_id::text)
		else (select jsonb_agg(x -> 'field') from jsonb_array_elements(c.wanted -> 'changes') x
		where x ->> 'key' = a.key) end) f (fields)
	where c.tenant_id = a.tenant_id and c.outcome is null and f.fields is not null
$$;

-- Confirms or refuses an act (public id) of the request's tenant. Returns
-- {"outcome"}: confirmed or refused; null: no such act. SR403: the request's
-- person neither administers nor supervises the whole tenant; or they confirm
-- an act of their own, of an account_related() or on their account. Anyone of
-- them may refuse. SR409: as confirmation_settle().
create function confirmation_decide(confirmation uuid, accept boolean) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	c confirmation;
begin
	if account_oversees(app_tenant(), app_account()) is not true then
		raise exception using errcode = 'SR403',
			message = 'Seuls les administrateurs et les superviseurs de toute l’entreprise confirment.';
	end if;
	select x.* into c from confirmation x
	where x.tenant_id = app_tenant() and x.public_id = confirmation_decide.confirmation;
	if c.id is null then
		return null;
	elsif accept and c.made_by = app_account() then
		raise exception using errcode = 'SR403',
			message = 'Cette demande est la vôtre : elle attend une deuxième personne.';
	elsif accept and app_account() in (select confirmation_accounts(c)) then
		raise exception using errcode = 'SR403',
			message = 'Cette demande porte sur votre compte : quelqu’un d’autre doit confirmer.';
	elsif accept and not exists (select from confirmers(c) a
			where a.id = app_account()) then
		raise exception using errcode = 'SR403',
			message = 'Vos comptes sont liés depuis moins de 30 jours : l’un a créé, invité ou modifié l’autre, ou une même personne les deux. Quelqu’un d’autre doit confirmer.';
	end if;
	perform confirmation_settle(c, accept, app_account());
	return jsonb_build_object('outcome', case when accept then 'confirmed' else 'refused' end);
end $$;

-- Marks a notice of the request's account as seen. Returns whether there was
-- one.
create function notice_seen(notice uuid) returns boolean
language sql volatile security definer
set search_path from current
as $$
	with seen as (
		delete from right_notice n where n.tenant_id = app_tenant()
		and n.reader_id = app_account() and n.id = notice_seen.notice
		returning 1
	)
	select exists (select from seen)
$$;

-- --- the contract holder's link, and the operator --------------------------
-- Returns the act of a link (token: SHA-256 of its secret, hex) as
-- confirmation_json() with "tenant" (name) and "operator"; null when the link
-- has expired, the act was decided, or confirmation_holder() gives nobody now.
create function confirmation_link_find(token text) returns jsonb
language sql stable security definer
set search_path from current
as $$
select confirmation_json(c) || jsonb_build_object('tenant', t.name,
		'time_zone', t.time_zone)
	from confirmation_link l
	join confirmation c on c.tenant_id = l.tenant_id and c.id = l.confirmation_id
	join tenant t on t.id = c.tenant_id
	where l.token_hash = decode(confirmation_link_find.token, 'hex')
	and l.expires_at > now() and c.outcome is null
	and confirmation_holder(c) is not null
$$;

-- Decides the act of a link (token: SHA-256 of its secret, hex) for the
-- contract holder. Returns {"outcome"}, or null as confirmation_link_find().
-- SR409: as confirmation_settle().
create function confirmation_link_use(token text, accept boolean) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	c confirmation;
begin
	select x.* into c from confirmation_link l
	join confirmation x on x.tenant_id = l.tenant_id and x.id = l.confirmation_id
	where l.token_hash = decode(confirmation_link_use.token, 'hex')
	and l.expires_at > now() and x.outcome is null;
	if c.id is null or confirmation_holder(c) is null then
		return null;
	end if;
	-- the contract holder's act, also in a browser where somebody is signed in
	perform set_config('app.' || s, '', true)
	from unnest(array['account', 'person', 'session', 'team']) s;
	perform set_config('app.tenant', c.tenant_id::text, true);
	perform confirmation_settle(c, accept, null);
	perform set_config('app.tenant', '', true);
	return jsonb_build_object('outcome', case when accept then 'confirmed' else 'refused' end);
end $$;

-- Decides an act (public id) by the operator's command. Returns {"outcome",
-- "what"}: changed, missing or refused.
create function confirmation_command(confirmation text, accept boolean) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	c confirmation;
	what text := 'confirmation ' || confirmation;
begin
	select x.* into c from confirmation x
	where x.public_id::text = confirmation_command.confirmation and x.outcome is null;
	if c.id is null then
		return jsonb_build_object('outcome', 'missing', 'what', what);
	end if;
	perform set_config('app.tenant', c.tenant_id::text, true);
	perform confirmation_settle(c, accept, null);
	return jsonb_build_object('outcome', 'changed', 'what', what || case
		when accept then ': confirmed' else ': refused' end);
exception when sqlstate 'SR409' then
	return jsonb_build_object('outcome', 'refused', 'what', what || ': ' || sqlerrm);
end $$;

grant execute on function confirmations_page(),
	confirmation_decide(uuid, boolean),
	notice_seen(uuid),
	confirmation_link_find(text),
	confirmation_link_use(text, boolean)
	to smartrecord_app;
