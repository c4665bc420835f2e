set local role smartrecord_admin;

-- Adds a row about a person, outside of a session, to the access log of the
-- tenant that they sign in to; none when they have no account.
create function audit_person(person int, kind text, detail jsonb) returns void
language sql volatile
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, detail)
	select a.tenant_id, audit_person.kind, a.person_id, a.id, audit_person.detail
	from account_home(audit_person.person) a where a.id is not null;
$$;

-- Stores a request for a link, for the application. Returns 0, or the seconds
-- to wait after 50 requests from this address in 15 minutes, whatever their
-- purpose; nothing is stored then.
create function mail_request_add(purpose text, email text, host text, network text,
	address text, language text) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	wait int := coalesce(ceil(extract(epoch from interval '15 minutes' - (now() - (
		select w.at from mail_request w
		where w.address = mail_request_add.address and w.at > now() - interval '15 minutes'
		order by w.at desc offset 49 limit 1)))), 0);
begin
	if wait = 0 then
		insert into mail_request (purpose, email, email_hash, host, network, address,
			language)
		values (mail_request_add.purpose, mail_request_add.email,
			sign_in_email_hash(mail_request_add.email), lower(mail_request_add.host),
			mail_request_add.network, mail_request_add.address, mail_request_add.language);
	end if;
	return wait;
end $$;

-- Queues the mail of a person with an account, if there is one: a link to
-- choose another password, or an invitation to a person without a password.
create function mail_request_known(p person, w mail_request) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	home account := account_home(p.id);
begin
	if home.id is null then
		return;
	elsif p.password_hash is null then
		if mail_invitations_asked(p.id, home.tenant_id) >= 6 then
			return;
		end if;
		perform mail_queue(p.id, 'invitation', '{}', coalesce(p.language, w.language),
			home.tenant_id, home.id);
		perform audit_person(p.id, 'invitation', '{}');
	else
		perform mail_queue(p.id, case w.purpose when 'reset' then 'password_reset'
			else 'password_exists' end, '{}', coalesce(p.language, w.language));
	end if;
end $$;

-- Queues the invitation of an unclaimed account that somebody asked for with the
-- e-mail of this person.
create function mail_request_unclaimed(person int, a account, language text)
returns void
language plpgsql volatile
set search_path from current
as $$
declare
	p person;
begin
	select * into p from person x where x.id = mail_request_unclaimed.person;
	if p.password_hash is null and mail_invitations_asked(p.id, a.tenant_id) >= 6 then
		return;
	end if;
	perform mail_queue(p.id, case when p.password_hash is null then 'invitation'
		else 'password_exists' end, '{}',
		coalesce(p.language, mail_request_unclaimed.language), a.tenant_id, a.id);
	perform audit_command(a.tenant_id, 'invitation',
		jsonb_build_object('account', a.public_id));
end $$;

-- Queues the mails that a request gives: at most three requests per hour for an
-- e-mail, thirty per hour from a network. Each tenant with an unclaimed account
-- of this e-mail sends its own, whatever other tenants have. A request for
-- another password gives none of those to a person who has an account.
create function mail_request_answer(w mail_request) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	of operator;
	p person;
	a account;
	wanted text := lower(btrim(w.email));
begin
	if (select count(*) from mail_request x where x.email_hash = w.email_hash
		and x.id < w.id and x.at > w.at - interval '1 hour') >= 3
	or (select count(*) from mail_request x where x.network = w.network
		and x.id < w.id and x.at > w.at - interval '1 hour') >= 30 then
		return;
	end if;
	-- As for sign-in: an operator's own host serves its own people only; on
	-- another host each operator with this e-mail sends its own mail.
	for of in select * from operator o
		where w.host in (o.host, o.board_host) or not exists (
			select from operator h where w.host in (h.host, h.board_host))
		order by o.id
	loop
		select * into p from person x where x.operator_id = of.id and x.email = wanted;
		continue when p.disabled_at is not null;
		perform mail_request_known(p, w);
		continue when w.purpose = 'reset' and exists (
			select from account x where x.person_id = p.id);
		for a in select * from accounts_unclaimed(of.id, wanted) loop
			perform mail_request_unclaimed(
				person_of_address(of.id, wanted), a, w.language);
		end loop;
	end loop;
end $$;

-- Answers the stored requests, at most 100, and clears their e-mail, for
-- `smartrecord jobs`. Returns how many.
create function mail_requests_answer() returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	w mail_request;
	n int := 0;
begin
	for w in select * from mail_request x where x.email is not null
		order by x.id limit 100 for update skip locked
	loop
		perform mail_request_answer(w);
		update mail_request set email = null where id = w.id;
		n := n + 1;
	end loop;
	return n;
end $$;

-- Mails an invitation to the e-mail of an account; a reminder when its person
-- has a password already and has not used this account yet. Returns
-- {"outcome"}: "changed", "missing" (no such account) or "refused" with "why":
-- "no-email", "disabled", "exists".
create function onepass_invite(tenant int, account int) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	a account;
	p person;
	why text;
