-- Checks the bodies of the new functions with the validator of their language.
-- An error contains the name of the function.
do $$
declare
	f record;
begin
	set local check_function_bodies = on;
	for f in
		select p.oid, l.lanname as language from pg_proc p
		join pg_language l on l.oid = p.prolang
		where p.pronamespace in (current_setting('smartrecord.functions')::regnamespace,
			'pipeline'::regnamespace)
	loop
		if f.language = 'sql' then
			perform fmgr_sql_validator(f.oid);
		else
			perform plpgsql_validator(f.oid);
		end if;
	end loop;
end $$
