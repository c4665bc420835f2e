set local role smartrecord_owner;

-- Returns 16 bytes of the SHA-256 of the tenant's secret and a number; the same
-- for each form of the number. Null: the tenant has no secret yet.
create function erasure_hash(number text) returns bytea
language sql stable
set search_path from current
as $$
select substr(sha256(s.secret
		|| convert_to((number_keys(number))[1], 'UTF8')), 1, 16)
	from erasure_secret s where s.tenant_id = app_tenant()
$$;

-- Returns true when the request's person may carry requests out: a supervisor
-- of the whole tenant today.
create function erasure_carries() returns boolean
language sql stable
set search_path from current
as $$
select account_team(app_tenant(), app_account(), app_person()) = 'all'
$$;

-- Returns the selection of all recordings of a number, see
-- recordings_selected().
create function erasure_selection(number text) returns jsonb
language sql stable
as $$
select jsonb_build_object('filter', jsonb_build_object('number', '=' || number),
	'except', '[]'::jsonb, 'as_of', rfc3339(now() + interval '1 day'))
$$;

-- Returns how many recordings a number has in the whole tenant, whatever the
-- scope of the request.
create function erasure_count(number text) returns int
language plpgsql stable
set search_path from current
as $$
declare
	team text := app_team();
	n int;
begin
	perform set_config('app.team', 'all', true);
	n := recordings_count(erasure_selection(number));
	perform set_config('app.team', team, true);
	return n;
end $$;

-- Returns the stored form of a number to erase. A number that can't exist is
-- one only when calls were delivered with it, as they may be after a country
-- changed its numbers. Null: there is nothing to erase of it.
create function erasure_number(written text) returns text
language plpgsql stable
set search_path from current
as $$
declare
	known text := number_read(written);
begin
	if known is null and number_valid(btrim(written))
		and erasure_count(btrim(written)) > 0 then
		known := btrim(written);
	end if;
	return known;
end $$;

-- Returns a request as pages and the API show it. Once it is carried out,
-- "done" of "count" recordings have their rows removed; all of them since
-- "erased_at".
create function erasure_json(e erasure) returns jsonb
language sql stable
set search_path from current
as $$
	select jsonb_build_object(
		'id', e.id,
		'state', e.state,
		'number', e.number,
		'ending', e.ending,
		'fingerprint', encode(e.number_hash, 'hex'),
		'filed_at', rfc3339(uuid7_time(e.id)),
		'filed_by', e.filed_name,
		'closed_at', rfc3339(e.closed_at),
		'closed_by', e.closed_name,
		'count', e.total,
		'done', coalesce(d.done, e.total),
		'erased_at', rfc3339(case when e.deletion_id is null and e.state = 'carried_out'
			then e.closed_at else d.finished_at end))
	from (values (1)) one
	left join deletion d on d.tenant_id = e.tenant_id and d.id = e.deletion_id;
$$;

-- Files a request for an administrator. Returns {"outcome", "erasure"}:
-- created; exists (the same request with this key); conflict (another request
-- with it). SR403: no administrator. SR400 with the field number: it is not
-- valid. SR409: a request for the number is open.
create function erasure_file(number text, request_key text, request_hash text)
returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	e erasure;
	known text := erasure_number(number);
begin
	if account_administers(app_tenant(), app_account()) is not true then
		raise exception using errcode = 'SR403',
			message = 'Une demande d’effacement est déposée par un administrateur.';
	elsif known is null then
		perform refuse_field('number', number_refusal(number));
	end if;
	-- one at a time per tenant: each sees the effect of the previous one
	perform pg_advisory_xact_lock(hashtext('erasure_file'), app_tenant());
	select x.* into e from erasure x
	where x.tenant_id = app_tenant() and x.filed_by = app_person()
	and x.request_key = erasure_file.request_key;
	if found then
		return jsonb_build_object('erasure', erasure_json(e), 'outcome', case
			when coalesce(e.request_hash, request_hash) = request_hash then 'exists'
			else 'conflict' end);
	end if;
	insert into erasure_secret (tenant_id) values (app_tenant()) on conflict do nothing;
	if exists (select from erasure x where x.tenant_id = app_tenant()
		and x.state = 'open' and x.number_hash = erasure_hash(known)) then
		raise exception using errcode = 'SR409',
			message = 'Une demande est déjà ouverte pour ce numéro.';
	end if;
	insert into erasure (tenant_id, id, number, ending, number_hash, filed_by,
		filed_name, request_key, request_hash)
	values (app_tenant(), uuid7_new(clock_timestamp()), known,
		case when known like '+%' then right(known, 2) else '' end, erasure_hash(known), app_person(), person_name(), request_key, request_hash)
	returning * into e;
	perform audit_record('erasure_filed', detail => jsonb_build_object('erasure', e.id));
	return jsonb_build_object('outcome', 'created', 'erasure', erasure_json(e));
end $$;

-- Returns a request as erasure_json(), for administrators and for supervisors
-- of the whole tenant; null for others. While it is open, "count" is its number
-- of recordings today, and "filter" the filter of their list (null for who may
-- not see them).
create function erasure_show(erasure uuid) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	e erasure;
begin
	if not (account_administers(app_tenant(), app_account()) or erasure_carries()) then
		return null;
	end if;
	select x.* into e from erasure x
	where x.tenant_id = app_tenant() and x.id = erasure_show.erasure;
	if not found then
		return null;
	end if;
	return erasure_json(e) || case when e.state = 'open' then jsonb_build_object(
		'count', erasure_count(e.number),
		'filter', case when erasure_carries()
			then jsonb_build_object('number', '=' || e.number) end)
		else '{}' end;
