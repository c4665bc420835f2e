-- migrate:up
-- Erasing by number, for whoever asks that nothing of theirs be kept (GDPR,
-- article 17): an administrator files the request and learns how many calls
-- it is, a supervisor of the whole customer carries it out. The number is kept
-- while the request is open. Afterwards its last two digits are, and a hash
-- with the customer's own secret: who knows the number can find its receipts
-- here, who has a receipt can't find the number.

set role smartrecord_admin;

grant execute on function account_administers(int, int) to smartrecord_owner;

-- The request's person, as receipts call them.
create function person_called() returns text
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select name from person where id = app_person());

grant execute on function person_called() to smartrecord_owner;

set role smartrecord_owner;

-- --- requests --------------------------------------------------------------

create table erasure (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its filing
	state		text not null default 'open'
			check (state in ('open', 'carried_out', 'withdrawn')),
	number		text,				-- null once it is closed
	ending		text not null,			-- its last two digits; '' of a short
							-- one, of which little would be left
	number_hash	bytea not null,			-- see erasure_hash()
	filed_by	int not null,			-- person
	filed_name	text not null,			-- what they were called then
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- null once it is closed
	closed_at	timestamptz,
	closed_by	int,
	closed_name	text,
	closed_key	text,				-- request_key of the closing
	total		int,				-- recordings that were erased
	deletion_id	uuid,				-- null: there were none
	primary key (tenant_id, id),
	foreign key (tenant_id, deletion_id) references deletion,
	check ((state = 'open') = (number is not null)),
	check ((state = 'open') = (closed_at is null))
);
create unique index on erasure (tenant_id, filed_by, request_key);
create unique index on erasure (tenant_id, number);
create index on erasure (tenant_id, number_hash);

-- What makes the hash of a number the customer's own.
create table erasure_secret (
	tenant_id	int primary key references tenant,
	secret		bytea not null default
			uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);

do $$
declare
	name text;
begin
	foreach name in array array['erasure', 'erasure_secret'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy work on %I to smartrecord_owner '
			'using (true)', name);
	end loop;
end $$;

-- 16 bytes of a number's keyed SHA-256; the same in every writing. Null: the
-- customer has no secret yet.
create function erasure_hash(number text) returns bytea
language sql stable
set search_path = pg_catalog, public, pg_temp
return (select substr(sha256(s.secret
		|| convert_to((number_keys(number))[1], 'UTF8')), 1, 16)
	from erasure_secret s where s.tenant_id = app_tenant());

-- May the request's person carry requests out today: a supervisor of the
-- whole customer?
create function erasure_carries() returns boolean
language sql stable
set search_path = pg_catalog, public, pg_temp
return account_team(app_tenant(), app_account(), app_person()) = 'all';

-- All recordings of the number, whenever they came in.
create function erasure_selection(number text) returns jsonb
language sql stable
return jsonb_build_object('filter', jsonb_build_object('number', '=' || number),
	'except', '[]'::jsonb, 'as_of', rfc3339(now() + interval '1 day'));

-- How many that is, of the whole customer, whoever asks.
create function erasure_count(number text) returns int
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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

-- A request, and its receipt once it is carried out: done of count recordings
-- have left the tables, all of them at erased_at.
create function erasure_json(e erasure) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
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
end;

-- Files a request: {"outcome", "erasure"}. Outcomes: created; exists, the same
-- under the same key; conflict, another one under it.
create function erasure_file(number text, request_key text, request_hash text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	e erasure;
	known text := number_read(number);
begin
	if account_administers(app_tenant(), app_account()) is not true then
		raise exception using errcode = 'SR403',
			message = 'Une demande d’effacement est déposée par un administrateur.';
	elsif known is null then
		perform search_refuse('number', 'Écrivez un numéro entier : 06 13 24 10 88, '
			'+33 6 13 24 10 88, ou un numéro court de 2 à 8 chiffres.');
	end if;
	-- one at a time in each customer: each sees what the one before left
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
		case when known like '+%' then right(known, 2) else '' end, erasure_hash(known), app_person(), person_called(), request_key, request_hash)
	returning * into e;
	perform audit_record('erasure_filed', detail => jsonb_build_object('erasure', e.id));
	return jsonb_build_object('outcome', 'created', 'erasure', erasure_json(e));
end $$;

-- One request, for those who file or carry out; count: while it is open, the
-- recordings that it is about today, and filter, for those who may see them,
-- the list of them.
create function erasure_show(erasure uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
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

-- Requests, newest first, 50 below an id: of a state, of a number, or all:
-- {"items", "next"}.
create function erasure_list(after uuid, state text, number text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
	wanted text := nullif(btrim(erasure_list.number), '');
	page jsonb;
begin
	if not (account_administers(app_tenant(), app_account()) or erasure_carries()) then
		return null;
	elsif wanted is not null and number_read(wanted) is null then
		perform search_refuse('number', 'Écrivez un numéro entier : 06 13 24 10 88, '
			'+33 6 13 24 10 88, ou un numéro court de 2 à 8 chiffres.');
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
		and (wanted is null or e.number_hash = erasure_hash(number_read(wanted)))
		order by e.id desc limit 51
	) newest;
	return page;
end $$;

-- The request is over: nothing of the number stays but what a receipt needs.
create function erasure_close(e erasure, state text, key text, total int,
	deletion uuid) returns erasure
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
	update erasure x set state = erasure_close.state, number = null,
		request_hash = null, closed_at = clock_timestamp(), closed_by = app_person(),
		closed_name = person_called(), closed_key = erasure_close.key,
		total = erasure_close.total, deletion_id = erasure_close.deletion
	where x.tenant_id = e.tenant_id and x.id = e.id
	returning x.* into e;
	perform audit_record(case state when 'withdrawn' then 'erasure_withdrawn'
		else 'erasure' end, detail => jsonb_strip_nulls(jsonb_build_object(
		'erasure', e.id, 'count', e.total)));
	return e;
end $$;

-- An administrator takes a request back; null: there is none.
create function erasure_withdraw(erasure uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

-- Deletes the recordings of a request, if they are as many as the supervisor
-- was told, as deletion_create() does: {"outcome", "count", "erasure"}; null:
-- there is no such request. Outcomes: created; exists; conflict; changed, it is
-- another number. None is a number too.
create function erasure_carry_out(erasure uuid, expect int, request_key text,
	request_hash text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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

grant execute on function erasure_file(text, text, text), erasure_show(uuid),
	erasure_list(uuid, text, text), erasure_withdraw(uuid),
	erasure_carry_out(uuid, int, text, text) to smartrecord_app;

reset role;
