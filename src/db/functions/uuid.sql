set local role smartrecord_owner;

-- Lowest UUID version 7 (RFC 9562 section 5.7) of the millisecond. PL/pgSQL, as
-- an SQL function that is not inlined costs five times as much.
create function uuid7_floor(at timestamptz) returns uuid
language plpgsql immutable strict parallel safe
as $$
begin
	return lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0')
		|| '00000000000000000000';
end $$;

-- New UUID version 7 of the millisecond, with 74 random bits.
create function uuid7_new(at timestamptz) returns uuid
language sql volatile strict
as $$
select overlay(gen_random_uuid()::text
	placing left(uuid7_floor(at)::text, 13) || '-7' from 1 for 15)::uuid
$$;

-- Instant in a UUID version 7. For other versions the result is meaningless.
create function uuid7_time(id uuid) returns timestamptz
language sql immutable strict parallel safe
as $$
select to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
	/ 1000.0)
$$;

grant execute on function uuid7_floor(timestamptz)
	to smartrecord_admin, smartrecord_app;
