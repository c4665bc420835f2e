set local role smartrecord_owner;

-- Fails with INVALID (SQLSTATE SR400) about a field of the request.
create function refuse_field(field text, problem text) returns void
language plpgsql
as $$
begin
	raise exception using errcode = 'SR400', column = field, message = problem;
end $$;

-- Like refuse_field(), for a path in a JSON document; the message begins with
-- the path.
create function refuse_place(place text, problem text) returns void
language plpgsql immutable
as $$
begin
	raise exception using errcode = 'SR400', column = place,
		message = place || ': ' || problem;
end $$;

grant execute on function refuse_field(text, text), refuse_place(text, text)
	to smartrecord_admin;
