-- One row: the recording $1 with its transcript: recording_item() with
-- "summary", "language", "pauses", "utterances", "media", "listeners". No row
-- when it is absent, expired or out of scope. $2 is the kind of the access
-- log's row: 'read' (once per session), 'download', or null.
select recording_item(r, s, a)::jsonb || jsonb_build_object(
	'summary', u.summary,
	'language', r.language,
	'pauses', r.pauses,
	'utterances', coalesce((
		select jsonb_agg(jsonb_build_object('start_ms', x -> 0,
			'end_ms', x -> 1, 'speaker', x -> 2, 'text', x -> 3)
			order by n)
		from jsonb_array_elements(u.utterances) with ordinality e (x, n)),
		'[]'),
	'media', jsonb_build_object(
		'audio', case when r.audio_key is not null
			then '/recordings/' || r.id || '/audio.mp3' end,
		'peaks', case when r.audio_key is not null
			then '/recordings/' || r.id || '/peaks' end,
		'transcript', case when r.subject is not null
			then '/recordings/' || r.id || '/transcript.pdf' end,
		'archive', case when r.audio_key is not null and r.subject is not null
			then '/recordings/' || r.id || '/archive.zip' end),
	'listeners', recording_listeners(r.id)),
	case when u.id is null then null
		when $2::text = 'read' then audit_once('read', r.id, r.site_id)
		when $2 = 'download' then audit_record('download', r.id, r.site_id)
	end as noted
from recording r
join site s on s.tenant_id = r.tenant_id and s.id = r.site_id
join account a on a.tenant_id = r.tenant_id and a.id = r.account_id
left join utterance u on u.tenant_id = r.tenant_id and u.id = r.id
where r.id = $1::uuid
