-- One value: what the help page shows about the person's sites, see
-- telephony_help().
select telephony_help()
