-- Which of the files on their way out ($1: JSON) may still be had, see
-- streams_had(). One row.
select streams_had($1::jsonb)
