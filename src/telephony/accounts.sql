-- A page of the accounts that can be recorded, for a filter ($1), see
-- telephony_accounts().
select telephony_accounts($1::jsonb)
