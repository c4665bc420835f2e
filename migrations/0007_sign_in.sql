-- room: onepass
-- Sign-in: known browsers, failures, mailed links, and requests for links. All
-- of it happens before a tenant is known.

set role smartrecord_admin;

-- Browsers that have signed in; failures from other browsers do not lock them
-- out. token_hash is the SHA-256 of the browser's cookie.
create table device (
	token_hash	bytea not null check (length(token_hash) = 32),
	person_id	int not null references person on delete cascade,
	last_used_at	timestamptz not null default now(),
	primary key (token_hash, person_id)
);
create index on device (last_used_at);

-- Failed attempts to sign in, for throttling; deleted after a day. An attempt
-- counts as failed before its password is checked, so a client that does not
-- wait for the response is counted too. Only a hash of the e-mail is stored.
create table sign_in_failure (
	email_hash	bytea not null,
	network		text not null,
	address		text not null,
	at		timestamptz not null default now()
);
create index on sign_in_failure (email_hash, network, at);
create index on sign_in_failure (address, at);
create index on sign_in_failure (at);

-- Mailed links, until they are used or expire. A mail that took two attempts
-- has two. token_hash is the SHA-256 of the link's secret.
create table mail_link (
	token_hash	bytea primary key check (length(token_hash) = 32),
	person_id	int not null references person on delete cascade,
	purpose		text not null check (purpose in ('invitation', 'reset')),
	expires_at	timestamptz not null
);
create index on mail_link (person_id);
create index on mail_link (expires_at);

-- Requests for a link, deleted after a day. email is null once `smartrecord
-- jobs` has answered the request; address is an IP address.
create table mail_request (
	id		bigint generated always as identity primary key,
	purpose		text not null check (purpose in ('invitation', 'reset')),
	email		text,
	email_hash	bytea not null,
	host		text not null,
	network		text not null,
	address		text not null,
	language	text not null check (language in ('fr', 'en')),
	at		timestamptz not null default now()
);
create index on mail_request (id) where email is not null;
create index on mail_request (email_hash, at);
create index on mail_request (network, at);
create index on mail_request (address, at);
create index on mail_request (at);

reset role;
