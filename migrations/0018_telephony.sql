-- migrate:up
-- The telephone side: whose calls are recorded and how, what a code dialled
-- during a call does, and who may change it.

set role smartrecord_owner;
grant execute on function pipeline.refuse(text, text) to smartrecord_admin;
set role smartrecord_admin;

-- Say it too when a recording on demand is stopped?
alter table operator add column announce_stop boolean not null default false;
create index on account_number (number);

-- --- the codes, as data ----------------------------------------------------

-- What is said in a call, and to whom.
create function recording_announcements()
returns table (key text, heard_by text, said text)
language sql immutable parallel safe
begin atomic
	select * from (values
	('recorded', 'both', 'Cet appel est enregistré.'),
	('activated', 'dialler', 'Votre service d’enregistrement d’appel est activé, merci.'),
	('paused', 'both', 'L’enregistrement de cet appel est suspendu.'),
	('resumed', 'both', 'L’enregistrement de cet appel reprend.'),
	('stopped', 'both', 'L’enregistrement de cet appel est arrêté.'),
	('already_recorded', 'dialler', 'Cet appel est déjà enregistré.'),
	('already_paused', 'dialler', 'L’enregistrement est suspendu. Pour le reprendre, composez étoile 49.'),
	('not_recorded', 'dialler', 'Aucun enregistrement n’est en cours.'),
	('cannot_stop', 'dialler', 'Cet enregistrement ne peut pas être arrêté. Pour le suspendre, composez étoile 48.'),
	('no_call', 'dialler', 'Aucun appel n’est en cours.'),
	('out_of_service', 'dialler', 'Le numéro que vous avez composé n’est pas en service.')
	) v (key, heard_by, said);
end;

-- Every mode × state × event. Modes: always, on_demand, off (no option, site
-- without the service, number that nobody has). States of a call: none, it has
-- not begun or is over; idle, it is not recorded; recording; paused. Events:
-- call, it begins; the codes; hang_up. Actions: none, start (a new file),
-- pause, resume, stop (the file is complete), refuse.
create function recording_transitions()
returns table (mode text, state text, event text, next text, action text, says text[])
language sql immutable parallel safe
begin atomic
	select v.mode, v.state, v.event, v.next, v.action, v.says::text[] from (values
	('always', 'none', 'call', 'recording', 'start', '{recorded}'),
	('always', 'none', '*44', 'none', 'refuse', '{no_call}'),
	('always', 'none', '*45', 'none', 'refuse', '{no_call}'),
	('always', 'none', '*48', 'none', 'refuse', '{no_call}'),
	('always', 'none', '*49', 'none', 'refuse', '{no_call}'),
	('always', 'none', 'hang_up', 'none', 'none', '{}'),
	('always', 'recording', 'call', 'recording', 'none', '{}'),
	('always', 'recording', '*44', 'recording', 'refuse', '{already_recorded}'),
	('always', 'recording', '*45', 'recording', 'refuse', '{cannot_stop}'),
	('always', 'recording', '*48', 'paused', 'pause', '{paused}'),
	('always', 'recording', '*49', 'recording', 'refuse', '{already_recorded}'),
	('always', 'recording', 'hang_up', 'none', 'stop', '{}'),
	('always', 'paused', 'call', 'paused', 'none', '{}'),
	('always', 'paused', '*44', 'paused', 'refuse', '{already_paused}'),
	('always', 'paused', '*45', 'paused', 'refuse', '{cannot_stop}'),
	('always', 'paused', '*48', 'paused', 'refuse', '{already_paused}'),
	('always', 'paused', '*49', 'recording', 'resume', '{resumed}'),
	('always', 'paused', 'hang_up', 'none', 'stop', '{}'),
	('on_demand', 'none', 'call', 'idle', 'none', '{}'),
	('on_demand', 'none', '*44', 'none', 'refuse', '{no_call}'),
	('on_demand', 'none', '*45', 'none', 'refuse', '{no_call}'),
	('on_demand', 'none', '*48', 'none', 'refuse', '{no_call}'),
	('on_demand', 'none', '*49', 'none', 'refuse', '{no_call}'),
	('on_demand', 'none', 'hang_up', 'none', 'none', '{}'),
	('on_demand', 'idle', 'call', 'idle', 'none', '{}'),
	('on_demand', 'idle', '*44', 'recording', 'start', '{activated,recorded}'),
	('on_demand', 'idle', '*45', 'idle', 'refuse', '{not_recorded}'),
	('on_demand', 'idle', '*48', 'idle', 'refuse', '{not_recorded}'),
	('on_demand', 'idle', '*49', 'idle', 'refuse', '{not_recorded}'),
	('on_demand', 'idle', 'hang_up', 'none', 'none', '{}'),
	('on_demand', 'recording', 'call', 'recording', 'none', '{}'),
	('on_demand', 'recording', '*44', 'recording', 'refuse', '{already_recorded}'),
	('on_demand', 'recording', '*45', 'idle', 'stop', '{stopped}'),
	('on_demand', 'recording', '*48', 'paused', 'pause', '{paused}'),
	('on_demand', 'recording', '*49', 'recording', 'refuse', '{already_recorded}'),
	('on_demand', 'recording', 'hang_up', 'none', 'stop', '{}'),
	('on_demand', 'paused', 'call', 'paused', 'none', '{}'),
	('on_demand', 'paused', '*44', 'paused', 'refuse', '{already_paused}'),
	('on_demand', 'paused', '*45', 'idle', 'stop', '{stopped}'),
	('on_demand', 'paused', '*48', 'paused', 'refuse', '{already_paused}'),
	('on_demand', 'paused', '*49', 'recording', 'resume', '{resumed}'),
	('on_demand', 'paused', 'hang_up', 'none', 'stop', '{}'),
	('off', 'none', 'call', 'idle', 'none', '{}'),
	('off', 'none', '*44', 'none', 'refuse', '{out_of_service}'),
	('off', 'none', '*45', 'none', 'refuse', '{out_of_service}'),
	('off', 'none', '*48', 'none', 'refuse', '{out_of_service}'),
	('off', 'none', '*49', 'none', 'refuse', '{out_of_service}'),
	('off', 'none', 'hang_up', 'none', 'none', '{}'),
	('off', 'idle', 'call', 'idle', 'none', '{}'),
	('off', 'idle', '*44', 'idle', 'refuse', '{out_of_service}'),
	('off', 'idle', '*45', 'idle', 'refuse', '{out_of_service}'),
	('off', 'idle', '*48', 'idle', 'refuse', '{out_of_service}'),
	('off', 'idle', '*49', 'idle', 'refuse', '{out_of_service}'),
	('off', 'idle', 'hang_up', 'none', 'none', '{}')
	) v (mode, state, event, next, action, says);
