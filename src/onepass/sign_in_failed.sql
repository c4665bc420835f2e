-- Counts an attempt as failed, for throttling, until session_create.sql removes
-- it: e-mail $1, network $2, address $3. $4 is the person whose known browser it
-- is, or null. One row: may its check use the lane of known browsers, and 0; or
-- the seconds to wait, as attempts made meanwhile were too many.
select lane, wait_seconds
from sign_in_failed($1::text, $2::text, $3::text, $4::int)
