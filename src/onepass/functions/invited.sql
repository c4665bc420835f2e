set local role smartrecord_admin;

-- Is this link (token: SHA-256 of its secret, hex) one that a newer mail has
-- replaced, neither used nor expired?
create function mail_link_outdated(token text, purpose text) returns boolean
language sql stable security definer
set search_path from current
as $$
	select exists (
		select from mail_link l join person p on p.id = l.person_id
		where l.token_hash = decode(mail_link_outdated.token, 'hex')
		and l.purpose = mail_link_outdated.purpose and l.replaced_at is not null
		and l.expires_at > now() and p.disabled_at is null);
$$;

-- Returns why an account gets no invitation ("no-email", "disabled", "exists":
-- can sign in with it), or null; p: its person, null while nobody has claimed it.
create function onepass_uninvitable(a account, p person) returns text
language sql stable
set search_path from current
as $$
	select case when p.id is null then case
			when account_claimable(a, lower(btrim(a.email))) then null
			else 'no-email' end
		when not account_used(a, p) then null
		when p.disabled_at is not null then 'disabled'
		when p.password_hash is not null then 'exists' end;
$$;

-- Returns how many invitations of a tenant that somebody asked for with a
-- person's e-mail were queued within a day. Six at most: a link is valid for
-- three days, and anybody can ask with any address.
create function mail_invitations_asked(person int, tenant int) returns int
language sql stable
set search_path from current
as $$
	select count(*) from mail m
	where m.person_id = mail_invitations_asked.person and m.kind = 'invitation'
	and m.tenant_id = mail_invitations_asked.tenant
	and not m.ordered and m.queued_at > now() - interval '1 day';
$$;

grant execute on function mail_link_outdated(text, text)
	to smartrecord_app;
