set local role smartrecord_admin;

-- Returns the SHA-256 (32 bytes) of an e-mail in lower case, without blanks
-- around it.
create function sign_in_email_hash(email text) returns bytea
language sql immutable
as $$
select sha256(convert_to(lower(btrim(email)), 'UTF8'))
$$;

-- Returns the hash under which the failures for an e-mail count: those of
-- browsers known for its person apart from all others, so that no number of
-- other attempts, however many at once, stops a known browser.
create function sign_in_lane(email text, known boolean) returns bytea
language sql immutable
as $$
select case when known
	then sha256(convert_to(lower(btrim(email)) || ' known', 'UTF8'))
	else sign_in_email_hash(email) end
$$;

-- Returns the seconds to wait before another attempt; 0: none. Limits per 15
-- minutes: 11 failures for an e-mail from a network (41 from browsers known
-- for its person), and 51 failures for any e-mails from a network (/24 of IPv4,
-- /64 of IPv6), unless the browser is known. An attempt counts as failed until
-- its password was checked: of those of the last ten seconds a network may have
-- 100 more, as an office where many sign in at once.
create function sign_in_wait(email text, network text, known boolean)
returns int
language sql stable
as $$
select coalesce(ceil(extract(epoch from interval '15 minutes' - (now() - greatest(
	(select f.at from sign_in_failure f
	where f.email_hash = sign_in_lane(sign_in_wait.email, known)
	and f.network = sign_in_wait.network and f.at > now() - interval '15 minutes'
	order by f.at desc offset case when known then 40 else 10 end limit 1),
	(select f.at from sign_in_failure f
	where not known and f.network = sign_in_wait.network
	and f.at > now() - interval '15 minutes'
	and f.at <= now() - interval '10 seconds'
	order by f.at desc offset 50 limit 1),
	(select f.at from sign_in_failure f
	where not known and f.network = sign_in_wait.network
	and f.at > now() - interval '15 minutes'
	order by f.at desc offset 150 limit 1))))), 0)::int
$$;

-- Returns one row for the application, also for an unknown e-mail, so that both
-- cost the same work: person and hash are null then. device is the SHA-256 of
-- the browser's token (hex), or ''.
create function sign_in_begin(email text, host text, network text,
	address text, device text)
returns table (person_id int, password_hash text, known_device boolean,
	wait_seconds int)
language plpgsql stable security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	found person;
	known boolean;
begin
	-- the host of an operator serves that operator's people only
	select p.* into found from person p
	left join operator o on lower(sign_in_begin.host) in (o.host, o.board_host)
	where p.email = lower(btrim(sign_in_begin.email)) and p.disabled_at is null
	and (o.id is null or p.operator_id = o.id)
	order by p.password_hash is null, p.id limit 1;
	known := device <> '' and exists (
		select from device d
		where d.token_hash = decode(sign_in_begin.device, 'hex')
		and d.person_id = found.id);
	return query select found.id, found.password_hash, known,
		sign_in_wait(email, network, known);
end $$;

-- Adds an attempt of a kind, and returns true, unless the person made `most` of
-- them within the last minutes.
create function person_attempt_add(person int, kind text, most int, minutes int)
returns boolean
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
begin
	-- one at a time per person: each sees the previous one
	perform pg_advisory_xact_lock(hashtext('person_attempt_add'), person);
	insert into person_attempt (person_id, kind)
	select person, kind
	from person_attempt a
	where a.person_id = person and a.kind = kind
	and a.at > clock_timestamp() - make_interval(mins => minutes)
	having count(*) < most;
	return found;
end $$;

-- May the check of this person's password use the lane of known browsers? Five
-- times in ten minutes, from whichever browser: a person who signs in often as
-- themselves must not fill the lane of others.
create function password_lane(person int) returns boolean
language sql volatile
set search_path from current
as $$
select person_attempt_add(person, 'known', 5, 10)
$$;

-- Counts an attempt as failed, unless others have made it wait since
-- sign_in_begin(): wait_seconds is as of sign_in_wait() then, else 0. lane: may
-- its check use the lane of known browsers? person: the one whose known browser
-- it is, or null.
create function sign_in_failed(email text, network text, address text, person int)
returns table (lane boolean, wait_seconds int)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	known boolean := person is not null;
begin
	-- one at a time, so that each sees those before
	perform pg_advisory_xact_lock(hashtext('sign_in_failed'),
		hashtext(encode(sign_in_lane(email, known), 'hex') || network));
	lane := false;
	wait_seconds := sign_in_wait(email, network, known);
	if wait_seconds = 0 then
		insert into sign_in_failure (email_hash, network, address)
		values (sign_in_lane(email, known), network, address);
		lane := known and password_lane(person);
	end if;
	return next;
