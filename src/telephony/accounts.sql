-- One value: a page of the accounts that can be recorded, for the filter $1,
-- see telephony_accounts().
select telephony_accounts($1::jsonb)
