-- Deletes rows of the access logs that are a year old. One row: how many.
select audit_purge() as rows
