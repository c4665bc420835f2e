-- One row: the audio of the recording $1 (its key in the store, format, rate in
-- Hz, channels, samples per channel, SHA-256) and recording_item(). audio_key
-- is null before the audio arrives. No row when the recording is absent,
-- expired or out of scope. $2 is the kind of the access log's row: 'listen'
-- (once per session), 'download', or null.
select r.audio_key, r.audio_format as format, r.audio_rate as rate,
	r.audio_channels as channels, r.audio_samples as samples,
	r.audio_sha256 as etag_seed, recording_item(r, s, a) as item,
	case when r.audio_key is null then null
		when $2::text = 'listen' then audit_once('listen', r.id, r.site_id)
		when $2 = 'download' then audit_record('download', r.id, r.site_id)
	end as noted
from recording r
join site s on s.tenant_id = r.tenant_id and s.id = r.site_id
join account a on a.tenant_id = r.tenant_id and a.id = r.account_id
where r.id = $1::uuid
