-- migrate:up
-- The pipeline's door. pipeline.ingest() takes a document in, or refuses it
-- with a sentence that names the place. Idempotent by (tenant, source_id): a
-- replay may complete a call that was still being analysed, never changes
-- one, never brings a deleted one back. Invalid UTF-8 and NUL can't reach it:
-- the cast to jsonb has refused them.

set role smartrecord_owner;

create function pipeline.refuse(place text, problem text) returns void
language plpgsql immutable
as $$
begin
	raise exception using errcode = 'SR400', column = place,
		message = place || ': ' || problem;
end $$;

-- A text at a place: a string of at most so many characters, composed (NFC),
-- control characters as spaces.
create function pipeline.text_at(doc jsonb, place text, name text, longest int,
	needed boolean) returns text
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	value jsonb := doc -> name;
	t text := doc ->> name;
begin
	if value is null or jsonb_typeof(value) = 'null' then
		if needed then
			perform pipeline.refuse(place || name, 'missing');
		end if;
		return null;
	elsif jsonb_typeof(value) <> 'string' then
		perform pipeline.refuse(place || name, 'not a string');
	end if;
	t := btrim(regexp_replace(normalize(t, NFC), '[\u0001-\u001f\u007f]+', ' ',
		'g'));
	if length(t) > longest then
		perform pipeline.refuse(place || name,
			format('longer than %s characters', longest));
	elsif t = '' and needed then
		perform pipeline.refuse(place || name, 'empty');
	end if;
	return t;
end $$;

create function pipeline.int_at(doc jsonb, place text, name text, lowest bigint,
	highest bigint) returns bigint
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	n numeric;
begin
	if jsonb_typeof(doc -> name) is distinct from 'number' then
		perform pipeline.refuse(place || name, 'not a number');
	end if;
	n := (doc ->> name)::numeric;
	if n <> trunc(n) or n < lowest or n > highest then
		perform pipeline.refuse(place || name,
			format('not a whole number from %s to %s', lowest, highest));
	end if;
	return n::bigint;
end $$;

create function pipeline.choice_at(doc jsonb, place text, name text,
	choices text[]) returns text
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	t text := pipeline.text_at(doc, place, name, 100, true);
begin
	if t <> all (choices) then
		perform pipeline.refuse(place || name, format('unknown "%s", expected %s',
			t, array_to_string(choices, ', ')));
	end if;
	return t;
end $$;

-- A party is one of four kinds: an identity, an E.164 number, a short number,
-- or withheld.
create function pipeline.party_at(doc jsonb, name text, out kind text,
	out value text, out label text)
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	party jsonb := doc -> name;
	place text := name || '.';
begin
	if jsonb_typeof(party) is distinct from 'object' then
		perform pipeline.refuse(name, 'not an object {kind, value, name}');
	end if;
	kind := pipeline.choice_at(party, place, 'kind',
		array['e164', 'short', 'identity', 'withheld']);
	value := pipeline.text_at(party, place, 'value', 254, kind <> 'withheld');
	label := nullif(pipeline.text_at(party, place, 'name', 200, false), '');
	if kind = 'e164' and value !~ '^\+[1-9][0-9]{5,14}$' then
		perform pipeline.refuse(place || 'value',
			'not an E.164 number (+ and 6 to 15 digits)');
	elsif kind = 'short' and value !~ '^[0-9]{2,8}$' then
		perform pipeline.refuse(place || 'value',
			'not a short number (2 to 8 digits)');
	elsif kind = 'withheld' and value is not null then
		perform pipeline.refuse(place || 'value', 'a withheld party has none');
	end if;
end $$;

-- [{"start_ms", "end_ms"}, …] in order, inside the call.
create function pipeline.check_span(e jsonb, place text, after_ms bigint,
	duration_ms bigint) returns bigint
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	start_ms bigint;
	end_ms bigint;
begin
	if jsonb_typeof(e) is distinct from 'object' then
		perform pipeline.refuse(place, 'not an object');
	end if;
	start_ms := pipeline.int_at(e, place || '.', 'start_ms', 0, 86400000);
	end_ms := pipeline.int_at(e, place || '.', 'end_ms', 0, 86400000);
	if end_ms < start_ms then
		perform pipeline.refuse(place || '.end_ms', 'before start_ms');
	elsif start_ms < after_ms then
		perform pipeline.refuse(place || '.start_ms',
			'out of order, before the one in front of it');
	elsif end_ms > duration_ms then
		perform pipeline.refuse(place || '.end_ms', 'past the end of the call');
	end if;
	return start_ms;