end;

-- --- the policy ------------------------------------------------------------

create function recording_number_valid(number text) returns boolean
language sql immutable parallel safe
return number ~ '^(\+[1-9][0-9]{6,14}|[0-9]{2,8})$';

-- Whose number it is at this customer's, and how their calls are recorded:
-- mode off when they are not. One row, whatever the number.
create function recording_policy_row(tenant int, number text)
returns table (mode text, announce_stop boolean,
	tenant_key text, site_key text, account_key text)
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select case when a.recording_active and s.active then a.recording_mode
			else 'off' end,
		coalesce(o.announce_stop, false), t.key, s.key, a.key
	from (values (1)) always
	left join account_number n on n.tenant_id = recording_policy_row.tenant
		and n.number = recording_policy_row.number
	left join account a on a.tenant_id = n.tenant_id and a.id = n.account_id
	left join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
	left join tenant t on t.id = a.tenant_id
	left join operator o on o.id = t.operator_id;
end;

-- The same as the telephone side reads it. codes: those that do something in
-- this mode; announcements: all that the mode may have to say.
create function recording_policy(tenant int, number text) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select jsonb_build_object(
		'number', recording_policy.number,
		'active', p.mode <> 'off',
		'mode', nullif(p.mode, 'off'),
		'codes', (select coalesce(jsonb_agg(distinct t.event order by t.event), '[]')
			from recording_transitions() t
			where t.mode = p.mode and t.event like '*%' and t.action <> 'refuse'),
		'announcements', (
			select jsonb_agg(jsonb_build_object('key', a.key, 'to', a.heard_by,
				'text', a.said) order by a.key)
			from recording_announcements() a
			where (a.key <> 'stopped' or p.announce_stop)
			and exists (select from recording_transitions() t
				where t.mode = p.mode and a.key = any (t.says))),
		'tenant', p.tenant_key,
		'site', p.site_key,
		'account', p.account_key)
	from recording_policy_row(tenant, number) p;
end;

