-- A page of the access log for a filter ($1), see audit_rows(), with the names
-- of the accounts that it is about.
select audit_named(audit_page($1::jsonb))
