-- migrate:up
-- OnePass by oneself: an account asked for, a password forgotten or changed,
-- one's own sessions. What a stranger asks for is only written down, the same
-- for every address; `smartrecord jobs` finds out what comes of it.

set role smartrecord_admin;

create index account_email on account (lower(email)) where email <> '';

-- What was asked for on a page open to all, kept for a day; the address in
-- clear only until jobs has looked at it.
create table mail_wish (
	id		bigint generated always as identity primary key,
	purpose		text not null check (purpose in ('invitation', 'reset')),
	email		text,
	email_hash	bytea not null,
	host		text not null,
	network		text not null,
	address		text not null,
	language	text not null check (language in ('fr', 'en')),
	at		timestamptz not null default now()
);
create index on mail_wish (id) where email is not null;
create index on mail_wish (email_hash, at);
create index on mail_wish (network, at);
create index on mail_wish (address, at);
create index on mail_wish (at);

alter table mail_wish enable row level security;
alter table mail_wish force row level security;
create policy commands on mail_wish to smartrecord_admin using (true);
create policy upkeep on mail_wish to smartrecord_jobs using (true);
grant select (at), delete on mail_wish to smartrecord_jobs;

-- Writes a wish down; answers how many seconds to wait instead, after 50 from
-- this address in 15 minutes, whatever they were for.
create function mail_wish_add(purpose text, email text, host text, network text,
	address text, language text) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	wait int := coalesce(ceil(extract(epoch from interval '15 minutes' - (now() - (
		select w.at from mail_wish w
		where w.address = mail_wish_add.address and w.at > now() - interval '15 minutes'
		order by w.at desc offset 49 limit 1)))), 0);
begin
	if wait = 0 then
		insert into mail_wish (purpose, email, email_hash, host, network, address,
			language)
		values (mail_wish_add.purpose, mail_wish_add.email,
			sign_in_email_hash(mail_wish_add.email), lower(mail_wish_add.host),
			mail_wish_add.network, mail_wish_add.address, mail_wish_add.language);
	end if;
	return wait;
end $$;

-- The person behind an e-mail of an operator's accounts, made if there is
-- none yet; accounts that bear it become theirs, one of each customer. Null:
-- no account does.
create function onepass_person(operator int, email text) returns int
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
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

-- Something that a person did, or that was done for them, outside of a
-- session: in the log of the customer that they sign in to.
create function audit_person(person int, kind text, detail jsonb) returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into audit (tenant_id, kind, person_id, account_id, detail)
	select a.tenant_id, audit_person.kind, a.person_id, a.id, audit_person.detail
	from account_home(audit_person.person) a where a.id is not null;
end;

-- What comes of a wish: a mail, or nothing. Three an hour for an address,
-- thirty from a network.
create function mail_wish_grant(w mail_wish) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	of operator;
	p person;
	who int;
	sent text;
begin
	if (select count(*) from mail_wish x where x.email_hash = w.email_hash
		and x.id < w.id and x.at > w.at - interval '1 hour') >= 3
	or (select count(*) from mail_wish x where x.network = w.network
		and x.id < w.id and x.at > w.at - interval '1 hour') >= 30 then
		return;
	end if;
	-- as for sign-in: an operator's own host knows its people only; elsewhere
	-- each operator answers for its own, whoever else names the address
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
		perform mail_queue(p.id, sent, '{}', coalesce(p.language, w.language));
		if sent = 'invitation' then
			perform audit_person(p.id, 'invitation', '{}');
		end if;
	end loop;
end $$;

-- Looks at what was wished for; answers how many wishes.
create function mail_wishes() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	w mail_wish;
	n int := 0;
begin
	for w in select * from mail_wish x where x.email is not null
		order by x.id limit 100 for update skip locked
	loop
		perform mail_wish_grant(w);
		update mail_wish set email = null where id = w.id;
		n := n + 1;
	end loop;
	return n;
end $$;

