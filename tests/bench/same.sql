-- Fails unless :calls calls drawn by lot have the columns that pipeline.ingest()
-- of this release makes of them. It changes nothing.
begin;
-- ids are looked up, also in a million
set local jit = off;
set local enable_seqscan = off;
create temporary table drawn on commit drop as
select r.tenant_id, r.id from recording_source s tablesample bernoulli (:percent)
join recording r on r.tenant_id = s.tenant_id and r.id = s.recording_id
where r.expires_at > now() + interval '1 hour' limit :calls;
analyze drawn;
create temporary table repeated on commit drop as
select r.tenant_id, r.id, pipeline.ingest(jsonb_build_object('tenant', t.key, 'source_id', 'same-' || r.id, 'account', a.key,
	'direction', r.direction, 'mode', r.mode, 'language', r.language, 'duration_ms', r.duration_ms,
	'started_at', rfc3339(r.started_at), 'pauses', r.pauses,
	'caller', jsonb_build_object('kind', r.caller_kind, 'value', r.caller_value, 'name', r.caller_name),
	'callee', jsonb_build_object('kind', r.callee_kind, 'value', r.callee_value, 'name', r.callee_name),
	'audio', jsonb_build_object('key', t.key || '/same/' || r.id, 'format', r.audio_format, 'rate', r.audio_rate,
		'channels', r.audio_channels, 'samples', r.audio_samples, 'sha256', r.audio_sha256),
	'analysis', jsonb_build_object('mood', r.mood, 'subject', r.subject, 'summary', u.summary,
		'utterances', (select jsonb_agg(jsonb_build_object('start_ms', x -> 0, 'end_ms', x -> 1, 'speaker', x -> 2,
			'text', x -> 3) order by n) from jsonb_array_elements(u.utterances) with ordinality e (x, n))))
	) ->> 'id' as copied
from drawn join recording r using (tenant_id, id) join utterance u using (tenant_id, id)
join tenant t on t.id = r.tenant_id join account a on a.tenant_id = r.tenant_id and a.id = r.account_id;
analyze repeated;
do $$
declare
	differing text;
begin
	select string_agg(distinct k, ', ') into differing
	from repeated p
	join recording r on r.tenant_id = p.tenant_id and r.id = p.id
	join utterance u on u.tenant_id = p.tenant_id and u.id = p.id
	join recording c on c.tenant_id = p.tenant_id and c.id = p.copied::uuid
	join utterance v on v.tenant_id = p.tenant_id and v.id = p.copied::uuid,
		lateral (select to_jsonb(u) || to_jsonb(r) as before, to_jsonb(v) || to_jsonb(c) as after) j,
		lateral jsonb_object_keys(before || after) k
	where k not in ('id', 'ingested_at', 'audio_key') and before -> k is distinct from after -> k;
	if differing is not null or not exists (select from repeated) then
		raise exception 'pipeline.ingest() makes other values: %', differing;
	end if;
end $$;
rollback;
