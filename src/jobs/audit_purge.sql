-- Removes what the access logs have kept for a year. Answers how many rows.
select audit_purge() as rows
