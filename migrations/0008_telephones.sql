-- room: telephony
-- The desk telephones of accounts. recording_button is the setting
-- RECORDING_BUTTON for their provisioning; the Yealink T5xW models have such a
-- button.

set role smartrecord_admin;

create table telephone (
	tenant_id	int not null,
	mac		macaddr primary key,
	public_id	uuid not null default gen_random_uuid() unique,
	account_id	int not null,
	model		text not null check (length(model) between 1 and 100),
	has_button	boolean not null generated always as (model ~* '\mT5[0-9]W\M') stored,
	recording_button boolean not null default false,
	foreign key (tenant_id, account_id) references account on delete cascade,
	check (has_button or not recording_button)
);
create index on telephone (tenant_id, account_id);

reset role;
