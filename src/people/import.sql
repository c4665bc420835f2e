-- What the lines of a file ($1) would do, or do it, if $2 is the digest of
-- what was shown; see accounts_import().
select accounts_import($1::jsonb, $2)
