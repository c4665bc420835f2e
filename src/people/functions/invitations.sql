set local role smartrecord_admin;

-- Is this text no name? Mails and pages show names, and an administrator may
-- write them: a name has no address of a page, no line break and no word of
-- more than 60 characters.
create function name_unfit(name text) returns boolean
language sql immutable
as $$
select name ~ '://|[\n\r\u0085\u2028\u2029]' or length(name) > 60 and name ~ '\S{61}'
$$;

-- The limits of invitations that a customer orders within 24 hours. For one
-- mailbox 5: a mail got lost, its address was corrected, and once more. For a
-- customer 1,000: a large one invites everybody within days, and the mail
-- server is not taken for a source of spam.
create function invitations_per_mailbox() returns int
language sql immutable
as $$ select 5 $$;

create function invitations_per_day() returns int
language sql immutable
as $$ select 1000 $$;

-- Returns the last invitation that its customer has sent to the person of an
-- account: {"state": "queued", "sent" or "failed", "at"}. Null when there is
-- none in the last seven days, or the person has chosen a password since.
create function account_invitation(a account) returns jsonb
language sql stable
set search_path from current
as $$
	select jsonb_build_object(
		'state', case when m.failed is not null then 'failed'
			when m.sent_at is not null then 'sent' else 'queued' end,
		'at', rfc3339(coalesce(m.sent_at,
			case when m.failed is null then m.queued_at else m.due end)))
	from mail m
	where m.tenant_id = a.tenant_id and m.account_id = a.id and m.ordered
	and account_onepass(a) = 'waiting'
	order by m.queued_at desc, m.id desc limit 1;
$$;

-- Returns how many invitations the request's customer has ordered within a day.
create function invitations_ordered() returns int
language sql stable
set search_path from current
as $$
	select count(*) from mail m
	where m.tenant_id = app_tenant() and m.ordered
	and m.queued_at > now() - interval '1 day';
$$;

-- Returns the seconds until one of the last n invitations is a day old: of the
-- request's customer to a mailbox, or (null) to all. 0: there are fewer.
create function invitations_wait(recipient text, n int) returns int
language sql stable
set search_path from current
as $$
	select coalesce(ceil(extract(epoch from interval '1 day' - (now() - (
		select m.queued_at from mail m
		where m.tenant_id = app_tenant() and m.ordered
		and m.queued_at > now() - interval '1 day'
		and (m.recipient = invitations_wait.recipient
			or invitations_wait.recipient is null)
		order by m.queued_at desc offset n - 1 limit 1)))), 0)::int;
$$;

-- Returns why an account (public id) of the request's customer gets no further
-- invitation now: {"outcome": "refused", "why": "many" (to this mailbox) or
-- "many-today" (of the customer), "wait" (seconds)}; null when it may.
create function invitation_refused(account uuid) returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	mailbox text := (
		select mail_recipient(lower(coalesce(p.email, btrim(a.email))))
		from account a left join person p on p.id = a.person_id
		where a.tenant_id = app_tenant() and a.public_id = invitation_refused.account
		and account_onepass(a) in ('none', 'waiting'));
	wait int := coalesce(invitations_wait(mailbox, invitations_per_mailbox()), 0);
	wait_today int;
begin
	if mailbox is null then
		return null;
	elsif wait > 0 then
		return jsonb_build_object('outcome', 'refused', 'why', 'many', 'wait', wait);
	end if;
	wait_today := invitations_wait(null, invitations_per_day());
	return case when wait_today > 0 then jsonb_build_object('outcome', 'refused',
		'why', 'many-today', 'wait', wait_today) end;
end $$;

-- Returns the accounts of the request's customer whose person can't sign in yet
-- and whose last three days have no invitation, by name.
create function accounts_uninvited() returns setof account
language sql stable
set search_path from current
as $$
	select a.* from account a
	where a.tenant_id = app_tenant() and a.email <> ''
	and (a.person_id is null or account_onepass(a) = 'waiting')
	and not exists (
		select from mail m
		where m.tenant_id = a.tenant_id and m.account_id = a.id and m.ordered
		and m.failed is null and m.queued_at > now() - interval '3 days')
	order by account_sorted(a.last_name, a.first_name), a.id;
$$;

