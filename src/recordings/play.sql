-- Where is the sound of a recording ($1), in the caller's scope, and what is
-- it? audio_key null: not there yet. No row: absent for this caller.
select audio_key, audio_format as format, audio_rate as rate,
	audio_channels as channels, audio_samples as samples,
	audio_sha256 as etag_seed,
	(extract(epoch from started_at) * 1000)::bigint as started_at
from recording
where id = $1::uuid
