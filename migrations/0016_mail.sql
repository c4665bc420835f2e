-- migrate:up
-- Mail: an outbox that `smartrecord jobs` empties. A mail is for a person and
-- of a kind, whose text is templates/mail/<kind>.<language>.txt. The secret
-- of a link that lets somebody in is made when the mail is sent: no table
-- ever holds it, only its SHA-256.

set role smartrecord_admin;

create table mail (
	id		bigint generated always as identity primary key,
	person_id	int not null references person on delete cascade,
	kind		text not null check (kind ~ '^[a-z_]{1,40}$'),
	language	text not null check (language in ('fr', 'en')),
	detail		jsonb not null default '{}',	-- of the text; until it has ended
	queued_at	timestamptz not null default now(),
	due		timestamptz not null default now(),	-- nobody tries before
	tries		int not null default 0,
	sent_at		timestamptz,
	failed		text,				-- why nobody tries any more
	check (sent_at is null or failed is null),
	check (sent_at is null and failed is null or detail = '{}')
);
create index on mail (due) where sent_at is null and failed is null;
create index on mail (person_id);
create index on mail (queued_at);

-- Links that were sent, until they are used or over. A mail that had to be
-- tried twice has two.
create table mail_link (
	token_hash	bytea primary key check (length(token_hash) = 32),
	person_id	int not null references person on delete cascade,
	purpose		text not null check (purpose in ('invitation', 'reset')),
	expires_at	timestamptz not null
);
create index on mail_link (person_id);
create index on mail_link (expires_at);

do $$
declare
	name text;
begin
	foreach name in array array['mail', 'mail_link'] loop
		execute format('alter table %I enable row level security', name);
		execute format('alter table %I force row level security', name);
		execute format('create policy commands on %I to smartrecord_admin '
			'using (true)', name);
		execute format('create policy upkeep on %I to smartrecord_jobs '
			'using (true)', name);
		execute format('grant select, delete on %I to smartrecord_jobs', name);
	end loop;
end $$;

-- A mail to a person, in their language unless another is given. detail is
-- what its text names beside what mail_claim() says of every person.
create function mail_queue(person int, kind text, detail jsonb default '{}',
	language text default null) returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
begin atomic
	insert into mail (person_id, kind, language, detail)
	select p.id, mail_queue.kind,
		coalesce(mail_queue.language, p.language, 'fr'), mail_queue.detail
	from person p where p.id = mail_queue.person and p.disabled_at is null;
end;

-- A mail that is due, leased for five minutes: no row, there is none. token:
-- SHA-256 of the secret for its link, if it has one (else secret_after is
-- null); base: where the service is, "https://…", but for operators with a
-- host of their own. model is what the text can name.
create function mail_claim(token text, base text)
returns table (id bigint, kind text, language text, queued_ms bigint,
	email text, secret_after text, model jsonb)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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
	-- supervisors and administrators are at home on the console
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

create function mail_sent(mail bigint) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	update mail set sent_at = now(), detail = '{}' where id = mail_sent.mail;
end;

-- It could not be sent; tried again after 10 s, 20 s, 40 s… (an hour at most)
-- for a day, unless it never will.
create function mail_failed(mail bigint, reason text, never boolean)
returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
	update mail m set
		due = now() + least(interval '10 seconds' * 2 ^ least(m.tries - 1, 12),
			interval '1 hour'),
		failed = case when o.ended then left(reason, 200) end,
		detail = case when o.ended then '{}' else m.detail end
	from (select x.id, never or x.queued_at < now() - interval '1 day' as ended
		from mail x where x.id = mail_failed.mail) o
	where m.id = o.id;
end;

grant execute on function mail_queue(int, text, jsonb, text) to smartrecord_owner;
grant execute on function mail_claim(text, text), mail_sent(bigint),
	mail_failed(bigint, text, boolean) to smartrecord_jobs;

reset role;
