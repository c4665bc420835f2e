-- room: erasures
-- Requests to erase a number (GDPR, article 17). The number is stored while the
-- request is open. Afterwards only its last two digits stay, and a hash with
-- the tenant's own secret: the number finds its receipts, a receipt does not
-- give the number.

set role smartrecord_owner;

create table erasure (
	tenant_id	int not null references tenant,
	id		uuid not null,			-- UUIDv7 of its filing
	state		text not null default 'open'
			check (state in ('open', 'carried_out', 'withdrawn')),
	number		text,				-- null once it is closed
	ending		text not null,			-- its last two digits; '' for a short
							-- number, which they
							-- would reveal
	number_hash	bytea not null,			-- 16 bytes, see erasure_hash()
	filed_by	int not null,			-- person
	filed_name	text not null,			-- their name at that time
	request_key	text check (length(request_key) between 1 and 200),
	request_hash	text,				-- null once it is closed
	closed_at	timestamptz,
	closed_by	int,
	closed_name	text,
	closed_key	text,				-- request_key of the closing
	total		int,				-- erased recordings
	deletion_id	uuid,				-- null: no recordings
	primary key (tenant_id, id),
	foreign key (tenant_id, deletion_id) references deletion,
	check ((state = 'open') = (number is not null)),
	check ((state = 'open') = (closed_at is null))
);
create unique index on erasure (tenant_id, filed_by, request_key);
create unique index on erasure (tenant_id, number);
create index on erasure (tenant_id, number_hash);

-- The secret of a tenant for erasure_hash(), 32 bytes; it never leaves the
-- database.
create table erasure_secret (
	tenant_id	int primary key references tenant,
	secret		bytea not null default
			uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);

reset role;
