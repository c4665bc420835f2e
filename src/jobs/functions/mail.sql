set local role smartrecord_admin;

-- Claims a mail that is due, with a lease of five minutes, for `smartrecord
-- jobs`: one row, or none. token: SHA-256 (hex) of a secret for its link.
-- secret_after: the link without its secret, or null for a mail without a link.
-- base: the service's URL, "https://…", for operators without their own host.
-- queued_ms is in Unix milliseconds. model has the values of the template.
create function mail_claim(token text, base text)
returns table (id bigint, kind text, language text, queued_ms bigint,
	email text, secret_after text, model jsonb)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	m mail;
	p person;
	o operator;
	console boolean;
	place text;
	purpose text;
begin
	update mail x set tries = x.tries + 1, due = now() + interval '5 minutes'
	where x.id = (
		select y.id from mail y
		where y.sent_at is null and y.failed is null and y.due <= now()
		order by y.due, y.id limit 1 for update skip locked)
	returning x.* into m;
	if m.id is null then
		return;
	end if;
	select * into p from person x where x.id = m.person_id;
	if p.disabled_at is not null then
		perform mail_failed(m.id, 'disabled', true);
		return;
	end if;
	select * into o from operator x where x.id = p.operator_id;
	-- the home of supervisors and administrators is the console
	console := exists (
		select from account_home(p.id) a join profile r on r.tenant_id = a.tenant_id
			and r.account_id = a.id);
	place := coalesce(regexp_replace(base, '^(https://)(\[[^]]*\]|[^/:]+)', '\1'
			|| case when console then o.host else coalesce(o.board_host, o.host) end),
			base)
		|| case when console then '/console' else '/board' end;
	purpose := case
		when m.kind = 'invitation' then 'invitation'
		when m.kind in ('password_reset', 'password_exists') then 'reset' end;
	insert into mail_link (token_hash, person_id, purpose, expires_at)
	select decode(token, 'hex'), p.id, purpose, now() + case purpose
		when 'invitation' then interval '72 hours' else interval '30 minutes' end
	where purpose is not null;
	return query select m.id, m.kind, m.language,
		(extract(epoch from m.queued_at) * 1000)::bigint, p.email,
		case purpose when 'invitation' then place || '/invitations/'
			when 'reset' then place || '/password-resets/' end,
		m.detail || jsonb_build_object('name', p.name, 'email', p.email,
			'operator', o.name, 'contact', o.contact, 'place', place);
end $$;

-- Marks a mail as sent, and clears the values of its text.
create function mail_sent(mail bigint) returns void
language sql volatile security definer
set search_path from current
as $$
	update mail set sent_at = now(), detail = '{}' where id = mail_sent.mail;
$$;

-- Marks a mail as failed. It is tried again after 10 s, 20 s, 40 s… (an hour at
-- most) for a day, unless never is set.
create function mail_failed(mail bigint, reason text, never boolean)
returns void
language sql volatile security definer
set search_path from current
as $$
	update mail m set
		due = now() + least(interval '10 seconds' * 2 ^ least(m.tries - 1, 12),
			interval '1 hour'),
		failed = case when o.ended then left(reason, 200) end,
		detail = case when o.ended then '{}' else m.detail end
	from (select x.id, never or x.queued_at < now() - interval '1 day' as ended
		from mail x where x.id = mail_failed.mail) o
	where m.id = o.id;
$$;

grant execute on function mail_claim(text, text),
	mail_sent(bigint),
	mail_failed(bigint, text, boolean)
	to smartrecord_jobs;
