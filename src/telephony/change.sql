-- Changes how accounts are recorded: $1 [{"id", "active", "mode"}],
-- see recording_change().
select recording_change($1::jsonb)