begin
	select * into a from account x
	where x.tenant_id = onepass_invite.tenant and x.id = onepass_invite.account;
	if a.id is null then
		return jsonb_build_object('outcome', 'missing');
	end if;
	select * into p from person x where x.id = a.person_id;
	why := onepass_uninvitable(a, p);
	if why is not null then
		return jsonb_build_object('outcome', 'refused', 'why', why);
	end if;
	a.person_id := coalesce(a.person_id, person_of_address(
		(select t.operator_id from tenant t where t.id = a.tenant_id), a.email));
	select * into p from person x where x.id = a.person_id;
	perform mail_queue(p.id, case when p.password_hash is null then 'invitation'
		else 'password_exists' end, tenant => a.tenant_id, account => a.id,
		ordered => true);
	return jsonb_build_object('outcome', 'changed');
end $$;

-- Returns the account that a link of a person joins to them, or null. An
-- invitation of an earlier release names none: it is the only account with their
-- e-mail that nobody has claimed, for a person who has none.
create function mail_link_account(l mail_link, p person) returns account
language sql stable
set search_path from current
as $$
select a.* from account a
	where a.tenant_id = l.tenant_id and a.id = l.account_id
union all
select o.* from (
		select a as found, count(*) over () as n
		from accounts_unclaimed(p.operator_id, p.email) a
	) u, lateral (select (u.found).*) o
	where u.n = 1 and l.account_id is null and l.purpose = 'invitation'
	and not exists (select from account h where h.person_id = p.id)
$$;

-- Returns the person of a link (token: SHA-256 of its secret, hex) for a
-- purpose, by the name that the link's account gives them; no row when it was
-- used, has expired, or its account has another e-mail now. Does not use it up:
-- mail scanners open links too.
create function mail_link_find(token text, purpose text)
returns table (person_id int, name text, email text)
language sql stable security definer
set search_path from current
as $$
	select p.id, coalesce(account_name(a), account_name(h), p.email), p.email
	from mail_link l join person p on p.id = l.person_id
	cross join mail_link_account(l, p) a,
	account_home(p.id) h
	where l.token_hash = decode(mail_link_find.token, 'hex')
	and l.purpose = mail_link_find.purpose and l.replaced_at is null
	and l.expires_at > now() and p.disabled_at is null
	and (l.account_id is null or account_claimable(a, p.email));
$$;

-- Sets a password (hash) with a link (token: SHA-256 of its secret, hex), joins
-- the link's account to its person, and deletes all links and sessions of the
-- person. Returns the person's id and the tenant of the link's account (null:
-- their home), or no row when mail_link_find() gives none.
create function mail_link_use(token text, purpose text, hash text)
returns table (person_id int, tenant_id int)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
	l mail_link;
	p person;
	a account;
begin
	-- first the person, as mail_sent() does
	select x.* into p from person x
	where x.disabled_at is null and x.id = (
		select y.person_id from mail_link y
		where y.token_hash = decode(mail_link_use.token, 'hex')) for update;
	delete from mail_link x
	where x.token_hash = decode(mail_link_use.token, 'hex')
	and x.purpose = mail_link_use.purpose and x.replaced_at is null
	and x.expires_at > now() and x.person_id = p.id
	returning x.* into l;
	a := mail_link_account(l, p);
	perform from account x where x.tenant_id = a.tenant_id and x.id = a.id for update;
	select x.* into a from account x where x.tenant_id = a.tenant_id and x.id = a.id;
	if l.person_id is null or (l.account_id is not null or a.id is not null)
		and account_claimable(a, p.email) is not true then
		return;
	end if;
	update person x set password_hash = mail_link_use.hash where x.id = p.id;
	delete from mail_link x where x.person_id = p.id;
	delete from session s where s.person_id = p.id;
	if a.id is not null then
		perform account_claim(a, p.id);
		insert into audit (tenant_id, kind, person_id, account_id, detail)
		values (a.tenant_id, 'password', p.id, a.id,
			jsonb_build_object('how', mail_link_use.purpose));
	else
		perform audit_person(p.id, 'password', jsonb_build_object('how',
			mail_link_use.purpose));
	end if;
	if p.password_hash is not null then
		perform mail_queue(p.id, 'password_changed', '{}');
	end if;
	return query select p.id, a.tenant_id;
end $$;

-- Sets the password (hash) of the request's person, gives their session a new
-- token (SHA-256, hex), and deletes their other sessions and their links.
-- SR403: the session has ended.
create function password_change(hash text, token text) returns void
language plpgsql volatile security definer
set search_path from current
as $$
begin
	update person set password_hash = password_change.hash
	where id = app_person();
	update session set token_hash = decode(password_change.token, 'hex')
	where id = app_session() and person_id = app_person();
	if not found then	-- ended, perhaps by another change of password
		raise exception using errcode = 'SR403',
			message = 'Le mot de passe a changé entre-temps. Reconnectez-vous.';
	end if;
	delete from session where person_id = app_person() and id <> app_session();
	delete from mail_link where person_id = app_person();
	perform audit_record('password', null, null, '{"how": "change"}');
	perform mail_queue(app_person(), 'password_changed', '{}');
end $$;

grant execute on function mail_request_add(text, text, text, text, text, text),
	mail_link_find(text, text),
	mail_link_use(text, text, text),
	password_change(text, text)
	to smartrecord_app;

grant execute on function mail_requests_answer()
	to smartrecord_jobs;
