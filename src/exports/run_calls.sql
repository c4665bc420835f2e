-- The next calls of an archive ($1), below an id ($2, or null), at most so
-- many ($3), with what was said ($4).
select id, call, expiring, audio_key, audio_format as format,
	audio_rate as rate, audio_channels as channels, audio_samples as samples,
	audio_sha256 as etag_seed
from export_calls($1::uuid, $2::uuid, $3::int, $4::boolean)
