-- Version of the functions that were installed last.
select version from public.release order by installed_at desc limit 1
