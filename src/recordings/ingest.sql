-- One recording as the pipeline delivers it, see pipeline.ingest(): $1 the
-- document. Answers {"id", "outcome", "audio_key"}.
select pipeline.ingest($1::jsonb)
