-- Seals what was added to the access logs. Answers how many batches and rows.
select batches, rows from audit_seal()
