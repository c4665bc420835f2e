set local role smartrecord_admin;

-- Have the rights of an account grown? Rights are those of account_sites() and
-- account_administers(), first when they were looked at before.
create function rights_grown(sites text, administers boolean, sites_now text,
	administers_now boolean) returns boolean
language sql immutable
as $$
select administers_now and not administers
	or sites_now <> '' and sites <> 'all' and case
		when sites = '' or sites_now = 'all' then true
		else not sites_now::int[] <@ sites::int[] end
$$;

-- The person, tenant, account and current rights of a session. token is the
-- SHA-256 of the token, hex. No row when the session is unknown, has ended, or
-- its person is disabled. A session whose rights grow ends: whoever has its
-- token must not get rights that it was not opened with. For a day its row has
-- only the tenant and `ended` 'rights', for the page that says why.
create function session_find(token text)
returns table (session_id uuid, person_id int, person_public_id uuid, name text,
	email text, language text, tenant_id int, tenant_public_id uuid,
	tenant_name text, time_zone text, account_id int,
	supervisor boolean, administrator boolean, sites text, others jsonb,
	ended text)
language plpgsql security definer rows 1
set search_path from current
as $$
#variable_conflict use_column
declare
	found session;
	now_sites text;
	now_administers boolean;
begin
	select s.* into found from session s
	where s.token_hash = decode(token, 'hex')
	and (s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes'
		or s.ended is not null);
	if found.id is null then
		return;
	end if;
	now_sites := account_sites(found.tenant_id, found.account_id);
	now_administers := account_administers(found.tenant_id, found.account_id);
	if found.ended is null and rights_grown(found.begun_sites,
		found.begun_administrator, now_sites, now_administers) then
		update session s set ended = 'rights', expires_at = now()
		where s.token_hash = found.token_hash;
		found.ended := 'rights';
	end if;
	if found.ended is not null then
		tenant_id := found.tenant_id;
		ended := found.ended;
		return next;
		return;
	end if;
	-- rights that were withdrawn are gained anew when they come back
	if (found.begun_sites, found.begun_administrator)
		is distinct from (now_sites, now_administers) then
		update session s set begun_sites = now_sites,
			begun_administrator = now_administers
		where s.token_hash = found.token_hash;
	end if;
	-- once per minute at most: a page makes up to twenty requests
	if found.last_seen_at < now() - interval '1 minute' then
		update session s set last_seen_at = now()
		where s.token_hash = found.token_hash;
	end if;
	if found.several then
		others := account_others(found.person_id, found.tenant_id);
	end if;
	return query
	select found.id, p.id, p.public_id, account_name(a), p.email, p.language, t.id,
		t.public_id, t.name, t.time_zone, a.id, now_sites <> '',
		now_administers, now_sites, others, null::text
	from person p
	join account a on a.tenant_id = found.tenant_id
		and a.id = found.account_id and a.person_id = p.id
	join tenant t on t.id = a.tenant_id
	where p.id = found.person_id and p.disabled_at is null;
end $$;

-- Those of the sessions that have not ended, with person, account and
-- supervised sites. Does not count as use of a session.
create function sessions_living(ids uuid[])
returns table (session_id uuid, person_id int, tenant_id int, account_id int,
	sites text)
language sql stable
set search_path from current
as $$
	select s.id, p.id, a.tenant_id, a.id, account_sites(a.tenant_id, a.id)
	from session s
	join person p on p.id = s.person_id and p.disabled_at is null
	join account a on a.tenant_id = s.tenant_id and a.id = s.account_id
		and a.person_id = p.id
	where s.id = any (sessions_living.ids)
	and s.expires_at > now() and s.last_seen_at > now() - interval '30 minutes';
$$;

-- sessions_living() for the web application, with fewer columns.
create function sessions_alive(ids uuid[]) returns table (session_id uuid, sites text)
language sql stable security definer
set search_path from current
as $$
	select l.session_id, l.sites from sessions_living(ids) l;
$$;

-- Like sessions_living(), for running downloads, which count as use of the
-- session, stored once per minute at most.
create function stream_readers(ids uuid[])
returns table (session_id uuid, person_id int, tenant_id int, account_id int,
	sites text)
language sql volatile security definer
set search_path from current
as $$
	with living as materialized (
		select * from sessions_living(ids)
	), used as (
		-- skips rows that another transaction has locked, to avoid waiting
		-- and deadlocks
		update session s set last_seen_at = now()
		where s.id in (select u.id from session u join living l on l.session_id = u.id
			where u.last_seen_at < now() - interval '1 minute'
			for no key update of u skip locked)
	)
	select * from living;
$$;

grant execute on function session_find(text),
	sessions_alive(uuid[])
	to smartrecord_app;

grant execute on function stream_readers(uuid[])
	to smartrecord_owner;
