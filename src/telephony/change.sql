-- Changes how accounts are recorded: $1 [{"id", "active", "mode"}]. One value,
-- see recording_change().
select recording_change($1::jsonb)
