-- Loads the calls in the temporary table made, a part of those that
-- tests/bench/calls.c makes, as the pipeline would have: with the product's
-- functions and triggers. Only the checks of a document are left out.
-- tests/bench/data.js compares some with what pipeline.ingest() makes of them.
update made set id = uuid7_new(to_timestamp(started_ms / 1000.0));
analyze made;
create temporary table new_recording (like recording including defaults) on commit drop;
create temporary table new_utterance (like utterance including defaults) on commit drop;
insert into new_recording (tenant_id, id, site_id, account_id, duration_ms, started_at, expires_at, ingested_at,
	direction, mode, language, mood, caller_kind, caller_value, callee_kind, callee_value, subject, audio_key,
	audio_format, audio_rate, audio_channels, audio_samples, audio_sha256)
select t.id, m.id, a.site_id, a.id, m.duration_ms, at, at + s.retention_days * interval '24 hours',
	least(now(), at + m.duration_ms * interval '1 ms'), m.direction, 'always', 'fr', m.mood,
	'e164', case m.direction when 'inbound' then m.number else own end,
	'e164', case m.direction when 'inbound' then own else m.number end,
	m.subject, format('%s/%s.wav', t.key, m.id), 'alaw', 8000, 1, m.duration_ms * 8::bigint,
	md5(m.id::text) || md5(m.id::text)
from made m
join tenant t on t.key = 't' || m.customer
join account a on a.tenant_id = t.id and a.key = 'a' || m.account
join site s on s.tenant_id = t.id and s.id = a.site_id,
	lateral (select to_timestamp(m.started_ms / 1000.0) as at,
		'+331' || lpad((m.customer * 1000 + m.account)::text, 8, '0') as own) v;
insert into new_utterance (tenant_id, id, site_id, account_id, expires_at, summary, utterances)
select r.tenant_id, r.id, r.site_id, r.account_id, r.expires_at, m.summary, m.utterances
from made m join new_recording r on r.id = m.id;
update new_recording r set tsv = search_keys(row(r.*)::recording)
	|| search_tsv(array[r.subject, u.summary] || array(select x ->> 3 from jsonb_array_elements(u.utterances) x))
from new_utterance u where u.id = r.id;
update new_utterance u set starts = search_starts(array[r.subject, u.summary]
	|| array(select x ->> 3 from jsonb_array_elements(u.utterances) x))
from new_recording r where r.id = u.id;
insert into recording select * from new_recording order by id;
insert into utterance select * from new_utterance order by id;
insert into recording_source select tenant_id, 'bench-' || id, id, expires_at from new_recording;
insert into recording_arrival select tenant_id, ingested_at, site_id, account_id, id, false
from new_recording where ingested_at > now() - interval '1 day';
truncate made;
