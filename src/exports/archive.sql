-- One of one's archives ($1) to download; key is null when it can't be had.
select state, reason, archive_key as key, bytes, ready_at
from export_archive($1::uuid)
