-- Where a listener begins who has heard all up to $1 (an instant, or null:
-- what comes from now on): the instant itself, or now when it lies in the
-- future, or so far back that not all is known that came since; missed says
-- so.
select recording_instant(case when since > as_of - interval '23 hours'
		then least(since, as_of) else as_of end) as begin,
	coalesce(since <= as_of - interval '23 hours', false) as missed
from (select recordings_as_of() as as_of, $1::timestamptz as since offset 0) w
