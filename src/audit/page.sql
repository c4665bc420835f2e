-- One row: a page of the access log for the filter $1 (see audit_rows()), each
-- item with the account that it is about (see audit_named()).
select audit_named(audit_page($1::jsonb))
