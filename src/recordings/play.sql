-- Where is the sound of a recording ($1), in the caller's scope, and what is
-- it? audio_key null: not there yet. No row: absent for this caller. $2: what
-- the access log says of it, 'listen' (once a session), 'download', or null.
select audio_key, audio_format as format, audio_rate as rate,
	audio_channels as channels, audio_samples as samples,
	audio_sha256 as etag_seed,
	(extract(epoch from started_at) * 1000)::bigint as started_at,
	case when audio_key is null then null
		when $2::text = 'listen' then audit_once('listen', id, site_id)
		when $2 = 'download' then audit_record('download', id, site_id)
	end as noted
from recording
where id = $1::uuid
