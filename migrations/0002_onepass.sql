-- migrate:up
-- Signing in: sessions, known browsers, failures. All of it happens before a
-- tenant is known, so the application goes through the functions below and
-- reads none of these tables. Answers say nothing about other people.

set role smartrecord_admin;

-- Only the SHA-256 of a token is kept. Idle 30 minutes, absolute 12 hours.
create table session (
	token_hash	bytea primary key check (length(token_hash) = 32),
	id		uuid not null default gen_random_uuid() unique,
	person_id	int not null references person on delete cascade,
	tenant_id	int not null,
	account_id	int not null,
	-- its person had other customers too when it began; no request of others
	-- looks for any
	several		boolean not null default false,
	created_at	timestamptz not null default now(),
	last_seen_at	timestamptz not null default now(),
	expires_at	timestamptz not null default now() + interval '12 hours',
	address		text not null default '',
	agent		text not null default '',
	foreign key (tenant_id, account_id) references account on delete cascade
);
create index on session (person_id);
create index on session (expires_at);

-- Browsers that have signed in: guesses made elsewhere don't shut them out.
create table device (
	token_hash	bytea not null check (length(token_hash) = 32),
	person_id	int not null references person on delete cascade,
	last_used_at	timestamptz not null default now(),
	primary key (token_hash, person_id)
);
create index on device (last_used_at);

-- Attempts that have not led in, for throttling, a day at most. An attempt
-- counts before its password is checked: who does not wait for the answer has
-- guessed all the same. The e-mail is kept as a hash only.
create table sign_in_failure (
	email_hash	bytea not null,
	network		text not null,
	address		text not null,
	at		timestamptz not null default now()
);
create index on sign_in_failure (email_hash, network, at);
create index on sign_in_failure (address, at);
create index on sign_in_failure (at);

do $$
declare
	name text;
begin
	foreach name in array array['session', 'device', 'sign_in_failure']
	loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy commands on %I to smartrecord_admin '
			'using (true)', name);
		execute format('create policy upkeep on %I to smartrecord_jobs '
			'using (true)', name);
		execute format('grant select, delete on %I to smartrecord_jobs', name);
	end loop;
end $$;

-- The person's profiles of rights over one customer, as a session holds
-- them: read afresh on each request.
create function account_sites(tenant int, account int) returns text
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return coalesce((
	select coalesce(site_ids::text, 'all') from profile
	where tenant_id = tenant and account_id = account and kind = 'supervisor'), '');

create function account_administers(tenant int, account int) returns boolean
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return exists (
	select from profile
	where tenant_id = tenant and account_id = account and kind = 'administrator');

-- The person's other customers, to switch to: [{"id", "name"}], or null.
create function account_others(person int, tenant int) returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
return (select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name)
		order by t.name, t.id)
	from account a join tenant t on t.id = a.tenant_id
	where a.person_id = person and a.tenant_id <> tenant);

create function session_find(token text)
returns table (session_id uuid, person_id int, name text, email text,
	language text, tenant_id int, tenant_name text, time_zone text,
	operator_name text, account_id int, supervisor boolean,
	administrator boolean, sites text, others jsonb)
language plpgsql security definer rows 1
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
	found session;
begin
	select s.* into found from session s
	where s.token_hash = decode(token, 'hex')
	and s.expires_at > now()
	and s.last_seen_at > now() - interval '30 minutes';
	if found.id is null then
		return;
	end if;
	-- once a minute at most: a page's twenty requests write one row
	if found.last_seen_at < now() - interval '1 minute' then
		update session s set last_seen_at = now()
		where s.token_hash = found.token_hash;
	end if;
	if found.several then
		others := account_others(found.person_id, found.tenant_id);
	end if;
	return query
	select found.id, p.id, p.name, p.email, p.language, t.id, t.name,
		t.time_zone, o.name, a.id, r.sites <> '',
		account_administers(t.id, a.id), r.sites, others
	from person p
	join account a on a.tenant_id = found.tenant_id
		and a.id = found.account_id and a.person_id = p.id
	join tenant t on t.id = a.tenant_id
	join operator o on o.id = t.operator_id,
	account_sites(t.id, a.id) r (sites)
	where p.id = found.person_id and p.disabled_at is null;
end $$;

create function sign_in_email_hash(email text) returns bytea
language sql immutable
return sha256(convert_to(lower(btrim(email)), 'UTF8'));

-- When the (allowed + 1)th newest failure leaves the window of 15 minutes,
-- in seconds from now; 0: go on. Strangers stop at eleven, so what goes beyond
-- was tried in a browser that the person knows: theirs is shared, or taken.
create function sign_in_wait(email text, network text, address text,
	known boolean) returns int
