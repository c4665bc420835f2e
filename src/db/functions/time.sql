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

-- Reads an instant in any spelling of RFC 3339 (section 5.6): T, t or a space
-- between date and time, Z, z or an offset, a leap second as the second after
-- it. A fraction is cut after microseconds. Null when it is none, or when its
-- offset is 16 hours or more, which no zone has. See clock_parse_utc().
create function rfc3339_read(t text) returns timestamptz
language plpgsql immutable strict parallel safe
as $$
begin
	if t !~ ('^\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):([0-5]\d:[0-5]\d|59:60)'
		|| '(\.\d{1,30})?([Zz]|[+-](0\d|1[0-5]):[0-5]\d)$') then
		return null;
	end if;
	return regexp_replace(t, '(\.\d{6})\d+', '\1')::timestamptz;
exception when data_exception then
	return null;
end $$;

grant execute on function rfc3339(timestamptz), rfc3339_us(timestamptz),
	rfc3339_read(text)
	to smartrecord_admin, smartrecord_owner, smartrecord_app, smartrecord_jobs;
