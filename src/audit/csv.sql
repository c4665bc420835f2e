-- The access log for a filter ($1) as CSV, and where the rest begins.
select csv, next from audit_csv($1::jsonb)