end $$;

-- Marks the account as used, and returns what the response to a new session
-- shows: {"person": {"id", "name", "email", "language"}, "tenant": {"id",
-- "name"}, "account": {"id"}, "profiles": [], "home": "console" or "board"}.
create function session_begun(who person, chosen account) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	sites text := account_sites(chosen.tenant_id, chosen.id);
	administers boolean := account_administers(chosen.tenant_id, chosen.id);
begin
	update account a set entered = true
	where a.tenant_id = chosen.tenant_id and a.id = chosen.id and not a.entered;
	return jsonb_build_object(
		'person', jsonb_build_object('id', who.public_id, 'name', account_name(chosen),
			'email', who.email, 'language', who.language),
		'tenant', (select jsonb_build_object('id', t.public_id, 'name', t.name)
			from tenant t where t.id = chosen.tenant_id),
		'account', jsonb_build_object('id', chosen.public_id),
		'profiles', to_jsonb(array_remove(array['user',
			case when sites <> '' then 'supervisor' end,
			case when administers then 'administrator' end], null)),
		'home', case when sites <> '' or administers
			then 'console' else 'board' end);
end $$;

-- Ends all but the newest 20 living sessions of a person. The access log of each
-- tenant gets those at it.
create function sessions_cap(person int) returns void
language sql volatile
set search_path from current
as $$
	with ended as (
		delete from session s where s.token_hash in (
			select n.token_hash from session n
			where n.person_id = sessions_cap.person and n.expires_at > now()
			and n.last_seen_at > now() - interval '30 minutes'
			order by n.created_at desc, n.id offset 20)
		returning s.tenant_id, s.account_id
	)
	insert into audit (tenant_id, kind, person_id, account_id, detail)
	select e.tenant_id, 'session_end', sessions_cap.person, e.account_id,
		jsonb_build_object('sessions', count(*))
	from ended e group by e.tenant_id, e.account_id;
$$;

-- Opens a session at the person's account of a tenant, or at their home (null),
-- and returns session_begun(). It replaces the session with the token
-- `replaced` ('': none), whoever's it was: its browser drops that token. Of more
-- than 20 sessions the oldest end. token, device and replaced are SHA-256 in hex
-- (device '': none). hash is that of the password that was right, or null when
-- none was checked. SR403: the password has changed since the check (a person
-- who knows only the old one must not get in), or the person has no account.
create function session_create(person int, token text, device text,
	address text, agent text, hash text, replaced text,
	tenant int default null)
returns jsonb
language plpgsql security definer
set search_path from current
as $$
declare
	who person;
	chosen account;
begin
	-- one sign-in at a time per person, so that sessions_cap() sees the others
	select p.* into who from person p
	where p.id = person and p.disabled_at is null for no key update;
	if who.password_hash <> hash then
		raise exception using errcode = 'SR403',
			message = 'Le mot de passe a changé entre-temps. Reconnectez-vous.';
	end if;
	select a.* into chosen from account a
	where a.person_id = who.id and a.tenant_id = session_create.tenant;
	if chosen.id is null then
		select h.* into chosen from account_home(who.id) h;
	end if;
	if chosen.id is null then
		raise exception using errcode = 'SR403',
			message = 'Votre compte OnePass n’est rattaché à aucun client.';
	end if;
	delete from session s where s.token_hash = decode(replaced, 'hex');
	insert into session (token_hash, person_id, tenant_id, account_id, several,
		address, agent, begun_sites, begun_administrator)
	values (decode(token, 'hex'), who.id, chosen.tenant_id, chosen.id,
		account_others(who.id, chosen.tenant_id) is not null,
		address, left(agent, 300),
		account_sites(chosen.tenant_id, chosen.id),
		account_administers(chosen.tenant_id, chosen.id));
	perform sessions_cap(who.id);
	if session_create.device <> '' then
		insert into device (token_hash, person_id)
		values (decode(session_create.device, 'hex'), who.id)
		on conflict on constraint device_pkey
		do update set last_used_at = now();
	end if;
	delete from sign_in_failure f
	where f.email_hash in (sign_in_lane(who.email, false),
		sign_in_lane(who.email, true))
	and f.address = session_create.address;
	return session_begun(who, chosen);
