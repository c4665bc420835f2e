-- One value: what the lines $1 of a file would do (digest $2 null), or have
-- done if $2 is the digest of what was shown; see accounts_import().
select accounts_import($1::jsonb, $2)
