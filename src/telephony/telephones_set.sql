-- Sets the recording button of telephones: $1 [{"id", "recording_button"}]. One
-- value, see telephones_set().
select telephones_set($1::jsonb)
