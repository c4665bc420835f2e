set local role smartrecord_admin;

-- Queues a mail to a person, in their language unless another one is given.
-- detail has the values for its text that mail_claim() does not add itself.
create function mail_queue(person int, kind text, detail jsonb default '{}',
	language text default null) returns void
language sql volatile
set search_path from current
as $$
	insert into mail (person_id, kind, language, detail)
	select p.id, mail_queue.kind,
		coalesce(mail_queue.language, p.language, 'fr'), mail_queue.detail
	from person p where p.id = mail_queue.person and p.disabled_at is null;
$$;

grant execute on function mail_queue(int, text, jsonb, text)
	to smartrecord_owner;
