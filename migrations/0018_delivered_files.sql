-- room: recordings
-- The audio file as the pipeline delivered it, which is kept in the store
-- beside audio that was converted, under the audio's key with ".orig". All
-- three columns are null for a recording of an earlier release, or of a
-- pipeline that does not describe it: the audio is then as it was stored. When
-- original_sha256 is audio_sha256, the delivered file is the stored audio, and
-- there is no second object.
set role smartrecord_owner;

alter table recording
	add column original_kind text,		-- "mp3", "flac", "wav"
	add column original_bytes bigint,
	add column original_sha256 text;	-- hexadecimal
-- not valid: without a scan of all recordings; new rows are checked
alter table recording add constraint recording_original
	check (num_nulls(original_kind, original_bytes, original_sha256) in (0, 3)
		and (original_sha256 is null or audio_sha256 is not null)) not valid;

-- Adds the delivered files of removed recordings to store_removal, in the same
-- transaction, whichever release removes them.
create function recording_remove_originals() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
	insert into store_removal (key)
	select audio_key || '.orig' from gone
	where original_sha256 <> audio_sha256
	on conflict do nothing;
	return null;
end $$;

create trigger remove_originals after delete on recording
	referencing old table as gone
	for each statement execute function recording_remove_originals();

reset role;
