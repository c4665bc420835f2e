set local role smartrecord_admin;

-- Formats an instant for the API (RFC 3339, UTC), with milliseconds.
create function rfc3339(at timestamptz) returns text
language sql stable strict parallel safe
as $$
select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Like rfc3339(), with microseconds, for cursors and seals.
create function rfc3339_us(at timestamptz) returns text
language sql stable strict parallel safe
as $$
select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

grant execute on function rfc3339(timestamptz), rfc3339_us(timestamptz)
	to smartrecord_admin, smartrecord_owner, smartrecord_app, smartrecord_jobs;
