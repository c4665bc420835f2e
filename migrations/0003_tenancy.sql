-- room: db
-- The request's context, and the tables operator (brand) → tenant (customer) →
-- site → account, and person, who uses accounts. Integer ids are internal: they
-- would tell each tenant how many rows all tenants have. Pages and clients see
-- public_id.

set role smartrecord_admin;

-- The context of a request: settings made in each transaction with
-- set_config(…, true). After the transaction a setting reads '', which gives no
-- rows and no error. Policies wrap each call in (select …), so that it is
-- evaluated once per query. These functions return ids, or null without a
-- context.
create function app_tenant() returns int
language sql stable parallel safe
return nullif(current_setting('app.tenant', true), '')::int;

create function app_account() returns int
language sql stable parallel safe
return nullif(current_setting('app.account', true), '')::int;

create function app_person() returns int
language sql stable parallel safe
return nullif(current_setting('app.person', true), '')::int;

create function app_session() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.session', true), '')::uuid;

-- Returns the scope: 'all', the whole tenant; '{1,2}', sites; '', the own
-- account.
create function app_team() returns text
language sql stable parallel safe
return coalesce(current_setting('app.team', true), '');

-- Returns the sites of the scope; '{}' when it has none.
create function app_sites() returns int[]
language sql stable parallel safe
return case when app_team() like '{%' then app_team()::int[] else '{}' end;

grant execute on function app_tenant(), app_account(), app_person(),
	app_session(), app_team(), app_sites()
	to smartrecord_app, smartrecord_owner, smartrecord_jobs;

create table operator (
	id		int generated always as identity primary key,
	key		text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	-- the host of its pages; also of the board without a board_host
	host		text unique check (host = lower(host)),
	board_host	text unique check (board_host = lower(board_host)),
	-- former hosts of the board, which redirect to the current one
	old_hosts	text[] not null default '{}',
	-- the colour of its pages, and the e-mail of its support
	color		text check (color ~ '^#[0-9a-f]{6}$'),
	contact		text check (contact ~ '^[^@\s]+@[^@\s]+$' and length(contact) <= 254),
	logo		bytea check (length(logo) between 1 and 65536),	-- PNG, bytes
	logo_hash	text generated always as (encode(sha256(logo), 'hex')) stored,
	-- announces in the call that a recording on demand was stopped
	announce_stop	boolean not null default false,
	check (board_host <> host)
);

create table tenant (
	id		int generated always as identity primary key,
	public_id	uuid not null default gen_random_uuid() unique,
	operator_id	int not null references operator,
	key		text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	-- timezone() raises an error for an unknown zone
	time_zone	text not null default 'Europe/Paris'
			check (timezone(time_zone, timestamptz 'epoch') is not null),
	-- shows on a recording's page who played it
	show_listeners	boolean not null default false
);

create table site (
	tenant_id	int not null references tenant,
	id		int generated always as identity,
	public_id	uuid not null default gen_random_uuid(),
	key		text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
	name		text not null check (length(name) between 1 and 200),
	time_zone	text not null default 'Europe/Paris'
			check (timezone(time_zone, timestamptz 'epoch') is not null),
	-- 90: the limit of daily partitions and of the search
	retention_days	int not null default 30 check (retention_days between 1 and 90),
	-- calls that began until then have expired, whatever retention_days is
	expired_until	timestamptz not null default '-infinity',
	-- the site has the recording service
	active		boolean not null default true,
	primary key (tenant_id, id),
	unique (tenant_id, key),
	unique (tenant_id, public_id)
);

create table person (
	id		int generated always as identity primary key,
	public_id	uuid not null default gen_random_uuid() unique,
	operator_id	int not null references operator,
	-- the tenant that named them first, where they sign in; another tenant
	-- with the same e-mail gets neither them nor their access log
	home_id		int references tenant,
	email		text not null check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$'
			and length(email) <= 254),
	-- first name and last name of an account, 100 characters each
	name		text not null check (length(name) between 1 and 201),
	-- null: the browser's language
	language	text check (language in ('fr', 'en')),
	password_hash	text,		-- argon2id; null: none chosen yet
	disabled_at	timestamptz,
	created_at	timestamptz not null default now(),
	unique (operator_id, email)
);
create index on person (email);

create table account (
	tenant_id	int not null references tenant,
	id		int generated always as identity,
	public_id	uuid not null default gen_random_uuid(),
	key		text not null check (length(key) between 1 and 200),
	site_id		int not null,
	person_id	int references person,
	first_name	text not null default '',
	last_name	text not null default '',
	email		text not null default '',
	-- its person has had a session with it, see account_used()
	entered		boolean not null default false,
	-- as site.expired_until, from its former sites
	expired_until	timestamptz not null default '-infinity',
	recording_active boolean not null default false,
	recording_mode	text not null default 'always'
			check (recording_mode in ('always', 'on_demand')),
	primary key (tenant_id, id),
	unique (tenant_id, key),
	unique (tenant_id, person_id),
	unique (tenant_id, public_id),
	foreign key (tenant_id, site_id) references site
);
create index on account (person_id);
create index on account (tenant_id, last_name, first_name, id);
create index account_by_name on account
	(tenant_id, account_sorted(last_name, first_name), id);
create index account_by_site on account
	(tenant_id, site_id, account_sorted(last_name, first_name), id);
create index account_by_words on account
	using gin (tenant_id, account_text(last_name, first_name, email, key));
create index account_email on account (lower(email)) where email <> '';

create table account_number (
	tenant_id	int not null,
	account_id	int not null,
	number		text not null
			check (number_is_e164(number) or number_is_short(number)),
	kind		text not null check (kind in ('fixed', 'mobile')),
	-- comes from a tenant's own file, unconfirmed by the operator
	declared	boolean not null default false,
	primary key (tenant_id, number),
	foreign key (tenant_id, account_id) references account on delete cascade
);
create index on account_number (tenant_id, account_id);
create index on account_number (number);
-- A number is searched by its beginning or its end.
create index account_number_begins on account_number
	(tenant_id, number text_pattern_ops);
create index account_number_ends on account_number
	(tenant_id, reverse(number) text_pattern_ops);

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

grant references on tenant, site, account to smartrecord_owner;

reset role;
