set local role smartrecord_admin;

-- --- the codes, as data ----------------------------------------------------
-- Returns what the telephone system says in a call, in French. heard_by: both
-- parties, or only the dialler of the code.
create function recording_announcements()
returns table (key text, heard_by text, said text)
language sql immutable parallel safe
as $$
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
$$;

-- Returns the transition of every mode × state × event. Modes: always,
-- on_demand, off (account not recorded, site without the service, unknown
-- number). States of a call: none (not begun, or over), idle (not recorded),
-- recording, paused. Events: call (it begins), the dialled codes, hang_up.
-- Actions: none, start (a new file), pause, resume, stop (the file is
-- complete), refuse. says: keys of recording_announcements(), in order.
create function recording_transitions()
returns table (mode text, state text, event text, next text, action text, says text[])
language sql immutable parallel safe
as $$
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
$$;

-- Returns one row for any number of a tenant: how its calls are recorded (mode
-- off when they are not), and its account (nulls when unknown).
create function recording_policy_row(tenant int, number text)
returns table (mode text, announce_stop boolean,
	tenant_key text, site_key text, account_key text)
language sql stable
set search_path from current
as $$
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
$$;

-- Returns the policy of a number for a telephone system: {"number", "active",
-- "mode", "codes", "announcements": [{"key", "to", "text"}], "tenant", "site",
-- "account"}. "codes" are those with an effect in this mode, "announcements"
-- all that can occur in it.
create function recording_policy(tenant int, number text) returns jsonb
language sql stable
set search_path from current
as $$
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
$$;

-- Returns the stored form of a number that a telephone system or a person asks
-- about, in any writing; null when it is none. A number in the stored form is
-- taken as it is when an account has it, and even when it can't exist: its
-- policy is then that of an unknown number.
create function policy_number(written text) returns text
language plpgsql stable
set search_path from current
as $$
declare
	known text := number_read(written);
begin
	if known is distinct from written and number_valid(written) and (known is null
		or exists (select from account_number n where n.number = written)) then
		known := written;
	end if;
	return known;
end $$;

-- Like policy_number(), for a request. SR400 with the field number: it is none.
create function policy_number_needed(written text) returns text
language plpgsql stable
set search_path from current
as $$
begin
	if policy_number(written) is null then
		perform refuse_field('number', number_refusal(written));
	end if;
	return policy_number(written);
end $$;

-- Returns the same for the request's tenant. SR403: the person is not an
-- administrator. SR400 with the field number: it is not valid.
create function recording_policy(number text) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
begin
	perform administrator_needed();
	return recording_policy(app_tenant(), policy_number_needed(number));
end $$;

-- Returns what an event does in a call: {"state", "action", "announcements"},
-- or null when the state or the event does not exist. state is that of the
-- previous decision ("mode:state"; null: before the call). It contains the
-- mode, so a call keeps the mode that it began with.
create function recording_decision(tenant int, number text, event text,
	state text) returns jsonb
language sql stable
set search_path from current
as $$
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
$$;

-- Returns the same for the request's tenant. SR403: the person is not an
-- administrator. SR400 with the field number: it is not valid; "event" or
-- "state": it does not exist.
create function recording_decision(number text, event text, state text)
returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
declare
	decision jsonb;
begin
	perform administrator_needed();
	decision := recording_decision(app_tenant(), policy_number_needed(number), event, state);
	if decision is null then
		raise exception using column = case when state is null or exists (
				select from recording_transitions() t
				where t.mode || ':' || t.state = recording_decision.state
				and t.state <> 'none') then 'event' else 'state' end,
			errcode = 'SR400', message = 'Cet événement ou cet état n’existe pas.';
	end if;
	return decision;
end $$;

-- Returns the id of the tenant with this key, or null.
create function tenant_by_key(tenant_key text) returns int
language sql stable security definer
set search_path from current
as $$
select id from tenant where key = tenant_key
$$;

-- Returns the id of the tenant of a number in policy_number()'s form, or null
-- when it is unknown: the tenant with the given key, else the only one for which
-- a command of the operator declared the number. A number from a tenant's own
-- file counts only with that tenant's key: otherwise an administrator could have
-- any number recorded. SR400: the number is null, several tenants have it, or it
-- comes from a file; or the key is unknown.
create function policy_tenant(number text, tenant text) returns int
language plpgsql stable
set search_path from current
as $$
declare
	owners int[];
begin
	if number is null then
		perform refuse_place('number',
			'no telephone number: E.164, a French national number or 2 to 8 digits');
	elsif tenant is not null then
		if tenant_by_key(tenant) is null then
			perform refuse_place('tenant', format('unknown "%s"', tenant));
		end if;
		return tenant_by_key(tenant);
	end if;
	owners := array(select n.tenant_id from account_number n
		where n.number = policy_tenant.number and not n.declared limit 2);
	if cardinality(owners) > 1 then
		perform refuse_place('number', 'of more than one customer: name the tenant');
	elsif owners = '{}' and exists (select from account_number n
			where n.number = policy_tenant.number) then
		perform refuse_place('number', 'from a file of a customer''s: name the tenant');
	end if;
	return owners[1];
end $$;

-- Returns the policy of a number for the role pipeline, see recording_policy().
-- tenant is a key, or null. SR400: as policy_tenant().
create function pipeline.recording_policy(number text, tenant text default null)
returns jsonb
language sql stable security definer
set search_path from current
as $$
select recording_policy(policy_tenant(n, tenant), n) from policy_number(number) n
$$;

-- Returns what an event does in a call for the role pipeline, see
-- recording_decision(). tenant is a key, or null. SR400: as policy_tenant(), or
-- the state or the event does not exist.
create function pipeline.recording_decision(number text, event text,
	state text default null, tenant text default null) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
declare
	known text := policy_number(number);
	decision jsonb := recording_decision(policy_tenant(known, tenant), known, event, state);
begin
	if decision is null then
		perform refuse_place('event', format('no event "%s" in the state %s',
			event, coalesce('"' || state || '"', 'before a call')));
	end if;
	return decision;
end $$;

grant execute on function pipeline.recording_policy(text, text),
	pipeline.recording_decision(text, text, text, text)
	to pipeline;

grant execute on function recording_policy(text),
	recording_decision(text, text, text)
	to smartrecord_app;

grant execute on function tenant_by_key(text)
	to smartrecord_owner;
