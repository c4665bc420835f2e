set local role smartrecord_admin;

-- Returns the purpose of the link in a mail of this kind, or null for a mail
-- without a link.
create function mail_purpose(kind text) returns text
language sql immutable
as $$
select case kind when 'invitation' then 'invitation'
	when 'password_reset' then 'reset' when 'password_exists' then 'reset'
	when 'confirmation_holder' then 'confirmation' end
$$;

-- Returns the customer whose turn a mail to a person takes: the one that it is
-- about, or the person's own; 0 when there is none.
create function mail_share(person int, tenant int) returns int
language sql stable
set search_path from current
as $$
select coalesce(tenant, (select h.tenant_id from account_home(person) h), 0)
$$;

-- Returns the mailbox of an address (in lower case): many services deliver
-- name+anything@ to name@.
create function mail_recipient(email text) returns text
language sql immutable
as $$
select regexp_replace(email, '\+[^@]*@', '@')
$$;

-- Queues a mail to a person, in their language unless another one is given.
-- detail has the values for its text that mail_claim() does not add itself.
-- tenant, account: the customer that it is about, and the account, which its
-- link joins to the person; ordered: by that customer, for somebody else. A
-- notice (no link) within ten minutes after another one about the same customer
-- waits until these are over, and is sent together with all that have come
-- meanwhile. The links of acts to a contract holder are ten minutes apart too.
create function mail_queue(person int, kind text, detail jsonb default '{}',
	language text default null, tenant int default null, account int default null,
	ordered boolean default false) returns void
language sql volatile
set search_path from current
as $$
	insert into mail (person_id, kind, language, detail, tenant_id, account_id,
		ordered, recipient, share, due)
	select p.id, mail_queue.kind,
		coalesce(mail_queue.language, p.language, 'fr'), mail_queue.detail,
		mail_queue.tenant, mail_queue.account, mail_queue.ordered,
		case when mail_queue.ordered then mail_recipient(p.email) end,
		mail_share(p.id, mail_queue.tenant),
		greatest(now(), (
			select max(m.sent_at) + interval '10 minutes' from mail m
			where m.person_id = p.id and m.lane = 'notice'
			and m.tenant_id is not distinct from mail_queue.tenant
			and mail_purpose(mail_queue.kind) is null), (
			select max(coalesce(m.sent_at, m.due)) + interval '10 minutes' from mail m
			where m.person_id = p.id and m.kind = 'confirmation_holder'
			and m.failed is null
			and m.tenant_id is not distinct from mail_queue.tenant
			and m.kind = mail_queue.kind))
	from person p where p.id = mail_queue.person
	-- an ordered one is closed without being sent, see mail_next_fit()
	and (p.disabled_at is null or mail_queue.ordered);
$$;

-- Returns the lanes and customers with waiting mail in the order of their
-- turns: of the lanes the one whose last turn was longest ago, in it the
-- customer whose last turn was longest ago.
create function mail_shares() returns table (lane text, share int)
language sql stable
set search_path from current
as $$
	with recursive s (lane, share) as (
		(select m.lane, m.share from mail m
		where m.sent_at is null and m.failed is null
		order by m.lane, m.share limit 1)
		union all
		select n.lane, n.share from s, lateral (
			select m.lane, m.share from mail m
			where m.sent_at is null and m.failed is null
			and (m.lane, m.share) > (s.lane, s.share)
			order by m.lane, m.share limit 1) n
	)
	select s.lane, s.share from s
	order by (select max(m.turn) from mail m where m.lane = s.lane),
		array_position('{link,notice,invitation}', s.lane),
		(select max(m.turn) from mail m
		where m.lane = s.lane and m.share = s.share), s.share;
$$;

-- Claims the next mail that is due, with a lease of five minutes; null: none.
create function mail_next() returns mail
language plpgsql volatile
set search_path from current
as $$
declare
	s record;
	m mail;
begin
	for s in select * from mail_shares() loop
		update mail x set tries = x.tries + 1, due = now() + interval '5 minutes',
			turn = nextval('mail_turn'), carrier = null
		where x.id = (
			select y.id from mail y
			where y.sent_at is null and y.failed is null and y.due <= now()
			and y.lane = s.lane and y.share = s.share
			order by y.due, y.id limit 1 for update skip locked)
		returning x.* into m;
		exit when found;
	end loop;
	return m;
end $$;

-- Claims the other waiting notices to the person of a claimed notice, about the
-- same customer, at most 50: they become one mail. Returns the values of each,
-- [{"kind", …}], with those of the claimed one, oldest first; null when there
-- is no other.
create function mail_merge(m mail) returns jsonb
language plpgsql volatile
set search_path from current
as $$
begin
	if m.lane <> 'notice' then
		return null;
	end if;
	-- from an attempt that failed
	update mail x set carrier = null
	where x.person_id = m.person_id and x.carrier = m.id;
	update mail x set tries = x.tries + 1, due = m.due, carrier = m.id
	where x.id in (
		select y.id from mail y
		where y.person_id = m.person_id and y.lane = 'notice' and y.id <> m.id
		and y.tenant_id is not distinct from m.tenant_id
		and y.sent_at is null and y.failed is null
		-- not one that another process is sending
		and (y.tries = 0 or y.due <= now())
		order by y.id limit 50 for update skip locked);
	if not found then
		return null;
	end if;
	return (select jsonb_agg(x.detail || jsonb_build_object('kind', x.kind)
		order by x.id)
		from mail x where x.person_id = m.person_id and (x.id = m.id or x.carrier = m.id));
end $$;

grant execute on function mail_queue(int, text, jsonb, text, int, int, boolean)
	to smartrecord_owner;
