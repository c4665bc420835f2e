-- A page of the access log for a filter ($1), see audit_rows().
select audit_page($1::jsonb)
