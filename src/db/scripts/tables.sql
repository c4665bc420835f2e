-- Tables of `smartrecord migrate`: the migrations that were applied, and the
-- schemas of functions that exist.
create table if not exists migration (
	name		text primary key,
	checksum	text not null,
	applied_at	timestamptz not null default now()
);
create table if not exists release (
	functions	text primary key,
	version		text not null,
	installed_at	timestamptz not null default now()
)
