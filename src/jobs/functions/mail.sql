set local role smartrecord_admin;

-- Returns the name that a mail greets a person with: that of their account at
-- the customer that it is about, or of their home. Null for a person who has
-- not used that account yet: an administrator may have written anything there.
create function mail_name(p person, tenant int) returns text
language sql stable
set search_path from current
as $$
select nullif(btrim(a.first_name || ' ' || a.last_name), '')
	from account a
	where a.person_id = p.id and p.password_hash is not null and account_used(a, p)
	and a.tenant_id = coalesce(mail_name.tenant,
		(select h.tenant_id from account_home(p.id) h))
$$;

-- Returns the address of the pages of an operator: of the console, or of the
-- board. base: the service's URL.
create function mail_place(o operator, base text, console boolean) returns text
language sql immutable
as $$
select coalesce(regexp_replace(base, '^(https://)(\[[^]]*\]|[^/:]+)', '\1'
		|| case when console then o.host else coalesce(o.board_host, o.host) end),
		base)
	|| case when console then '/console' else '/board' end
$$;

-- Adds the link of a mail (token: SHA-256 of its secret, hex), which is valid
-- for 72 hours (invitation), 30 minutes (another password) or 14 days
-- (confirmation). Without a purpose there is none.
create function mail_link_add(m mail, purpose text, token text) returns void
language sql volatile
set search_path from current
as $$
	insert into mail_link (token_hash, person_id, purpose, expires_at, tenant_id,
		account_id, mail_id)
	select decode(token, 'hex'), m.person_id, purpose, now() + case purpose
		when 'invitation' then interval '72 hours' else interval '30 minutes' end,
		m.tenant_id, m.account_id, m.id
	where purpose in ('invitation', 'reset');
	insert into confirmation_link (token_hash, tenant_id, confirmation_id, expires_at)
	select decode(token, 'hex'), c.tenant_id, c.id, now() + interval '14 days'
	from confirmation c where c.public_id = (m.detail ->> 'confirmation')::uuid
	and purpose = 'confirmation';
$$;

-- Returns why a claimed mail is not sent, or null: "disabled", its person; or
-- "outdated", as its account may have got another address or person since, or
-- its act was decided.
create function mail_unfit(m mail) returns text
language sql stable
set search_path from current
as $$
select case when p.disabled_at is not null then 'disabled'
		when m.account_id is not null
			and mail_purpose(m.kind) in ('invitation', 'reset')
			and account_claimable(a, p.email) is not true
		or mail_purpose(m.kind) = 'confirmation' and not exists (
			select from confirmation c
			where c.public_id = (m.detail ->> 'confirmation')::uuid
			and c.outcome is null and confirmation_holder(c) is not null)
		then 'outdated' end
	from person p
	left join account a on a.tenant_id = m.tenant_id and a.id = m.account_id
	where p.id = m.person_id
$$;

-- Claims the next mail that is due and can be sent; null: none. Closes those
-- that can't, at most 200 at once. To a disabled person an invitation that a
-- customer ordered counts as sent: the person may be another customer's.
create function mail_next_fit() returns mail
language plpgsql volatile
set search_path from current
as $$
declare
	m mail;
	why text;
begin
	for i in 1..200 loop
		m := mail_next();
		why := mail_unfit(m);
		if m.id is null or why is null then
			return m;
		elsif m.ordered and why = 'disabled' then
			perform mail_sent(m.id);
		else
			perform mail_failed(m.id, why, true);
		end if;
	end loop;
	return null;
end $$;

-- Claims a mail that is due, with a lease of five minutes, for `smartrecord
-- jobs`: one row, or none. token: SHA-256 (hex) of a secret for its link.
-- secret_after: the link without its secret, or null for a mail without a link.
-- base: the service's URL, "https://…", for operators without their own host.
-- queued_ms is in Unix milliseconds. model has the values of the template. Of
-- several notices kind is "notices", and "notices" in model has their values.
create function mail_claim(token text, base text)
returns table (id bigint, kind text, language text, queued_ms bigint,
	email text, secret_after text, model jsonb)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	m mail := mail_next_fit();
	p person;
	o operator;
	a account;
	notices jsonb;
	place text;
	purpose text := mail_purpose(m.kind);
