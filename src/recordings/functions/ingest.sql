set local role smartrecord_owner;

-- These functions check a document for pipeline.ingest(). A value that is not
-- valid raises SR400 with its path in the document, see refuse_place(). Those
-- that are called for each utterance set no search path, which costs at each
-- call; pipeline.ingest() has set it.

-- Returns a text member: a string of at most longest characters, composed
-- (NFC), control characters replaced by spaces. Null when it is absent and not
-- needed.
create function ingest_text_at(doc jsonb, path text, name text, longest int,
	needed boolean) returns text
language plpgsql immutable
as $$
declare
	value jsonb := doc -> name;
	t text := doc ->> name;
begin
	if value is null or jsonb_typeof(value) = 'null' then
		if needed then
			perform refuse_place(path || name, 'missing');
		end if;
		return null;
	elsif jsonb_typeof(value) <> 'string' then
		perform refuse_place(path || name, 'not a string');
	end if;
	t := btrim(regexp_replace(normalize(t, NFC), '[\u0001-\u001f\u007f]+', ' ',
		'g'));
	if length(t) > longest then
		perform refuse_place(path || name,
			format('longer than %s characters', longest));
	elsif t = '' and needed then
		perform refuse_place(path || name, 'empty');
	end if;
	return t;
end $$;

-- Returns a whole number from lowest to highest.
create function ingest_int_at(doc jsonb, path text, name text, lowest bigint,
	highest bigint) returns bigint
language plpgsql immutable
as $$
declare
	n numeric;
begin
	if jsonb_typeof(doc -> name) is distinct from 'number' then
		perform refuse_place(path || name, 'not a number');
	end if;
	n := (doc ->> name)::numeric;
	if n <> trunc(n) or n < lowest or n > highest then
		perform refuse_place(path || name,
			format('not a whole number from %s to %s', lowest, highest));
	end if;
	return n::bigint;
end $$;

-- Returns a text that is one of the choices.
create function ingest_choice_at(doc jsonb, path text, name text,
	choices text[]) returns text
language plpgsql immutable
as $$
declare
	t text := ingest_text_at(doc, path, name, 100, true);
begin
	if t <> all (choices) then
		perform refuse_place(path || name, format('unknown "%s", expected %s',
			t, array_to_string(choices, ', ')));
	end if;
	return t;
end $$;

-- Returns a party: an identity, an E.164 number, a short number, or withheld.
-- label is its name, or null.
create function ingest_party_at(doc jsonb, name text, out kind text,
	out value text, out label text)
language plpgsql immutable
set search_path from current
as $$
declare
	party jsonb := doc -> name;
	path text := name || '.';
begin
	if jsonb_typeof(party) is distinct from 'object' then
		perform refuse_place(name, 'not an object {kind, value, name}');
	end if;
	kind := ingest_choice_at(party, path, 'kind',
		array['e164', 'short', 'identity', 'withheld']);
	value := ingest_text_at(party, path, 'value', 254, kind <> 'withheld');
	label := nullif(ingest_text_at(party, path, 'name', 200, false), '');
	if kind = 'e164' and not number_is_e164(value) then
		perform refuse_place(path || 'value',
			'not an E.164 number (+ and 7 to 15 digits)');
	elsif kind = 'short' and not number_is_short(value) then
		perform refuse_place(path || 'value',
			'not a short number (2 to 8 digits)');
	elsif kind = 'withheld' and value is not null then
		perform refuse_place(path || 'value', 'a withheld party has none');
	end if;
end $$;

-- Returns the numbers of {"start_ms", "end_ms"}, which are inside the call and
-- not before after_ms.
create function ingest_span_at(e jsonb, path text, after_ms bigint,
	duration_ms bigint, out start_ms bigint, out end_ms bigint)