-- What an event does in a call. state: what the decision before said, null
-- before the call; it holds the mode, so that a call keeps the one it began
-- with. Null: there is no such state or event.
create function recording_decision(tenant int, number text, event text,
	state text) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select jsonb_build_object(
		'state', case when t.next <> 'none' then t.mode || ':' || t.next end,
		'action', t.action,
		'announcements', (
			select coalesce(jsonb_agg(jsonb_build_object('key', a.key,
				'to', a.heard_by, 'text', a.said) order by s.n), '[]')
			from unnest(t.says) with ordinality s (key, n)
			join recording_announcements() a on a.key = s.key
			where a.key <> 'stopped' or p.announce_stop))
	from recording_policy_row(recording_decision.tenant, recording_decision.number) p
	join recording_transitions() t on t.event = recording_decision.event
		and t.mode || ':' || t.state
			= coalesce(recording_decision.state, p.mode || ':none')
		and (recording_decision.state is null or t.state <> 'none');
end;

-- The only customer that production has given the number to, or null; a key
-- chooses one. What a customer's own file says counts under its key alone:
-- else an administrator could have anybody's calls recorded for them.
create function pipeline.tenant_with(number text, tenant text) returns int
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	owners int[];
begin
	if not coalesce(recording_number_valid(number), false) then
		perform pipeline.refuse('number',
			'neither E.164 (+ and 7 to 15 digits) nor 2 to 8 digits');
	elsif tenant is not null then
		if pipeline.tenant_of(tenant) is null then
			perform pipeline.refuse('tenant', format('unknown "%s"', tenant));
		end if;
		return pipeline.tenant_of(tenant);
	end if;
	owners := array(select n.tenant_id from account_number n
		where n.number = tenant_with.number and not n.declared limit 2);
	if cardinality(owners) > 1 then
		perform pipeline.refuse('number', 'of more than one customer: name the tenant');
	elsif owners = '{}' and exists (select from account_number n
			where n.number = tenant_with.number) then
		perform pipeline.refuse('number', 'from a file of a customer''s: name the tenant');
	end if;
	return owners[1];
end $$;

create function pipeline.recording_policy(number text, tenant text default null)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return public.recording_policy(pipeline.tenant_with(number, tenant), number);

create function pipeline.recording_decision(number text, event text,
	state text default null, tenant text default null) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	decision jsonb := public.recording_decision(
		pipeline.tenant_with(number, tenant), number, event, state);
begin
	if decision is null then
		perform pipeline.refuse('event', format('no event "%s" in the state %s',
			event, coalesce('"' || state || '"', 'before a call')));
	end if;
	return decision;
end $$;

grant execute on function pipeline.recording_policy(text, text),
	pipeline.recording_decision(text, text, text, text) to pipeline;

-- The same for the customer of the request.
create function recording_policy(number text) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return recording_policy(app_tenant(), number);

create function recording_decision(number text, event text, state text)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	decision jsonb := recording_decision(app_tenant(), number, event, state);
begin
	if decision is null then
		raise exception using column = case when state is null or exists (
				select from recording_transitions() t
				where t.mode || ':' || t.state = recording_decision.state
				and t.state <> 'none') then 'event' else 'state' end,
			errcode = 'SR400', message = 'Cet événement ou cet état n’existe pas.';
	end if;
	return decision;
end $$;

-- --- who is recorded -------------------------------------------------------

-- The sites with the service that the request's person looks after: all of the
-- customer's for an administrator, else those that they supervise.
create function telephony_sites() returns int[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select coalesce(array_agg(s.id), '{}') from site s, audit_reach() reach
	where s.tenant_id = app_tenant() and s.active
	and (reach is null or s.id = any (reach));
end;

create function telephony_sites_json() returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name)
		order by s.name, s.id), '[]')
	from site s where s.tenant_id = app_tenant() and s.id = any (telephony_sites());
end;

-- The accounts with a telephone number on these sites, by name, for a filter
-- {"q", "site", "after"}: a page {"items", "next", "total", "found",
-- "recorded", "sites"}. Null: a site that is none of theirs.
create function telephony_accounts(filter jsonb) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	sites int[] := telephony_sites();
	q text := btrim(lower(unaccent(coalesce(filter ->> 'q', ''))));
	-- "01 80 25" is said of +33 1 80 25…
	digits text := case when q ~ '^[0-9+. -]+$'
		then regexp_replace(translate(q, '+. -', ''), '^0', '') end;
	words text[] := string_to_array(regexp_replace(q, '\s+', ' ', 'g'), ' ');
	answer jsonb;
