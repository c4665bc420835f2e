-- migrate:up
-- Roles, the request's context, and who the customers are: operator (brand)
-- → tenant (customer) → site → account, and the people behind accounts.

do $$
begin
	if current_setting('server_encoding') <> 'UTF8' or lower('É') <> 'é' then
		raise exception 'the database must be UTF-8 with a UTF-8 locale'
			using hint = 'initdb --encoding=UTF8 --locale=C.UTF-8';
	end if;
end $$;

-- Roles belong to the whole server: another database may have made them.
--   smartrecord_admin  owns the tables below and the functions that work
--                      before a tenant is known; commands act as a member
--   smartrecord_owner  owns recordings, their search and their ingest
--   smartrecord_app    `smartrecord serve`, under row-level security
--   smartrecord_jobs   `smartrecord jobs`, upkeep only
--   pipeline           capture and analysis: pipeline.ingest() only
do $$
declare
	role record;
begin
	for role in
		select * from (values
			('smartrecord_admin', 'nologin'),
			('smartrecord_owner', 'nologin'),
			('smartrecord_app', 'login'),
			('smartrecord_jobs', 'login'),
			('pipeline', 'login')) v (name, login)
	loop
		begin
			execute format('create role %I %s', role.name, role.login);
		exception when duplicate_object or unique_violation then
			null;
		end;
	end loop;
end $$;

grant smartrecord_admin, smartrecord_owner to current_user;

create extension if not exists unaccent with schema public;
create extension if not exists btree_gin with schema public;

create schema pipeline;
revoke all on schema public, pipeline from public;
grant usage on schema public to smartrecord_app, smartrecord_jobs;
grant usage on schema pipeline to pipeline;
grant usage, create on schema public, pipeline
	to smartrecord_admin, smartrecord_owner;
alter default privileges for role smartrecord_admin, smartrecord_owner
	revoke execute on functions from public;

set role smartrecord_admin;

-- What the request may see, set inside each transaction with
-- set_config(…, true). After the transaction a setting reads '': no rows,
-- no error. Policies wrap each call in (select …): evaluated once a query.
create function app_tenant() returns int
language sql stable parallel safe
return nullif(current_setting('app.tenant', true), '')::int;

create function app_account() returns int
language sql stable parallel safe
return nullif(current_setting('app.account', true), '')::int;

create function app_person() returns int
language sql stable parallel safe
return nullif(current_setting('app.person', true), '')::int;

-- 'all': the whole customer; '{1,2}': sites; '': own account only.
create function app_team() returns text
language sql stable parallel safe
return coalesce(current_setting('app.team', true), '');

create function app_sites() returns int[]
language sql stable parallel safe
return case when app_team() like '{%' then app_team()::int[] else '{}' end;

grant execute on function app_tenant(), app_account(), app_person(),
	app_team(), app_sites()
	to smartrecord_app, smartrecord_owner, smartrecord_jobs;

create table operator (
	id		int generated always as identity primary key,
	key		text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	-- where its pages are; without a host of its own the board is there too
	host		text unique check (host = lower(host)),
	board_host	text unique check (board_host = lower(board_host)),
	-- boards of the past, which lead to the one of today
	old_hosts	text[] not null default '{}',
	color		text check (color ~ '^#[0-9a-f]{6}$'),
	check (board_host <> host)
);

create table tenant (
	id		int generated always as identity primary key,
	operator_id	int not null references operator,
	key		text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	-- an unknown zone is an error of timezone() itself
	time_zone	text not null default 'Europe/Paris'
			check (timezone(time_zone, timestamptz 'epoch') is not null)
);

create table site (
	tenant_id	int not null references tenant,
	id		int generated always as identity,
	key		text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	time_zone	text not null default 'Europe/Paris'
			check (timezone(time_zone, timestamptz 'epoch') is not null),
	-- 90: as far as daily partitions and the search's windows reach
	retention_days	int not null default 30 check (retention_days between 1 and 90),
	-- calls that began until then had expired when it was set
	expired_until	timestamptz not null default '-infinity',
	active		boolean not null default true,
	primary key (tenant_id, id),
	unique (tenant_id, key)
);

