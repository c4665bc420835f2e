-- Ingests one recording, as the pipeline does: $1 the document. One value
-- {"id", "outcome", "audio_key", "original_key"}, see pipeline.ingest().
select pipeline.ingest($1::jsonb)
