-- The rows of the access log that match the filter $1, newest first: at most
-- 20,000, and one more when there are more. See audit_csv().
select id, at, kind, person, email, recording, detail from audit_csv($1::jsonb)
