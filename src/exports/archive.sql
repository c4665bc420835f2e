-- One row: the archive $1 of the request's person, to download; key is null
-- when it can't be downloaded. No row: it is not theirs. See export_archive().
select state, reason, archive_key as key, bytes, ready_at
from export_archive($1::uuid)
