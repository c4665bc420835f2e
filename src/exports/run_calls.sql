-- One row per call of archive $1 after the id $2 (null: the first), at most $3,
-- with its transcript if $4. See export_calls().
select id, call, expiring, audio_key, audio_format as format,
	audio_rate as rate, audio_channels as channels, audio_samples as samples,
	audio_sha256 as etag_seed
from export_calls($1::uuid, $2::uuid, $3::int, $4::boolean)
