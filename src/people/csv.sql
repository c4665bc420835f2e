-- One row per account of the tenant, as its file of accounts has it. See
-- accounts_csv().
select key, last_name, first_name, email, site, fixed, mobile from accounts_csv()