begin
	if filter ? 'site' then
		if (filter ->> 'site')::int <> all (sites) then
			return null;
		end if;
		sites := array[(filter ->> 'site')::int];
	end if;
	with hosted as (
		select a as account, a.id, lower(unaccent(concat_ws(' ', a.last_name,
			a.first_name))) as name
		from account a
		where a.tenant_id = app_tenant() and a.site_id = any (sites)
		and exists (select from account_number n
			where n.tenant_id = a.tenant_id and n.account_id = a.id)
	), found as (
		select * from hosted h where q = '' or case
			when digits is not null then exists (select from account_number n
				where n.tenant_id = app_tenant() and n.account_id = h.id
				and position(digits in n.number) > 0)
			else (select bool_and(position(w in h.name || ' '
					|| lower(unaccent((h.account).email))) > 0)
				from unnest(words) w) end
	), page as (
		select *, row_number() over (order by name, id) as n from found
		where not filter ? 'after' or (name, id) > (
			select h.name, h.id from hosted h where h.id = (filter ->> 'after')::int)
		order by name, id limit 51
	)
	select jsonb_build_object(
		'items', (select coalesce(jsonb_agg(jsonb_build_object(
			'id', p.id,
			'name', btrim((p.account).first_name || ' ' || (p.account).last_name),
			'email', (p.account).email,
			'site', jsonb_build_object('id', s.id, 'name', s.name),
			'numbers', (select jsonb_agg(jsonb_build_object('number', n.number,
					'kind', n.kind) order by n.kind, n.number)
				from account_number n
				where n.tenant_id = s.tenant_id and n.account_id = p.id),
			'recording', jsonb_build_object('active', (p.account).recording_active,
				'mode', (p.account).recording_mode)) order by p.n), '[]')
			from page p join site s on s.tenant_id = (p.account).tenant_id
				and s.id = (p.account).site_id
			where p.n <= 50),
		'next', (select case when count(*) > 50
			then (array_agg(id order by n))[50] end from page),
		'total', (select count(*) from hosted),
		'found', (select count(*) from found),
		'recorded', (select count(*) from hosted where (account).recording_active),
		'sites', telephony_sites_json())
	into answer;
	return answer;
end $$;

-- Changes some accounts of a customer, each {"id", "active", "mode"}, null where
-- it stays; every real change is one row of the access log. How many: {"on",
-- "off", "always", "on_demand"}.
create function recording_apply(tenant int, changes jsonb) returns jsonb
language sql volatile
set search_path = pg_catalog, public, pg_temp
begin atomic
	with wanted as (
		select distinct on (x.id) x.*
		from jsonb_to_recordset(changes) x (id int, active boolean, mode text)
	), locked as (
		select a.* from account a
		where a.tenant_id = recording_apply.tenant and a.id in (select id from wanted)
		order by a.id for update
	), change as (
		select l.id, l.site_id,
			l.recording_active as was_active, l.recording_mode as was_mode,
			coalesce(w.active, l.recording_active) as active,
			coalesce(w.mode, l.recording_mode) as mode
		from locked l join wanted w on w.id = l.id
	), real as (
		select *, case when was_active then was_mode else 'off' end as was,
			case when active then mode else 'off' end as now
		from change
		where (active, mode) is distinct from (was_active, was_mode)
	), changed as (
		update account a set recording_active = r.active, recording_mode = r.mode
		from real r where a.tenant_id = recording_apply.tenant and a.id = r.id
	), noted as (
		insert into audit (tenant_id, kind, person_id, account_id, session_id,
			site_id, detail)
		select recording_apply.tenant, 'mode', app_person(), app_account(),
			app_session(), site_id,
			jsonb_build_object('account', id, 'from', was, 'to', now)
		from real where was <> now
	)
	select jsonb_build_object(
		'on', count(*) filter (where was = 'off' and now <> 'off'),
		'off', count(*) filter (where was <> 'off' and now = 'off'),
		'always', count(*) filter (where was = 'on_demand' and now = 'always'),
		'on_demand', count(*) filter (where was = 'always' and now = 'on_demand'))
	from real;
end;

