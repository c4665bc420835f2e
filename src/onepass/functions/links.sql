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

-- Returns the id of the person with this e-mail among an operator's accounts,
-- and creates the person if needed. Attaches the accounts with this e-mail to
-- the person, one per tenant. Null when no account has this e-mail.
create function onepass_person(operator int, email text) returns int
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
declare
	wanted text := lower(btrim(email));
	found int;
begin
	insert into person (operator_id, home_id, email, name)
	select operator, a.tenant_id, wanted,
		coalesce(nullif(btrim(a.first_name || ' ' || a.last_name), ''), wanted)
	from account a join tenant t on t.id = a.tenant_id
	where t.operator_id = operator and lower(a.email) = wanted
	and a.person_id is null
	order by a.tenant_id, a.id limit 1
	on conflict on constraint person_operator_id_email_key do nothing;
	select p.id into found from person p
	where p.operator_id = operator and p.email = wanted;
	update account a set person_id = found
	from (
		select distinct on (b.tenant_id) b.tenant_id, b.id
		from account b join tenant t on t.id = b.tenant_id
		where t.operator_id = operator and lower(b.email) = wanted
		and b.person_id is null
		and not exists (select from account o
			where o.tenant_id = b.tenant_id and o.person_id = found)
		order by b.tenant_id, b.id
	) mine
	where a.tenant_id = mine.tenant_id and a.id = mine.id;
	return (select a.person_id from account a where a.person_id = found limit 1);
end $$;

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

-- Queues the mail that a request gives, if any: at most three per hour for an
-- e-mail, thirty per hour from a network.
create function mail_request_answer(w mail_request) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	of operator;
	p person;
	who int;
	sent text;
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
		who := onepass_person(of.id, w.email);
		select * into p from person x where x.id = who and x.disabled_at is null;
		continue when not found;
		sent := case when p.password_hash is null then 'invitation'
			when w.purpose = 'reset' then 'password_reset' else 'password_exists' end;
		continue when sent = 'invitation' and mail_invitations_asked(p.id) >= 6;
		perform mail_queue(p.id, sent, '{}', coalesce(p.language, w.language));
		if sent = 'invitation' then
			perform audit_person(p.id, 'invitation', '{}');
		end if;
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

-- Mails an invitation to the person of an account; a reminder when they have a
-- password already and have not used this account yet. Returns {"outcome"}:
-- "changed", "missing" (no such account) or "refused" with "why": "no-email",
-- "disabled", "exists".
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
	if a.person_id is null and a.email ~ '^[^@\s]+@[^@\s]+$' then
		perform onepass_person((select t.operator_id from tenant t
			where t.id = a.tenant_id), a.email);
		select x.person_id into a.person_id from account x
		where x.tenant_id = a.tenant_id and x.id = a.id;
	end if;
	select * into p from person x where x.id = a.person_id;
	why := onepass_uninvitable(a, p);
	if why is not null then
		return jsonb_build_object('outcome', 'refused', 'why', why);
	end if;
	perform mail_queue(p.id, case when p.password_hash is null then 'invitation'
		else 'password_exists' end, tenant => a.tenant_id, ordered => true);
	return jsonb_build_object('outcome', 'changed');
end $$;

-- Returns the person of a link (token: SHA-256 of its secret, hex) for a
-- purpose; no row when it was used or has expired. Does not use it up: mail
-- scanners open links too.
create function mail_link_find(token text, purpose text)
returns table (person_id int, name text, email text)
language sql stable security definer
set search_path from current
as $$
	select p.id, p.name, p.email
	from mail_link l join person p on p.id = l.person_id
	where l.token_hash = decode(mail_link_find.token, 'hex')
	and l.purpose = mail_link_find.purpose and l.replaced_at is null
	and l.expires_at > now() and p.disabled_at is null;
$$;

-- Sets a password (hash) with a link (token: SHA-256 of its secret, hex), and
-- deletes all links and sessions of its person. Returns the person's id, or
-- null when the link was used or has expired.
create function mail_link_use(token text, purpose text, hash text) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	who int;
begin
	delete from mail_link l
	where l.token_hash = decode(mail_link_use.token, 'hex')
	and l.purpose = mail_link_use.purpose and l.replaced_at is null
	and l.expires_at > now()
	returning l.person_id into who;
	update person p set password_hash = mail_link_use.hash
	where p.id = who and p.disabled_at is null
	returning p.id into who;
	if who is null then
		return null;
	end if;
	delete from mail_link l where l.person_id = who;
	delete from session s where s.person_id = who;
	perform audit_person(who, 'password', jsonb_build_object('how',
		mail_link_use.purpose));
	if mail_link_use.purpose = 'reset' then
		perform mail_queue(who, 'password_changed', '{}');
	end if;
	return who;
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
