-- Claims an archive for worker $1, only a small one if $2. One row, or none;
-- see export_claim().
select * from export_claim($1, $2::boolean)
