-- migrate:up
-- A person has a language once they chose one; until then it is the
-- browser's.

set role smartrecord_admin;

alter table person
	alter language drop not null,
	alter language drop default;

reset role;
