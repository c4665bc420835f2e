set local role smartrecord_owner;

-- Returns the recording with the columns of its audio file as it was delivered,
-- {"kind", "bytes", "sha256"}, when the audio of a document has it.
create function ingest_read_original(r recording, audio jsonb) returns recording
language plpgsql stable
set search_path from current
as $$
declare
	original jsonb := audio -> 'original';
begin
	if r.audio_key like '%.orig' then
		perform refuse_place('audio.key', 'ends in .orig');
	elsif original is null or jsonb_typeof(original) = 'null' then
		return r;
	elsif jsonb_typeof(original) <> 'object' then
		perform refuse_place('audio.original', 'not an object');
	elsif length(r.audio_key) > 195 then
		perform refuse_place('audio.key', 'longer than 195 characters');
	end if;
	r.original_kind := ingest_text_at(original, 'audio.original.', 'kind', 40, true);
	r.original_bytes := ingest_int_at(original, 'audio.original.', 'bytes', 1,
		1099511627776);
	r.original_sha256 := ingest_text_at(original, 'audio.original.', 'sha256', 64,
		true);
	if r.original_sha256 !~ '^[0-9a-f]{64}$' then
		perform refuse_place('audio.original.sha256', 'not 64 hexadecimal digits');
	end if;
	return r;
end $$;

-- Returns the store's key of the file as it was delivered; null when it is the
-- audio itself, or unknown.
create function recording_original_key(r recording) returns text
language sql immutable parallel safe
as $$
select case when r.original_sha256 <> r.audio_sha256 then r.audio_key || '.orig' end
$$;
