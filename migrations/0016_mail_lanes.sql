-- room: onepass
-- Mail in lanes: links that somebody asked for, notices of security, and
-- invitations that a customer orders. In each lane the customers take turns, so
-- that none delays another's mail. The newest delivered link of a person, a
-- purpose and a customer replaces the others.

set role smartrecord_admin;

create sequence mail_turn;

alter table mail
	-- the customer that it is about; null: none
	add column tenant_id int references tenant,
	-- ordered by that customer for somebody: counts toward its limits
	add column ordered boolean not null default false,
	-- the mailbox of an ordered mail, see mail_recipient()
	add column recipient text,
	-- the customer whose turn it takes, see mail_share(); 0: none
	add column share int not null default 0,
	-- the value of mail_turn at its last attempt; 0: none yet
	add column turn bigint not null default 0,
	-- the mail that contains this notice, see mail_merge()
	add column carrier bigint;
alter table mail
	add column lane text not null generated always as (case
		when ordered then 'invitation'
		when kind in ('invitation', 'password_reset', 'password_exists',
			'confirmation_holder') then 'link'
		else 'notice' end) stored;
create index mail_waiting on mail (lane, share, due, id)
	where sent_at is null and failed is null;
create index mail_turns on mail (lane, share, turn);
create index mail_lanes on mail (lane, turn);
create index mail_ordered on mail (tenant_id, queued_at) where ordered;
create index mail_account on mail (tenant_id, account_id, queued_at desc, id desc)
	where ordered;
create index mail_recipient on mail (tenant_id, recipient, queued_at)
	where ordered;

alter table mail_link
	add column tenant_id int references tenant,
	-- the mail that it was made for
	add column mail_id bigint,
	-- when a mail with a newer link was delivered
	add column replaced_at timestamptz;

reset role;