language plpgsql immutable
as $$
begin
	if jsonb_typeof(e) is distinct from 'object' then
		perform refuse_place(path, 'not an object');
	end if;
	start_ms := ingest_int_at(e, path || '.', 'start_ms', 0, 86400000);
	end_ms := ingest_int_at(e, path || '.', 'end_ms', 0, 86400000);
	if end_ms < start_ms then
		perform refuse_place(path || '.end_ms', 'before start_ms');
	elsif start_ms < after_ms then
		perform refuse_place(path || '.start_ms',
			'out of order, before the one in front of it');
	elsif end_ms > duration_ms then
		perform refuse_place(path || '.end_ms', 'past the end of the call');
	end if;
end $$;

-- Returns the pauses, in order: [{"start_ms", "end_ms"}, …], at most 1,000.
create function ingest_pauses_at(doc jsonb, duration_ms bigint) returns jsonb
language plpgsql immutable
set search_path from current
as $$
declare
	list jsonb := coalesce(nullif(doc -> 'pauses', 'null'), '[]');
	result jsonb := '[]';
	e jsonb;
	n int := 0;
	span record;
	previous bigint := 0;
begin
	if jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 1000 then
		perform refuse_place('pauses', 'not a list of at most 1000');
	end if;
	for e in select jsonb_array_elements(list) loop
		span := ingest_span_at(e, format('pauses[%s]', n), previous,
			duration_ms);
		result := result || jsonb_build_object('start_ms', span.start_ms,
			'end_ms', span.end_ms);
		previous := span.start_ms;
		n := n + 1;
	end loop;
	return result;
end $$;

-- Returns the transcript as it is stored, in order: [[start_ms, end_ms,
-- speaker, text], …], at most 20,000.
create function ingest_utterances_at(analysis jsonb, duration_ms bigint)
returns jsonb
language plpgsql immutable
set search_path from current
as $$
declare
	list jsonb := analysis -> 'utterances';
	rows jsonb[] := '{}';
	e jsonb;
	n int := 0;
	span record;
	previous bigint := 0;
	path text;
begin
	if jsonb_typeof(list) is distinct from 'array'
		or jsonb_array_length(list) > 20000 then
		perform refuse_place('analysis.utterances',
			'not a list of at most 20000');
	end if;
	for e in select jsonb_array_elements(list) loop
		path := format('analysis.utterances[%s]', n);
		span := ingest_span_at(e, path, previous, duration_ms);
		rows := rows || jsonb_build_array(span.start_ms, span.end_ms,
			ingest_choice_at(e, path || '.', 'speaker',
				array['caller', 'callee']),
			ingest_text_at(e, path || '.', 'text', 4000, true));
		previous := span.start_ms;
		n := n + 1;
	end loop;
	return to_jsonb(rows);
end $$;

-- Returns a recording with the call's own columns; tenant, site, account, audio
-- and analysis are set later.
create function ingest_read_call(doc jsonb) returns recording
language plpgsql stable
set search_path from current
as $$
declare
	r recording;
begin
	r.duration_ms := ingest_int_at(doc, '', 'duration_ms', 1, 86400000);
	r.direction := ingest_choice_at(doc, '', 'direction',
		array['inbound', 'outbound', 'internal']);
	r.mode := ingest_choice_at(doc, '', 'mode', array['always', 'on_demand']);
	r.language := ingest_text_at(doc, '', 'language', 35, false);
	select * into r.caller_kind, r.caller_value, r.caller_name
		from ingest_party_at(doc, 'caller');
	select * into r.callee_kind, r.callee_value, r.callee_name
		from ingest_party_at(doc, 'callee');
	r.pauses := ingest_pauses_at(doc, r.duration_ms);
	r.started_at := date_trunc('milliseconds', rfc3339_read(
		ingest_text_at(doc, '', 'started_at', 100, true)));
	if r.started_at is null then
		perform refuse_place('started_at', 'not an RFC 3339 instant');
	elsif r.started_at > now() + interval '5 minutes' then
		perform refuse_place('started_at', 'in the future');
	end if;
	return r;