end $$;

create function pipeline.pauses_at(doc jsonb, duration_ms bigint) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	list jsonb := coalesce(nullif(doc -> 'pauses', 'null'), '[]');
	result jsonb := '[]';
	e jsonb;
	n int := 0;
	previous bigint := 0;
begin
	if jsonb_typeof(list) <> 'array' or jsonb_array_length(list) > 1000 then
		perform pipeline.refuse('pauses', 'not a list of at most 1000');
	end if;
	for e in select jsonb_array_elements(list) loop
		previous := pipeline.check_span(e, format('pauses[%s]', n), previous,
			duration_ms);
		result := result || jsonb_build_object('start_ms', e -> 'start_ms',
			'end_ms', e -> 'end_ms');
		n := n + 1;
	end loop;
	return result;
end $$;

-- The transcript as it is stored: [[start_ms, end_ms, speaker, text], …].
create function pipeline.utterances_at(analysis jsonb, duration_ms bigint)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	list jsonb := analysis -> 'utterances';
	rows jsonb[] := '{}';
	e jsonb;
	n int := 0;
	previous bigint := 0;
	place text;
begin
	if jsonb_typeof(list) is distinct from 'array'
		or jsonb_array_length(list) > 20000 then
		perform pipeline.refuse('analysis.utterances',
			'not a list of at most 20000');
	end if;
	for e in select jsonb_array_elements(list) loop
		place := format('analysis.utterances[%s]', n);
		previous := pipeline.check_span(e, place, previous, duration_ms);
		rows := rows || jsonb_build_array(e -> 'start_ms', e -> 'end_ms',
			pipeline.choice_at(e, place || '.', 'speaker',
				array['caller', 'callee']),
			pipeline.text_at(e, place || '.', 'text', 4000, true));
		n := n + 1;
	end loop;
	return to_jsonb(rows);
end $$;

-- What the row of a call is to be, checked. A record of type recording, with
-- what the document says; who and where come later.
create function pipeline.read_call(doc jsonb) returns recording
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
declare
	r recording;
	started text;
begin
	r.duration_ms := pipeline.int_at(doc, '', 'duration_ms', 1, 86400000);
	r.direction := pipeline.choice_at(doc, '', 'direction',
		array['inbound', 'outbound', 'internal']);
	r.mode := pipeline.choice_at(doc, '', 'mode', array['always', 'on_demand']);
	r.language := pipeline.text_at(doc, '', 'language', 35, false);
	select * into r.caller_kind, r.caller_value, r.caller_name
		from pipeline.party_at(doc, 'caller');
	select * into r.callee_kind, r.callee_value, r.callee_name
		from pipeline.party_at(doc, 'callee');
	r.pauses := pipeline.pauses_at(doc, r.duration_ms);
	started := pipeline.text_at(doc, '', 'started_at', 35, true);
	if started !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$' then
		perform pipeline.refuse('started_at', 'not an RFC 3339 instant');
	end if;
	begin
		r.started_at := date_trunc('milliseconds', started::timestamptz);
	exception when datetime_field_overflow or invalid_datetime_format then
		perform pipeline.refuse('started_at', 'no such instant');
	end;
	if r.started_at > now() + interval '5 minutes' then
		perform pipeline.refuse('started_at', 'in the future');
	end if;
	return r;
end $$;

