-- Seals the new rows of the access logs. One row: how many batches and rows.
select batches, rows from audit_seal()