end $$;

-- Stores the hash of the prepared form of a password instead of one of it as it
-- was typed: the password stays the same. Nothing when it was changed meanwhile,
-- or renewed is null or ''.
create function password_renew(person int, hash text, renewed text) returns void
language sql volatile security definer
set search_path from current
as $$
	update person p set password_hash = password_renew.renewed
	where p.id = password_renew.person and p.password_hash = password_renew.hash
	and password_renew.renewed <> '';
$$;

-- Ends the session of a token (SHA-256, hex), if there is one.
create function session_delete(token text) returns void
language sql security definer
set search_path from current
as $$
	delete from session where token_hash = decode(token, 'hex');
$$;

-- Moves the session of the request's person to another of their tenants, under
-- a new token (SHA-256, hex) and id; its absolute end stays. Requests still
-- running under the old id lose their session. Returns session_begun(), or null
-- when the person has no account there. The log of the tenant left gets a
-- session_end, without the name of the other tenant.
create function session_switch(tenant uuid, token text) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	who person;
	chosen account;
begin
	select p.* into who from person p
	where p.id = app_person() and p.disabled_at is null for share;
	select a.* into chosen from account a join tenant t on t.id = a.tenant_id
	where a.person_id = who.id and t.public_id = session_switch.tenant
	and t.id <> app_tenant();
	if not found then
		return null;
	end if;
	-- An update, not a new row: a statement that ends all sessions of the
	-- person at the same moment must end this one too.
	update session s set token_hash = decode(session_switch.token, 'hex'),
		id = gen_random_uuid(), tenant_id = chosen.tenant_id,
		account_id = chosen.id, several = true,
		begun_sites = account_sites(chosen.tenant_id, chosen.id),
		begun_administrator = account_administers(chosen.tenant_id, chosen.id),
		created_at = now(), last_seen_at = now()
	where s.id = app_session() and s.person_id = who.id;
	if not found then
		return null;
	end if;
	perform audit_record('session_end', detail => '{"sessions": 1}');
	return session_begun(who, chosen);
end $$;

-- Returns one row: the hash of the password of the request's person; whether
-- they must wait, after ten wrong ones in 15 minutes in all their sessions.
-- Counts a wrong one when they need not wait; password_was_right() removes it.
create function password_again()
returns table (password_hash text, waits boolean)
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_variable
declare
	who person;
begin
	select p.* into who from person p
	where p.id = app_person() and p.disabled_at is null;
	password_hash := who.password_hash;
	waits := not person_attempt_add(app_person(), 'again', 10, 15);
	return next;
end $$;

-- Removes the wrong passwords of the request's person.
create function password_was_right() returns void
language sql volatile security definer
set search_path from current
as $$
	delete from person_attempt a
	where a.person_id = app_person() and a.kind = 'again';
$$;

-- Adds a sign-in to the access log: the session of this token (SHA-256, hex).
create function audit_signed_in(token text, address text) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
	select s.tenant_id, 'sign_in', s.person_id, s.account_id, s.id,
		jsonb_build_object('address', audit_signed_in.address)
	from session s where s.token_hash = decode(audit_signed_in.token, 'hex');
$$;

-- Adds a wrong password to the access log of the tenant that the person would
-- have signed in to.
create function audit_sign_in_failed(person int, address text) returns void
language sql volatile security definer
set search_path from current
as $$
	insert into audit (tenant_id, kind, person_id, account_id, detail)
	select a.tenant_id, 'sign_in_failed', a.person_id, a.id,
		jsonb_build_object('address', audit_sign_in_failed.address)
	from account_home(audit_sign_in_failed.person) a where a.id is not null;
$$;

grant execute on function sign_in_begin(text, text, text, text, text),
	sign_in_failed(text, text, text, int),
	session_create(int, text, text, text, text, text, text, int),
	password_renew(int, text, text),
	session_delete(text),
	audit_signed_in(text, text),
	audit_sign_in_failed(int, text),
	password_again(),
	password_was_right(),
	session_switch(uuid, text)
	to smartrecord_app;