-- An invitation to the person of an account (a reminder, for who is at home at
-- another customer's and has not come yet); outcome as commands say it:
-- "changed"; "missing", no such account; "refused", with "why": no-email,
-- disabled, exists.
create function onepass_invite(tenant int, account int) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
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
	why := case when p.id is null then 'no-email'
		when not account_used(a, p) then null
		when p.disabled_at is not null then 'disabled'
		when p.password_hash is not null then 'exists' end;
	if why is not null then
		return jsonb_build_object('outcome', 'refused', 'why', why);
	end if;
	perform mail_queue(p.id, case when p.password_hash is null then 'invitation'
		else 'password_exists' end, '{}');
	return jsonb_build_object('outcome', 'changed');
end $$;

-- The same by an administrator of the request's customer.
create function account_invite(account int) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	answer jsonb := onepass_invite(app_tenant(), account);
begin
	if answer ->> 'outcome' = 'changed' then
		perform audit_record('invitation', null, null,
			jsonb_build_object('account', account));
	end if;
	return answer;
end $$;

-- Whose link this is (SHA-256 of its secret, hex), for a purpose; no row: it
-- is nobody's any more. Looking does not use it up: mail scanners look too.
create function mail_link_find(token text, purpose text)
returns table (person_id int, name text, email text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select p.id, p.name, p.email
	from mail_link l join person p on p.id = l.person_id
	where l.token_hash = decode(mail_link_find.token, 'hex')
	and l.purpose = mail_link_find.purpose
	and l.expires_at > now() and p.disabled_at is null;
end;

-- Uses a link up for a new password: whose it is now, or null. All links and
-- sessions of theirs are over.
create function mail_link_use(token text, purpose text, hash text) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	who int;
begin
	delete from mail_link l
	where l.token_hash = decode(mail_link_use.token, 'hex')
	and l.purpose = mail_link_use.purpose and l.expires_at > now()
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

-- The request's person chooses another password. Their other sessions end,
-- as do links; this one goes on under another token (SHA-256, hex).
create function password_change(hash text, token text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
	update person set password_hash = password_change.hash
	where id = app_person();
	update session set token_hash = decode(password_change.token, 'hex')
	where id = app_session() and person_id = app_person();
	if not found then	-- it has ended, perhaps by another new password
		raise exception using errcode = 'SR403',
			message = 'Le mot de passe a changé entre-temps. Reconnectez-vous.';
	end if;
	delete from session where person_id = app_person() and id <> app_session();
	delete from mail_link where person_id = app_person();
	perform audit_record('password', null, null, '{"how": "change"}');
	perform mail_queue(app_person(), 'password_changed', '{}');
end $$;

-- The request's person goes on at another of their customers': the same
-- session, which ends when it would have, under another token (SHA-256, hex)
-- and id; what still runs of the old one ends with it. Null: they have no
-- account there. To the customer left it is an end, and not said whither.
create function session_switch(tenant int, token text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	who person;
	chosen account;
begin
	select p.* into who from person p
	where p.id = app_person() and p.disabled_at is null for share;
	select a.* into chosen from account a
	where a.person_id = who.id and a.tenant_id = session_switch.tenant
	and a.tenant_id <> app_tenant();
	if not found then
		return null;
	end if;
	-- a row that is changed, not made: who ends all of a person's sessions at
	-- this very moment ends it as well
	update session s set token_hash = decode(session_switch.token, 'hex'),
		id = gen_random_uuid(), tenant_id = chosen.tenant_id,
		account_id = chosen.id, several = true,
		created_at = now(), last_seen_at = now()
	where s.id = app_session() and s.person_id = who.id;
	if not found then
		return null;
	end if;
	perform audit_record('session_end', detail => '{"sessions": 1}');
	return session_begun(who, chosen);
end $$;

-- One's own sessions, the one at hand first: {"items": []}. Of all one's
-- customers: one person, one password, and whoever else is in is in with it.
create function own_sessions() returns jsonb
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
		'id', s.id,
		'current', s.id = app_session(),
		'address', s.address,
		'agent', s.agent,
		'signed_in_at', rfc3339(s.created_at),
		'last_seen_at', rfc3339(s.last_seen_at))
		order by s.id = app_session() desc, s.last_seen_at desc, s.id), '[]'))
	from session s
	where s.person_id = app_person() and s.expires_at > now()
	and s.last_seen_at > now() - interval '30 minutes';
end;

-- Ends one of one's own sessions, or (null) all but this one; answers how
-- many. Each customer's log has those that were there.
create function own_sessions_end(session uuid) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	n int;
begin
	with ended as (
		delete from session s where s.person_id = app_person()
		and case when own_sessions_end.session is null then s.id <> app_session()
			else s.id = own_sessions_end.session end
		returning s.tenant_id, s.account_id
	), noted as (
		insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
		select e.tenant_id, 'session_end', app_person(), e.account_id,
			case when e.tenant_id = app_tenant() then app_session() end,
			jsonb_build_object('sessions', count(*))
		from ended e group by e.tenant_id, e.account_id
	)
	select count(*) into n from ended;
	return n;
end $$;

grant execute on function mail_wish_add(text, text, text, text, text, text),
	account_invite(int), mail_link_find(text, text),
	mail_link_use(text, text, text), password_change(text, text),
	own_sessions(), own_sessions_end(uuid), session_switch(int, text)
	to smartrecord_app;
grant execute on function mail_wishes() to smartrecord_jobs;

reset role;
