-- The access log for a filter ($1) as CSV whose cells $2 parts, behind $3, and
-- where the rest begins.
select $3 || csv as csv, next from audit_csv($1::jsonb, $2)