create function pipeline.read_audio(r recording, audio jsonb) returns recording
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
	if audio is null or jsonb_typeof(audio) = 'null' then
		return r;
	elsif jsonb_typeof(audio) <> 'object' then
		perform pipeline.refuse('audio', 'not an object');
	end if;
	r.audio_key := pipeline.text_at(audio, 'audio.', 'key', 200, true);
	if r.audio_key !~ '^[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*$'
		or r.audio_key like '%..%' then
		perform pipeline.refuse('audio.key', 'not a key of the store');
	end if;
	r.audio_format := pipeline.choice_at(audio, 'audio.', 'format',
		array['pcm16', 'alaw', 'ulaw']);
	r.audio_rate := pipeline.int_at(audio, 'audio.', 'rate', 8000, 16000);
	if r.audio_rate not in (8000, 16000) then
		perform pipeline.refuse('audio.rate', 'neither 8000 nor 16000');
	end if;
	r.audio_channels := pipeline.int_at(audio, 'audio.', 'channels', 1, 2);
	r.audio_samples := pipeline.int_at(audio, 'audio.', 'samples', 1, 1382400000);
	r.audio_sha256 := pipeline.text_at(audio, 'audio.', 'sha256', 64, true);
	if r.audio_sha256 !~ '^[0-9a-f]{64}$' then
		perform pipeline.refuse('audio.sha256', 'not 64 hexadecimal digits');
	elsif abs(r.audio_samples * 1000 / r.audio_rate - r.duration_ms) > 2000 then
		perform pipeline.refuse('audio.samples',
			'more than 2 s away from duration_ms');
	end if;
	return r;
end $$;

create function pipeline.read_analysis(r recording, analysis jsonb,
	out done recording, out summary text, out utterances jsonb)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
	done := r;
	if analysis is null or jsonb_typeof(analysis) = 'null' then
		return;
	elsif jsonb_typeof(analysis) <> 'object' then
		perform pipeline.refuse('analysis', 'not an object');
	end if;
	done.mood := pipeline.choice_at(analysis, 'analysis.', 'mood',
		recording_moods());
	done.subject := pipeline.text_at(analysis, 'analysis.', 'subject', 300, true);
	summary := pipeline.text_at(analysis, 'analysis.', 'summary', 5000, true);
	utterances := pipeline.utterances_at(analysis, r.duration_ms);
	done.tsv := search_tsv(array[done.subject, summary]
		|| array(select x ->> 3 from jsonb_array_elements(utterances) x));
exception when program_limit_exceeded then
	perform pipeline.refuse('analysis.utterances',
		'too many different words to be searched');
end $$;

-- The tenant becomes the transaction's context: its tables then show
-- themselves to the owner of this function.
create function pipeline.read_place(doc jsonb, out tenant int, out account int,
	out site int, out days int, out expired_until timestamptz)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	t text := pipeline.text_at(doc, '', 'tenant', 63, true);
	a text := pipeline.text_at(doc, '', 'account', 200, true);
begin
	tenant := pipeline.tenant_of(t);
	if tenant is null then
		perform pipeline.refuse('tenant', format('unknown "%s"', t));
	end if;
	perform set_config('app.tenant', tenant::text, true);
	select c.id, c.site_id, s.retention_days,
		greatest(c.expired_until, s.expired_until)
	into account, site, days, expired_until
	from account c join site s on s.tenant_id = c.tenant_id and s.id = c.site_id
	where c.tenant_id = tenant and c.key = a;
	if account is null then
		perform pipeline.refuse('account', format('unknown "%s"', a));
	end if;
end $$;

-- What has come in, and when; who looks is told by 0009_arrivals.sql.
create table recording_arrival (
	tenant_id	int not null references tenant,
	at		timestamptz not null,
	site_id		int not null,
	account_id	int not null,
	recording_id	uuid not null,
	completed	boolean not null	-- it was there, its analysis came
);
create index on recording_arrival (tenant_id, at);
create index on recording_arrival (at);
alter table recording_arrival enable row level security;
alter table recording_arrival force row level security;
create policy arrivals on recording_arrival to smartrecord_owner using (true);
create policy upkeep on recording_arrival to smartrecord_jobs using (true);
grant select (at), delete on recording_arrival to smartrecord_jobs;

-- Before the first instant of a transaction. The key: the customer, negative
-- (positive ones belong to deliveries), and milliseconds in 31 bits, which
-- come round after 24 days.
create function recording_hold(tenant int) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
begin
	if coalesce(current_setting('app.holds', true), '') <> tenant::text then
		perform pg_advisory_xact_lock_shared(-tenant, (ms & 2147483647)::int);
		perform set_config('app.holds', tenant::text, true);
	end if;
end $$;

-- Adds what a replay brings and the call lacks; says whether it did.
create function pipeline.complete(r recording, have recording, summary text,
	utterances jsonb) returns boolean
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	new_audio boolean := have.audio_key is null and r.audio_key is not null;
	new_words boolean := have.subject is null and r.subject is not null;