end $$;

-- Returns the recording with the columns of its audio.
create function ingest_read_audio(r recording, audio jsonb) returns recording
language plpgsql stable
set search_path from current
as $$
begin
	if audio is null or jsonb_typeof(audio) = 'null' then
		return r;
	elsif jsonb_typeof(audio) <> 'object' then
		perform refuse_place('audio', 'not an object');
	end if;
	r.audio_key := ingest_text_at(audio, 'audio.', 'key', 200, true);
	if r.audio_key !~ '^[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*$'
		or r.audio_key like '%..%' then
		perform refuse_place('audio.key', 'not a key of the store');
	end if;
	r.audio_format := ingest_choice_at(audio, 'audio.', 'format',
		array['pcm16', 'alaw', 'ulaw']);
	r.audio_rate := ingest_int_at(audio, 'audio.', 'rate', 8000, 16000);
	if r.audio_rate not in (8000, 16000) then
		perform refuse_place('audio.rate', 'neither 8000 nor 16000');
	end if;
	r.audio_channels := ingest_int_at(audio, 'audio.', 'channels', 1, 2);
	r.audio_samples := ingest_int_at(audio, 'audio.', 'samples', 1, 1382400000);
	r.audio_sha256 := ingest_text_at(audio, 'audio.', 'sha256', 64, true);
	if r.audio_sha256 !~ '^[0-9a-f]{64}$' then
		perform refuse_place('audio.sha256', 'not 64 hexadecimal digits');
	elsif abs(r.audio_samples * 1000 / r.audio_rate - r.duration_ms) > 2000 then
		perform refuse_place('audio.samples',
			'more than 2 s away from duration_ms');
	end if;
	return ingest_read_original(r, audio);
end $$;

-- Returns the recording with mood, subject and searched words, its summary, its
-- utterances, and search_starts() of them; unchanged without an analysis.
create function ingest_read_analysis(r recording, analysis jsonb,
	out done recording, out summary text, out utterances jsonb, out starts int[])
language plpgsql stable
set search_path from current
as $$
declare
	texts text[];
begin
	done := r;
	if analysis is null or jsonb_typeof(analysis) = 'null' then
		return;
	elsif jsonb_typeof(analysis) <> 'object' then
		perform refuse_place('analysis', 'not an object');
	end if;
	done.mood := ingest_choice_at(analysis, 'analysis.', 'mood',
		recording_moods());
	done.subject := ingest_text_at(analysis, 'analysis.', 'subject', 300, true);
	summary := ingest_text_at(analysis, 'analysis.', 'summary', 5000, true);
	utterances := ingest_utterances_at(analysis, r.duration_ms);
	texts := array[done.subject, summary]
		|| array(select x ->> 3 from jsonb_array_elements(utterances) x);
	done.tsv := search_tsv(texts);
	starts := search_starts(texts);
exception when program_limit_exceeded then
	perform refuse_place('analysis.utterances',
		'too many different words to be searched');
end $$;

-- Returns the ids of the document's tenant, account and site, how many days the
-- site keeps calls, and the instant up to which calls have expired for good.
-- Sets the transaction's tenant, which lets this function's owner see its rows.
create function ingest_read_place(doc jsonb, out tenant int, out account int,
	out site int, out days int, out expired_until timestamptz)
language plpgsql volatile
set search_path from current
as $$
declare
	t text := ingest_text_at(doc, '', 'tenant', 63, true);
	a text := ingest_text_at(doc, '', 'account', 200, true);
begin
	tenant := tenant_by_key(t);
	if tenant is null then
		perform refuse_place('tenant', format('unknown "%s"', t));
	end if;
	perform set_config('app.tenant', tenant::text, true);
	select c.id, c.site_id, s.retention_days,
		greatest(c.expired_until, s.expired_until)
	into account, site, days, expired_until
	from account c join site s on s.tenant_id = c.tenant_id and s.id = c.site_id
	where c.tenant_id = tenant and c.key = a;
	if account is null then
		perform refuse_place('account', format('unknown "%s"', a));
	end if;
