-- One row: the instant from which to tell a listener who was told of all up to
-- $1 (null: from now on). It is $1, or now when $1 is in the future or older
-- than 23 hours; "missed" is true in that last case, as older arrivals are
-- purged.
select rfc3339_us(case when since > as_of - interval '23 hours'
		then least(since, as_of) else as_of end) as begin,
	coalesce(since <= as_of - interval '23 hours', false) as missed
from (select recordings_as_of() as as_of, $1::timestamptz as since offset 0) w
