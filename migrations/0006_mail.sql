-- room: net
-- Mail: an outbox, which `smartrecord jobs` sends. A mail has a person and a
-- kind; its text is templates/mail/<kind>.<language>.txt. The secret of a link
-- to sign in is made when the mail is sent; the database stores only its
-- SHA-256.

set role smartrecord_admin;

create table mail (
	id		bigint generated always as identity primary key,
	person_id	int not null references person on delete cascade,
	kind		text not null check (kind ~ '^[a-z_]{1,40}$'),
	language	text not null check (language in ('fr', 'en')),
	detail		jsonb not null default '{}',	-- values of the text; '{}' at the end
	queued_at	timestamptz not null default now(),
	due		timestamptz not null default now(),	-- next attempt
	tries		int not null default 0,
	sent_at		timestamptz,
	failed		text,				-- why there are no more attempts
	check (sent_at is null or failed is null),
	check (sent_at is null and failed is null or detail = '{}')
);
create index on mail (due) where sent_at is null and failed is null;
create index on mail (person_id);
create index on mail (queued_at);

reset role;