end $$;

-- Marks the transaction as one that adds arrivals to a tenant from now on, see
-- recording_holds(): a shared advisory lock until its end. Must precede its
-- first ingested_at. The lock's key is the tenant, negative (positive keys lock
-- one source_id), and the clock's milliseconds in 31 bits, which repeat after
-- 24 days.
create function recording_hold(tenant int) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
begin
	if coalesce(current_setting('app.holds', true), '') <> tenant::text then
		perform pg_advisory_xact_lock_shared(-tenant, (ms & 2147483647)::int);
		perform set_config('app.holds', tenant::text, true);
	end if;
end $$;

-- Refuses the key of an object that another recording or an archive owns.
create function ingest_check_owner(r recording) returns void
language plpgsql volatile
set search_path from current
as $$
begin
	if exists (select from store_object o where o.key = r.audio_key
		and (o.tenant_id, o.recording_id) is distinct from (r.tenant_id, r.id)) then
		perform refuse_place('audio.key', 'the key of another object');
	end if;
end $$;

-- Refuses a key that is new to its recording and does not begin with the
-- tenant's, or belongs to another object, or to one that is still to be removed.
-- Must follow the statement that writes the key: its trigger, which notes the
-- owner, waits for other transactions that write or free the same key.
create function ingest_check_key(r recording) returns void
language plpgsql volatile
set search_path from current
as $$
declare
	customer text := (select t.key from tenant t where t.id = r.tenant_id);
begin
	if r.audio_key is null then
		return;
	elsif r.audio_key not like customer || '/%' then
		perform refuse_place('audio.key',
			format('does not begin with "%s/"', customer));
	end if;
	perform ingest_check_owner(r);
	if exists (select from store_removal s where s.key = r.audio_key) then
		perform refuse_place('audio.key', 'its former object is still to be removed');
	end if;
end $$;

-- Adds the audio and the analysis that a repeated document has and the
-- recording lacks. Returns true when it added any.
create function ingest_complete(r recording, have recording, summary text,
	utterances jsonb, starts int[]) returns boolean
language plpgsql volatile
set search_path from current
as $$
declare
	new_audio boolean := have.audio_key is null and r.audio_key is not null;
	new_words boolean := have.subject is null and r.subject is not null;
begin
	if new_audio then
		update recording set audio_key = r.audio_key,
			audio_format = r.audio_format, audio_rate = r.audio_rate,
			audio_channels = r.audio_channels, audio_samples = r.audio_samples,
			audio_sha256 = r.audio_sha256, original_kind = r.original_kind,
			original_bytes = r.original_bytes, original_sha256 = r.original_sha256
		where tenant_id = have.tenant_id and id = have.id;
		perform ingest_check_key(r);
	end if;
	if new_words then
		have.mood := r.mood;
		update recording set mood = r.mood, subject = r.subject,
			tsv = search_keys(have) || r.tsv
		where tenant_id = have.tenant_id and id = have.id;
		insert into utterance values (have.tenant_id, have.id, have.site_id,
			have.account_id, have.expires_at, summary, utterances, starts);
		insert into recording_arrival values (have.tenant_id, r.ingested_at,
			have.site_id, have.account_id, have.id, true);
	end if;
	return new_audio or new_words;
end $$;

-- Handles a document whose source_id is known. Returns {"id", "outcome",
-- "audio_key", "original_key"}: deleted, completed or unchanged. SR409: the
-- source_id belongs to a call of another start or account. SR400: the key is of
-- another object, which the pipeline must not remove.
create function ingest_replay(s recording_source, r recording, summary text,
	utterances jsonb, starts int[]) returns jsonb
language plpgsql volatile
set search_path from current
as $$
declare
	have recording;
	outcome text := 'unchanged';
