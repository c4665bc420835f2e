-- What the help pages say of this person's sites.
select telephony_help()