begin
	if m.id is null then
		return;
	end if;
	select * into p from person x where x.id = m.person_id;
	select * into o from operator x where x.id = p.operator_id;
	select x.* into a from account x
	where x.tenant_id = m.tenant_id and x.id = m.account_id;
	notices := mail_merge(m);
	if a.id is null then
		select x.* into a from account_home(p.id) x;
	end if;
	place := mail_place(o, base, purpose = 'confirmation' or exists (
		select from profile r
		where r.tenant_id = a.tenant_id and r.account_id = a.id));
	perform mail_link_add(m, purpose, token);
	return query select m.id, case when notices is null then m.kind else 'notices' end,
		m.language,
		(extract(epoch from m.queued_at) * 1000)::bigint, p.email,
		place || case purpose when 'invitation' then '/invitations/'
			when 'reset' then '/password-resets/'
			when 'confirmation' then '/confirmation-links/' end,
		case when notices is null then m.detail
			else jsonb_build_object('notices', notices) end
		|| jsonb_build_object('name', mail_name(p, m.tenant_id), 'email', p.email,
			'operator', o.name, 'contact', o.contact, 'place', place)
		|| coalesce((select jsonb_build_object('tenant', t.name)
			from tenant t where t.id = m.tenant_id), '{}');
end $$;

-- Marks a mail as sent, with the notices in it, and clears the values of their
-- text. Its link replaces the others of the same person, purpose and customer.
create function mail_sent(mail bigint) returns void
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	m mail;
	l mail_link;
begin
	select x.* into m from mail x where x.id = mail_sent.mail;
	-- first the person, as mail_link_use() does, which deletes links
	perform from person x where x.id = m.person_id for update;
	update mail x set sent_at = now(), detail = '{}'
	where x.person_id = m.person_id and (x.id = m.id or x.carrier = m.id)
	and x.sent_at is null and x.failed is null;
	-- Two mails may be recorded as sent at once: without the locks each would
	-- replace the other's link.
	perform from mail_link x where x.person_id = m.person_id
	order by x.token_hash for update;
	select x.* into l from mail_link x
	where x.person_id = m.person_id and x.mail_id = m.id
	order by x.expires_at desc limit 1;
	update mail_link x set replaced_at = now()
	where l.replaced_at is null and x.person_id = l.person_id
	and x.purpose = l.purpose and x.tenant_id is not distinct from l.tenant_id
	and x.token_hash <> l.token_hash and x.replaced_at is null;
end $$;

-- Marks a mail as failed, with the notices in it. It is tried again after 10 s,
-- 20 s, 40 s… (an hour at most) for a day, a notice for six days, unless never
-- is set.
create function mail_failed(mail bigint, reason text, never boolean)
returns void
language sql volatile security definer
set search_path from current
as $$
	update mail m set
		-- of a mail that failed for good: when
		due = now() + case when o.ended then interval '0'
			else least(interval '10 seconds' * 2 ^ least(m.tries - 1, 12),
			interval '1 hour') end,
		failed = case when o.ended then left(reason, 200) end,
		detail = case when o.ended then '{}' else m.detail end
	from (select x.id, never or x.queued_at < now() - case x.lane
			when 'notice' then interval '6 days' else interval '1 day' end as ended
		from mail x join mail h on h.person_id = x.person_id
			and (x.id = h.id or x.carrier = h.id)
		where h.id = mail_failed.mail and x.sent_at is null and x.failed is null) o
	where m.id = o.id;
$$;

grant execute on function mail_claim(text, text),
	mail_sent(bigint),
	mail_failed(bigint, text, boolean)
	to smartrecord_jobs;