language sql stable
return coalesce(ceil(extract(epoch from interval '15 minutes' - (now() - greatest(
	(select f.at from sign_in_failure f
	where f.email_hash = sign_in_email_hash(sign_in_wait.email)
	and f.network = sign_in_wait.network and f.at > now() - interval '15 minutes'
	order by f.at desc offset case when known then 40 else 10 end limit 1),
	(select f.at from sign_in_failure f
	where not known and f.address = sign_in_wait.address
	and f.at > now() - interval '15 minutes'
	order by f.at desc offset 50 limit 1))))), 0)::int;

-- One row whoever asks: an unknown address costs the caller the same work.
create function sign_in_begin(email text, host text, network text,
	address text, device text)
returns table (person_id int, password_hash text, known_device boolean,
	wait_seconds int)
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_variable
declare
	found person;
	known boolean;
begin
	-- a host that belongs to an operator knows that operator's people only
	select p.* into found from person p
	left join operator o on lower(sign_in_begin.host) in (o.host, o.board_host)
	where p.email = lower(btrim(sign_in_begin.email)) and p.disabled_at is null
	and (o.id is null or p.operator_id = o.id)
	order by p.password_hash is null, p.id limit 1;
	known := device <> '' and exists (
		select from device d
		where d.token_hash = decode(sign_in_begin.device, 'hex')
		and d.person_id = found.id);
	return query select found.id, found.password_hash, known,
		sign_in_wait(email, network, address, known);
end $$;

create function sign_in_failed(email text, network text, address text)
returns void
language sql security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into sign_in_failure (email_hash, network, address)
	values (sign_in_email_hash(email), network, address);
end;

-- The account that a person signs in to.
create function account_home(person int) returns account
language sql stable
set search_path = pg_catalog, public, pg_temp
begin atomic
	select a.* from account a join person p on p.id = a.person_id
	where p.id = account_home.person
	order by a.tenant_id is distinct from p.home_id, a.tenant_id limit 1;
end;

-- Does the account's person use it, as far as its customer may know? Who is at
-- home at another customer's does once they have come: anybody can be named.
create function account_used(a account, p person) returns boolean
language sql immutable
return a.entered or coalesce(p.home_id = a.tenant_id, true);

-- What is answered to a person whose session begins at an account.
create function session_begun(who person, chosen account) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	sites text := account_sites(chosen.tenant_id, chosen.id);
	administers boolean := account_administers(chosen.tenant_id, chosen.id);
begin
	update account a set entered = true
	where a.tenant_id = chosen.tenant_id and a.id = chosen.id and not a.entered;
	return jsonb_build_object(
		'person', jsonb_build_object('id', who.id, 'name', who.name,
			'email', who.email, 'language', who.language),
		'tenant', (select jsonb_build_object('id', t.id, 'name', t.name)
			from tenant t where t.id = chosen.tenant_id),
		'account', jsonb_build_object('id', chosen.id),
		'profiles', to_jsonb(array_remove(array['user',
			case when sites <> '' then 'supervisor' end,
			case when administers then 'administrator' end], null)),
		'home', case when sites <> '' or administers
			then 'console' else 'board' end);
end $$;

-- hash: of the password that was found right, null where none was asked for.
-- One that was replaced since then opens nothing: who knew it could else stay
-- by trying all the while.
create function session_create(person int, token text, device text,
	address text, agent text, hash text)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	who person;
	chosen account;
begin
	select p.* into who from person p
	where p.id = person and p.disabled_at is null for share;
	if who.password_hash <> hash then
		raise exception using errcode = 'SR403',
			message = 'Le mot de passe a changé entre-temps. Reconnectez-vous.';
	end if;
	select h.* into chosen from account_home(who.id) h;
	if chosen.id is null then
		raise exception using errcode = 'SR403',
			message = 'Votre compte OnePass n’est rattaché à aucun client.';
	end if;
	insert into session (token_hash, person_id, tenant_id, account_id, several,
		address, agent)
	values (decode(token, 'hex'), who.id, chosen.tenant_id, chosen.id,
		account_others(who.id, chosen.tenant_id) is not null,
		address, left(agent, 300));
	if session_create.device <> '' then
		insert into device (token_hash, person_id)
		values (decode(session_create.device, 'hex'), who.id)
		on conflict on constraint device_pkey
		do update set last_used_at = now();
	end if;
	delete from sign_in_failure f
	where f.email_hash = sign_in_email_hash(who.email)
	and f.address = session_create.address;
	return session_begun(who, chosen);
end $$;

create function session_delete(token text) returns void
language sql security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	delete from session where token_hash = decode(token, 'hex');
end;

grant execute on function session_find(text),
	sign_in_begin(text, text, text, text, text),
	sign_in_failed(text, text, text),
	session_create(int, text, text, text, text, text),
	session_delete(text)
	to smartrecord_app;

reset role;
