-- Switches buttons, $1 [{"mac", "recording_button"}], see telephones_set().
select telephones_set($1::jsonb)