create table person (
	id		int generated always as identity primary key,
	operator_id	int not null references operator,
	-- the customer who knew them first: another one who names the same
	-- address draws neither them nor what is written of them to itself
	home_id		int references tenant,
	email		text not null check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$'
			and length(email) <= 254),
	-- an account's first name and last name, 100 characters each
	name		text not null check (length(name) between 1 and 201),
	language	text not null default 'fr' check (language in ('fr', 'en')),
	password_hash	text,
	disabled_at	timestamptz,
	created_at	timestamptz not null default now(),
	unique (operator_id, email)
);
create index on person (email);

create table account (
	tenant_id	int not null references tenant,
	id		int generated always as identity,
	key		text not null check (length(key) between 1 and 200),
	site_id		int not null,
	person_id	int references person,
	first_name	text not null default '',
	last_name	text not null default '',
	email		text not null default '',
	-- its person has had a session here, see account_used()
	entered		boolean not null default false,
	-- as a site's, of those that it was on
	expired_until	timestamptz not null default '-infinity',
	recording_active boolean not null default false,
	recording_mode	text not null default 'always'
			check (recording_mode in ('always', 'on_demand')),
	primary key (tenant_id, id),
	unique (tenant_id, key),
	unique (tenant_id, person_id),
	foreign key (tenant_id, site_id) references site
);
create index on account (person_id);
create index on account (tenant_id, last_name, first_name, id);

create table account_number (
	tenant_id	int not null,
	account_id	int not null,
	number		text not null check (number ~ '^(\+[1-9][0-9]{6,14}|[0-9]{2,8})$'),
	kind		text not null check (kind in ('fixed', 'mobile')),
	-- by a customer's own file: nobody but them says that it is theirs
	declared	boolean not null default false,
	primary key (tenant_id, number),
	foreign key (tenant_id, account_id) references account on delete cascade
);
create index on account_number (tenant_id, account_id);

-- An account's desk telephones. recording_button is their RECORDING_BUTTON,
-- for provisioning: the Yealink T5xW have such a button.
create table telephone (
	tenant_id	int not null,
	mac		macaddr primary key,
	account_id	int not null,
	model		text not null check (length(model) between 1 and 100),
	has_button	boolean not null generated always as (model ~* '\mT5[0-9]W\M') stored,
	recording_button boolean not null default false,
	foreign key (tenant_id, account_id) references account on delete cascade,
	check (has_button or not recording_button)
);
create index on telephone (tenant_id, account_id);

create table profile (
	tenant_id	int not null,
	account_id	int not null,
	kind		text not null check (kind in ('supervisor', 'administrator')),
	-- the supervisor's sites; null: the whole customer
	site_ids	int[] check (site_ids is null
			or kind = 'supervisor' and cardinality(site_ids) > 0),
	primary key (tenant_id, account_id, kind),
	foreign key (tenant_id, account_id) references account on delete cascade
);

-- Row-level security, owner included. The commands' role sees all; the
-- application sees its customer; upkeep needs to know the retentions.
do $$
declare
	name text;
begin
	foreach name in array array['operator', 'tenant', 'site', 'person',
		'account', 'account_number', 'telephone', 'profile']
	loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy commands on %I to smartrecord_admin '
			'using (true)', name);
	end loop;
end $$;

create policy own_tenant on tenant for select
	to smartrecord_app, smartrecord_owner
	using (id = (select app_tenant()));
create policy own_tenant on site for select
	to smartrecord_app, smartrecord_owner
	using (tenant_id = (select app_tenant()));
create policy own_tenant on account for select
	to smartrecord_app, smartrecord_owner
	using (tenant_id = (select app_tenant()));
create policy oneself on person
	to smartrecord_app
	using (id = (select app_person()));
create policy upkeep on site for select
	to smartrecord_jobs
	using (true);

grant select on tenant, site, account to smartrecord_app, smartrecord_owner;
grant references on tenant, site, account to smartrecord_owner;
grant select (id, language), update (language) on person to smartrecord_app;
grant select (retention_days) on site to smartrecord_jobs;

reset role;