begin
	if new_audio then
		update recording set audio_key = r.audio_key,
			audio_format = r.audio_format, audio_rate = r.audio_rate,
			audio_channels = r.audio_channels, audio_samples = r.audio_samples,
			audio_sha256 = r.audio_sha256
		where tenant_id = have.tenant_id and id = have.id;
	end if;
	if new_words then
		have.mood := r.mood;
		update recording set mood = r.mood, subject = r.subject,
			tsv = search_keys(have) || r.tsv
		where tenant_id = have.tenant_id and id = have.id;
		insert into utterance values (have.tenant_id, have.id, have.site_id,
			have.account_id, have.expires_at, summary, utterances);
		insert into recording_arrival values (have.tenant_id, r.ingested_at,
			have.site_id, have.account_id, have.id, true);
	end if;
	return new_audio or new_words;
end $$;

create function pipeline.replay(s recording_source, r recording, summary text,
	utterances jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
	have recording;
	outcome text := 'unchanged';
begin
	select * into have from recording
	where tenant_id = s.tenant_id and id = s.recording_id for update;
	if s.deleted_at is not null or have.id is null or have.expires_at <= now()
		or exists (select from recording_gone g
			where g.tenant_id = s.tenant_id and g.id = s.recording_id) then
		return jsonb_build_object('id', s.recording_id, 'outcome', 'deleted',
			'audio_key', null);
	end if;
	if have.started_at <> r.started_at or have.account_id <> r.account_id then
		raise exception using errcode = 'SR409', column = 'source_id',
			message = 'source_id: already used by a call of another start or account';
	end if;
	if pipeline.complete(r, have, summary, utterances) then
		outcome := 'completed';
	end if;
	return jsonb_build_object('id', s.recording_id, 'outcome', outcome,
		'audio_key', coalesce(have.audio_key, r.audio_key));
end $$;

create function pipeline.ingest(doc jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
	source text;
	place record;
	r recording;
	a record;
	s recording_source;
	day date;
begin
	if jsonb_typeof(doc) is distinct from 'object' then
		perform pipeline.refuse('document', 'not an object');
	end if;
	source := pipeline.text_at(doc, '', 'source_id', 200, true);
	r := pipeline.read_call(doc);
	r := pipeline.read_audio(r, doc -> 'audio');
	select * into a from pipeline.read_analysis(r, doc -> 'analysis');
	r := a.done;
	select * into place from pipeline.read_place(doc);
	r.tenant_id := place.tenant;
	r.account_id := place.account;
	r.site_id := place.site;
	r.expires_at := r.started_at + place.days * interval '24 hours';
	-- two deliveries of the same call at once: the second sees the first
	perform pg_advisory_xact_lock(place.tenant, hashtext(source));
	perform recording_hold(place.tenant);
	r.ingested_at := clock_timestamp();
	select * into s from recording_source
	where tenant_id = place.tenant and source_id = source;
	if found then
		return pipeline.replay(s, r, a.summary, a.utterances);
	end if;
	if r.expires_at <= now() or r.started_at <= place.expired_until then
		perform pipeline.refuse('started_at', format(
			'already expired: this site keeps calls for %s days', place.days));
	end if;
	r.id := uuid7_new(r.started_at);
	day := (r.started_at at time zone 'UTC')::date;
	r.tsv := search_keys(r) || coalesce(r.tsv, '');
	if to_regclass('recording_' || to_char(day, 'YYYYMMDD')) is null then
		perform recordings_make_partitions(day, day);
	end if;
	insert into recording select r.*;
	if r.subject is not null then
		insert into utterance values (r.tenant_id, r.id, r.site_id, r.account_id,
			r.expires_at, a.summary, a.utterances);
	end if;
	insert into recording_source values (r.tenant_id, source, r.id, r.expires_at);
	insert into recording_arrival values (r.tenant_id, r.ingested_at, r.site_id,
		r.account_id, r.id, false);
	return jsonb_build_object('id', r.id, 'outcome', 'created',
		'audio_key', r.audio_key);
end $$;

reset role;

-- The tenant by its key, before any context: the commands' role may see all.
set role smartrecord_admin;
create function pipeline.tenant_of(tenant_key text) returns int
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
return (select id from public.tenant where key = tenant_key);
grant execute on function pipeline.tenant_of(text) to smartrecord_owner;
reset role;

set role smartrecord_owner;
grant execute on function pipeline.ingest(jsonb) to pipeline;
reset role;
