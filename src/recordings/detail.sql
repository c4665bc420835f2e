-- One recording ($1) with its transcript, in the caller's scope. No row:
-- absent, expired and out of scope look the same.
select recording_item(r, s, a) || jsonb_build_object(
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
			then '/recordings/' || r.id || '/peaks' end),
	'listeners', recording_listeners(r.id)),
	case when u.id is not null then audit_once('read', r.id, r.site_id) end
from recording r
join site s on s.tenant_id = r.tenant_id and s.id = r.site_id
join account a on a.tenant_id = r.tenant_id and a.id = r.account_id
left join utterance u on u.tenant_id = r.tenant_id and u.id = r.id
where r.id = $1::uuid