begin
	select * into have from recording
	where tenant_id = s.tenant_id and id = s.recording_id for update;
	r.id := s.recording_id;
	if r.audio_key is distinct from have.audio_key then
		perform ingest_check_owner(r);
	end if;
	if s.deleted_at is not null or have.id is null or have.expires_at <= now()
		or exists (select from recording_gone g
			where g.tenant_id = s.tenant_id and g.id = s.recording_id) then
		return jsonb_build_object('id', s.recording_id, 'outcome', 'deleted',
			'audio_key', null, 'original_key', null);
	end if;
	if have.started_at <> r.started_at or have.account_id <> r.account_id then
		raise exception using errcode = 'SR409', column = 'source_id',
			message = 'source_id: already used by a call of another start or account';
	end if;
	if ingest_complete(r, have, summary, utterances, starts) then
		outcome := 'completed';
	end if;
	return jsonb_build_object('id', s.recording_id, 'outcome', outcome,
		'audio_key', coalesce(have.audio_key, r.audio_key), 'original_key',
		recording_original_key(case when have.audio_key is null then r else have end));
end $$;

-- Ingests one recording for the role pipeline, see README.md (the pipeline's
-- contract). Idempotent by tenant and source_id. Returns {"id", "outcome":
-- created, completed, unchanged or deleted, "audio_key", "original_key"}. SR400: a value is not
-- valid; the column name is its path in the document. SR409: as
-- ingest_replay().
create function pipeline.ingest(doc jsonb) returns jsonb
language plpgsql volatile security definer
set search_path from current
as $$
declare
	source text;
	target record;
	r recording;
	a record;
	s recording_source;
	day date;
begin
	if jsonb_typeof(doc) is distinct from 'object' then
		perform refuse_place('document', 'not an object');
	end if;
	source := ingest_text_at(doc, '', 'source_id', 200, true);
	r := ingest_read_call(doc);
	r := ingest_read_audio(r, doc -> 'audio');
	select * into a from ingest_read_analysis(r, doc -> 'analysis');
	r := a.done;
	select * into target from ingest_read_place(doc);
	r.tenant_id := target.tenant;
	r.account_id := target.account;
	r.site_id := target.site;
	r.expires_at := r.started_at + target.days * interval '24 hours';
	-- of two concurrent documents of one call, the second sees the first
	perform pg_advisory_xact_lock(target.tenant, hashtext(source));
	perform recording_hold(target.tenant);
	r.ingested_at := clock_timestamp();
	select * into s from recording_source
	where tenant_id = target.tenant and source_id = source;
	if found then
		return ingest_replay(s, r, a.summary, a.utterances, a.starts);
	end if;
	if r.expires_at <= now() or r.started_at <= target.expired_until then
		perform refuse_place('started_at', format(
			'already expired: this site keeps calls for %s days', target.days));
	end if;
	r.id := uuid7_new(r.started_at);
	day := (r.started_at at time zone 'UTC')::date;
	r.tsv := search_keys(r) || coalesce(r.tsv, '');
	if to_regclass('recording_' || to_char(day, 'YYYYMMDD')) is null then
		perform recordings_make_partitions(day, day);
	end if;
	insert into recording select r.*;
	perform ingest_check_key(r);
	if r.subject is not null then
		insert into utterance values (r.tenant_id, r.id, r.site_id, r.account_id,
			r.expires_at, a.summary, a.utterances, a.starts);
	end if;
	insert into recording_source values (r.tenant_id, source, r.id, r.expires_at);
	insert into recording_arrival values (r.tenant_id, r.ingested_at, r.site_id,
		r.account_id, r.id, false);
	return jsonb_build_object('id', r.id, 'outcome', 'created',
		'audio_key', r.audio_key, 'original_key', recording_original_key(r));
end $$;

grant execute on function pipeline.ingest(jsonb)
	to pipeline;