-- The same by the request's person, all or nothing: {"outcome"} is changed,
-- with the numbers; or inactive, a site without the service. Null: an account is
-- none of theirs.
create function recording_change(changes jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	wanted int[] := array(select distinct (x ->> 'id')::int
		from jsonb_array_elements(changes) x);
	reach int[] := audit_reach();
	found record;
begin
	select count(*) as accounts, min(s.name) filter (where not s.active) as inactive
	into found
	from account a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
	where a.tenant_id = app_tenant() and a.id = any (wanted)
	and (reach is null or s.id = any (reach));
	if found.accounts < cardinality(wanted) then
		return null;
	elsif found.inactive is not null then
		return jsonb_build_object('outcome', 'inactive', 'site', found.inactive);
	end if;
	return jsonb_build_object('outcome', 'changed')
		|| recording_apply(app_tenant(), changes);
end $$;

-- --- the buttons of telephones ---------------------------------------------

-- The telephone with this address, as provisioning asks for it; null: nobody's.
create function pipeline.telephone(mac text) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select public.telephone_json(t) || jsonb_build_object('tenant', c.key,
		'site', s.key, 'account', a.key)
	from public.telephone t
	join public.tenant c on c.id = t.tenant_id
	join public.account a on a.tenant_id = t.tenant_id and a.id = t.account_id
	join public.site s on s.tenant_id = a.tenant_id and s.id = a.site_id
	where t.mac = telephone.mac::macaddr;
end;
grant execute on function pipeline.telephone(text) to pipeline;

-- The telephones of the accounts that the request's person looks after.
create function telephones_reached() returns setof telephone
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select t.* from audit_reach() reach, telephone t
	join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
	where t.tenant_id = app_tenant() and (reach is null or a.site_id = any (reach));
end;

-- One of them, with its account; null: not theirs.
create function telephone_show(mac macaddr) returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select telephone_json(t) || jsonb_build_object('account', t.account_id)
	from telephones_reached() t where t.mac = telephone_show.mac);

-- Switches the button of some of them, [{"mac", "recording_button"}], all or
-- none; each real change is one row of the access log. How many there were; null:
-- one is not theirs.
create function telephones_set(changes jsonb) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	wanted macaddr[] := array(select distinct (x ->> 'mac')::macaddr
		from jsonb_array_elements(changes) x);
begin
	if (select count(*) from telephones_reached() t where t.mac = any (wanted))
			< cardinality(wanted) then
		return null;
	elsif exists (select from telephone t, jsonb_to_recordset(changes)
			x (mac macaddr, recording_button boolean)
			where t.mac = x.mac and x.recording_button and not t.has_button) then
		raise exception using column = 'recording_button', errcode = 'SR400',
			message = 'Ce modèle de téléphone n’a pas de touche d’enregistrement.';
	end if;
	perform from telephone t where t.mac = any (wanted) order by t.mac for update;
	with changed as (
		update telephone t set recording_button = x.recording_button
		from jsonb_to_recordset(changes) x (mac macaddr, recording_button boolean)
		where t.mac = x.mac and t.recording_button <> x.recording_button
		returning t.*
	)
	insert into audit (tenant_id, kind, person_id, account_id, session_id, site_id,
		detail)
	select c.tenant_id, 'mode', app_person(), app_account(), app_session(), a.site_id,
		jsonb_build_object('account', a.id, 'telephone', c.model || ' ' || c.mac,
			'button', c.recording_button)
	from changed c join account a on a.tenant_id = c.tenant_id and a.id = c.account_id;
	return cardinality(wanted);
end $$;

-- --- help ------------------------------------------------------------------

-- What the help pages say of this person's sites: how long each keeps calls,
-- and whether a stop is announced.
create function telephony_help() returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select jsonb_build_object(
		'sites', coalesce(jsonb_agg(jsonb_build_object('name', s.name,
			'retention_days', s.retention_days) order by s.name, s.id), '[]'),
		'announce_stop', coalesce((select o.announce_stop from operator o
			join tenant t on t.operator_id = o.id where t.id = app_tenant()), false))
	from site s, audit_reach() reach
	where s.tenant_id = app_tenant() and (reach is null or s.id = any (reach)
		or s.id = (select a.site_id from account a
			where a.tenant_id = app_tenant() and a.id = app_account()));
end;

grant execute on function recording_policy(text),
	recording_decision(text, text, text), telephony_sites_json(),
	telephony_accounts(jsonb), recording_change(jsonb), telephone_show(macaddr),
	telephones_set(jsonb), telephony_help()
	to smartrecord_app;

reset role;