-- Returns where the invitations of the request's customer are: {"uninvited",
-- "queued", "sent", "failed" (numbers of accounts, as account_invitation()),
-- "left" (that may be sent now), "limit" (a day)}. SR403: no administrator.
create function accounts_invitations() returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
begin
	perform administrator_needed();
	return (
		select jsonb_build_object(
			'uninvited', (select count(*) from accounts_uninvited()),
			'queued', count(*) filter (where m.sent_at is null and m.failed is null),
			'sent', count(m.sent_at),
			'failed', count(m.failed),
			'left', greatest(0, invitations_per_day() - invitations_ordered()),
			'limit', invitations_per_day())
		from (
			select distinct on (m.account_id) m.* from mail m
			where m.tenant_id = app_tenant() and m.ordered
			order by m.account_id, m.queued_at desc, m.id desc) m
		join account a on a.tenant_id = m.tenant_id and a.id = m.account_id
		left join person p on p.id = a.person_id
		where onepass_uninvitable(a, p) is null);
end $$;

-- Returns which accounts (public ids) of the request's customer can be invited
-- now: their person (or of their address) and, otherwise, why not ("missing",
-- "many", or as onepass_uninvitable()). Two accounts may have one mailbox, see
-- mail_recipient().
create function accounts_invitable(ids uuid[])
returns table (id uuid, account int, person int, kind text, why text)
language sql stable
set search_path from current
as $$
	with w as (
		select u.id, u.n, a.id as account, to_whom.id as person,
			mail_recipient(to_whom.email) as mailbox,
			case when to_whom.password_hash is null then 'invitation'
				else 'password_exists' end as kind,
			case when a.id is null then 'missing' else onepass_uninvitable(a, p) end as why
		from unnest(ids) with ordinality u (id, n)
		left join account a on a.tenant_id = app_tenant() and a.public_id = u.id
		left join tenant t on t.id = a.tenant_id
		left join person p on p.id = a.person_id
		left join person to_whom on to_whom.id = p.id or p.id is null
			and to_whom.operator_id = t.operator_id
			and to_whom.email = lower(btrim(a.email))
	)
	select w.id, w.account, w.person, w.kind, coalesce(w.why, case
		when row_number() over (partition by w.mailbox, w.why order by w.n) + (
			select count(*) from mail m
			where m.tenant_id = app_tenant() and m.ordered
			and m.recipient = w.mailbox
			and m.queued_at > now() - interval '1 day') > invitations_per_mailbox()
			then 'many' end)
	from w order by w.n;
$$;

-- Mails invitations to the people of accounts (public ids; null: those of
-- accounts_uninvited()) of the request's customer, at most 500 at once, as
-- account_invite() does. Returns {"outcome": "changed", "invited", "left"
-- (accounts that another request may name again), "refused": [{"id", "why"}]};
-- or, when the limit of the day allows none, as invitation_refused(). SR403: no
-- administrator.
create function accounts_invite(ids uuid[]) returns jsonb
language plpgsql volatile security definer
set search_path from current
set jit = off
as $$
declare
	wanted uuid[];
	chosen uuid[];
	refused jsonb;
	free int;
begin
	perform administrator_needed();
	perform pg_advisory_xact_lock(hashtext('account_invite'), app_tenant());
	wanted := case when ids is null then array(select u.public_id from accounts_uninvited() u)
		else array(select distinct x from unnest(ids) x) end;
	free := least(500, invitations_per_day() - invitations_ordered());
	if free <= 0 and wanted <> '{}' then
		return jsonb_build_object('outcome', 'refused', 'why', 'many-today',
			'wait', invitations_wait(null, invitations_per_day()));
	end if;
	perform person_of_address(t.operator_id, a.email)
	from account a join tenant t on t.id = a.tenant_id
	where a.tenant_id = app_tenant() and a.public_id = any (wanted)
	and a.person_id is null and account_claimable(a, lower(btrim(a.email)));
	select coalesce(array_agg(i.id) filter (where i.why is null), '{}'),
		coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'why', i.why))
			filter (where i.why is not null), '[]')
	into chosen, refused from accounts_invitable(wanted) i;
	perform account_touched(array(select a.id from account a
		where a.tenant_id = app_tenant() and a.public_id = any (chosen[:free])));
	perform mail_queue(i.person, i.kind, tenant => app_tenant(),
			account => i.account, ordered => true),
		audit_record('invitation', null, null, jsonb_build_object('account', i.id))
	from accounts_invitable(chosen[:free]) i;
	return jsonb_build_object('outcome', 'changed', 'refused', refused,
		'invited', cardinality(chosen[:free]),
		'left', cardinality(chosen) - cardinality(chosen[:free]));
end $$;

grant execute on function accounts_invitations(),
	accounts_invite(uuid[])
	to smartrecord_app;