end $$;

-- Returns a page of 50 requests, newest first, after an id or null, of a state
-- and a number (null or '': all), for administrators and for supervisors of the
-- whole tenant: {"items": [erasure_json()], "next"}; null for others. SR400
-- with the field number: it is not valid.
create function erasure_list(after uuid, state text, number text) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	wanted text := nullif(btrim(erasure_list.number), '');
	known text := coalesce(number_read(wanted),
		case when number_valid(wanted) then wanted end);
	page jsonb;
begin
	if not (account_administers(app_tenant(), app_account()) or erasure_carries()) then
		return null;
	elsif wanted is not null and known is null then
		perform refuse_field('number', number_refusal(wanted));
	end if;
	select jsonb_build_object(
		'items', coalesce(jsonb_agg(erasure_json(x) order by n) filter (where n <= 50), '[]'),
		'next', case when count(*) > 50 then (array_agg((x).id order by n))[50] end)
	into page
	from (
		select e as x, row_number() over (order by e.id desc) as n from erasure e
		where e.tenant_id = app_tenant()
		and (erasure_list.after is null or e.id < erasure_list.after)
		and (coalesce(erasure_list.state, '') = '' or e.state = erasure_list.state)
		and (wanted is null or e.number_hash = erasure_hash(known))
		order by e.id desc limit 51
	) newest;
	return page;
end $$;

-- Closes a request in the given state: clears its number and keeps what the
-- receipt needs. Returns its new row.
create function erasure_close(e erasure, state text, key text, total int,
	deletion uuid) returns erasure
language plpgsql volatile
set search_path from current
as $$
begin
	update erasure x set state = erasure_close.state, number = null,
		request_hash = null, closed_at = clock_timestamp(), closed_by = app_person(),
		closed_name = person_name(), closed_key = erasure_close.key,
		total = erasure_close.total, deletion_id = erasure_close.deletion
	where x.tenant_id = e.tenant_id and x.id = e.id
	returning x.* into e;
	perform audit_record(case state when 'withdrawn' then 'erasure_withdrawn'
		else 'erasure' end, detail => jsonb_strip_nulls(jsonb_build_object(
		'erasure', e.id, 'count', e.total)));
	return e;
end $$;

-- Withdraws a request, for an administrator. Returns erasure_json(); null when
-- there is none or the person is no administrator. SR409: it was carried out.
create function erasure_withdraw(erasure uuid) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	e erasure;
begin
	select x.* into e from erasure x
	where x.tenant_id = app_tenant() and x.id = erasure_withdraw.erasure
	and account_administers(app_tenant(), app_account()) for update;
	if not found then
		return null;
	elsif e.state = 'carried_out' then
		raise exception using errcode = 'SR409',
			message = 'Cette demande n’est plus ouverte.';
	elsif e.state = 'open' then
		e := erasure_close(e, 'withdrawn', null, null, null);
	end if;
	return erasure_json(e);
end $$;

-- Deletes the recordings of a request, if they are expect in number (0
-- included), by deletion_create(), for a supervisor of the whole tenant.
-- Returns {"outcome", "count", "erasure"}: created; exists (carried out with
-- this key); conflict (the key belongs to another request); changed (the number
-- is "count" now). Null: no such request. SR403: no such supervisor. SR409: the
-- request is closed, or its number can't exist.
create function erasure_carry_out(erasure uuid, expect int, request_key text,
	request_hash text) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	e erasure;
	made jsonb;
	n int;
begin
	if app_team() <> 'all' or not erasure_carries() then
		raise exception using errcode = 'SR403', message =
			'L’effacement est réservé aux superviseurs de toute l’entreprise.';
	end if;
	select x.* into e from erasure x
	where x.tenant_id = app_tenant() and x.id = erasure_carry_out.erasure for update;
	if not found then
		return null;
	elsif e.state = 'carried_out' and e.closed_by = app_person()
		and e.closed_key = request_key then
		return jsonb_build_object('outcome', 'exists', 'erasure', erasure_json(e));
	elsif e.state <> 'open' then
		raise exception using errcode = 'SR409',
			message = 'Cette demande n’est plus ouverte.';
	elsif erasure_number(e.number) is distinct from e.number then
		raise exception using errcode = 'SR409', message =
			'Ce numéro n’existe pas : retirez la demande et déposez-la avec le bon numéro.';
	end if;
	made := deletion_create(erasure_selection(e.number), expect, request_key, request_hash);
	n := made ->> 'count';
	if made ->> 'outcome' in ('exists', 'conflict') then
		return jsonb_build_object('outcome', 'conflict');
	elsif n <> expect then
		return jsonb_build_object('outcome', 'changed', 'count', n);
	end if;
	e := erasure_close(e, 'carried_out', request_key, expect,
		(made -> 'deletion' ->> 'id')::uuid);
	return jsonb_build_object('outcome', 'created', 'erasure', erasure_json(e));
end $$;

grant execute on function erasure_file(text, text, text),
	erasure_show(uuid),
	erasure_list(uuid, text, text),
	erasure_withdraw(uuid),
	erasure_carry_out(uuid, int, text, text)
	to smartrecord_app;
