-- room: people
-- Naming an address decides nothing: a mail and its link may belong to one
-- account, and using the link joins the account to its person. Acts that open
-- calls to somebody wait for a second person.

set role smartrecord_admin;

-- of the tenant that 0016_mail_lanes.sql adds; null: to the person as such
alter table mail add column account_id int;
alter table mail_link add column account_id int;

-- who confirms an act when nobody of the tenant can; kept by the operator
alter table tenant
	add column contract_email text check (contract_email ~ '^[^@\s]+@[^@\s]+$'
		and length(contract_email) <= 254);

-- set: without effect until a second person has confirmed a changed address
alter table profile
	add column suspended_at timestamptz;

-- When an account last created, invited, granted to or changed another one.
create table account_touch (
	tenant_id	int not null,
	maker_id	int not null,
	account_id	int not null,
	at		timestamptz not null default now(),
	primary key (tenant_id, maker_id, account_id),
	foreign key (tenant_id, account_id) references account on delete cascade
);

-- Acts that wait for a second person, and how each ended. wanted is what
-- confirmation_settle() does, '{}' afterwards: it has addresses and numbers.
create table confirmation (
	tenant_id	int not null references tenant,
	id		int generated always as identity,
	public_id	uuid not null default gen_random_uuid() unique,
	kind		text not null check (kind in ('rights', 'accounts')),
	made_by		int not null,			-- account
	made_at		timestamptz not null default now(),
	wanted		jsonb not null,
	outcome		text check (outcome in ('confirmed', 'refused', 'replaced')),
	decided_at	timestamptz,
	decided_by	int,	-- account; null: the operator or the contract holder
	primary key (tenant_id, id),
	foreign key (tenant_id, made_by) references account on delete cascade,
	check (outcome is null or wanted = '{}')
);
create index on confirmation (tenant_id, id) where outcome is null;

-- Links to a confirmation that were mailed to contract holders. token_hash is
-- the SHA-256 of the link's secret.
create table confirmation_link (
	token_hash	bytea primary key check (length(token_hash) = 32),
	tenant_id	int not null,
	confirmation_id	int not null,
	expires_at	timestamptz not null,
	foreign key (tenant_id, confirmation_id) references confirmation on delete cascade
);

-- Grants that an administrator or supervisor has not marked as seen yet.
create table right_notice (
	tenant_id	int not null,
	id		uuid not null default gen_random_uuid(),
	reader_id	int not null,			-- account
	account_id	int not null,			-- who has the right
	profile		text not null,
	site_ids	int[],
	at		timestamptz not null default now(),
	primary key (tenant_id, id),
	foreign key (tenant_id, reader_id) references account on delete cascade,
	foreign key (tenant_id, account_id) references account on delete cascade
);
create index on right_notice (tenant_id, reader_id);

do $$
declare
	name text;
begin
	foreach name in array array['account_touch', 'confirmation',
		'confirmation_link', 'right_notice'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy %I on %I to smartrecord_admin using (true)',
			'all_to_smartrecord_admin', name);
	end loop;
	-- jobs deletes expired links
	create policy all_to_smartrecord_jobs on confirmation_link
		to smartrecord_jobs using (true);
	grant select, delete on confirmation_link to smartrecord_jobs;
end $$;

-- Accounts that an earlier release joined to the person of their address, who has
-- never come in, are claimed with a link like those of this release.
with freed as (
	update account a set person_id = null from person p
	where p.id = a.person_id and p.password_hash is null and not a.entered
)
update person p set home_id = null
where p.password_hash is null and p.home_id is not null
and not exists (select from account a where a.person_id = p.id and a.entered);

reset role;
