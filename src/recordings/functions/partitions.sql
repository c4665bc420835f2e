set local role smartrecord_owner;

-- Makes the missing partitions of the UTC days from first to last. Returns how
-- many. Attaching blocks neither readers nor writers of other days.
create function recordings_make_partitions(first date, last date) returns int
language plpgsql security definer
set search_path from current
as $$
declare
	day date;
	parent text;
	child text;
	quiet text;
	made int := 0;
begin
	if last - first > 366 then
		raise exception 'more than a year of partitions at once';
	end if;
	perform pg_advisory_xact_lock(hashtext('recordings_make_partitions'));
	-- dates, not timestamps: some time zones skip a midnight
	for day in select first + n from generate_series(0, last - first) n loop
		foreach parent in array array['recording', 'utterance'] loop
			child := parent || to_char(day, '_YYYYMMDD');
			continue when to_regclass('public.' || child) is not null;
			-- a low target moves tsv out of the row, which stays
			-- short
			execute format('create table public.%I (like public.%I '
				'including defaults including constraints including storage) '
				'with (toast_tuple_target = 256)', child, parent);
			select string_agg(format('alter column %I set statistics 0',
				attname), ', ') into quiet
			from pg_attribute
			where attrelid = parent::regclass and attnum > 0 and attstattarget = 0;
			execute format('alter table public.%I %s', child, quiet);
			execute format('alter table public.%I attach partition public.%I '
				'for values from (%L) to (%L)', parent, child,
				uuid7_floor(day::timestamp at time zone 'UTC'),
				uuid7_floor((day + 1)::timestamp at time zone 'UTC'));
			made := made + 1;
		end loop;
	end loop;
	return made;
end $$;

-- Drops the oldest empty partition of the days before a day, for `smartrecord
-- jobs`: dropped is then 1. busy is 1 when a reader held its lock for 100 ms;
-- other readers wait no longer than that.
create function recordings_drop_partition(before date, out dropped int, out busy int)
language plpgsql volatile security definer
set search_path from current
set lock_timeout = '100ms'
as $$
declare
	child text;
	parent text;
	held boolean;
begin
	dropped := 0;
	busy := 0;
	for child, parent in
		select c.relname, p.relname
		from pg_inherits i join pg_class c on c.oid = i.inhrelid
		join pg_class p on p.oid = i.inhparent
		where p.oid in ('public.recording'::regclass, 'public.utterance'::regclass)
		and right(c.relname, 8) < to_char(before, 'YYYYMMDD')
		order by right(c.relname, 8), c.relname
	loop
		execute format('select exists (select from public.%I)', child) into held;
		continue when held;
		begin
			execute format('alter table public.%I detach partition public.%I',
				parent, child);
			execute format('select exists (select from public.%I)', child) into held;
			if held then
				raise lock_not_available;
			end if;
			execute format('drop table public.%I', child);
			dropped := 1;
		exception when lock_not_available then
			busy := 1;
		end;
		return;
	end loop;
end $$;

grant execute on function recordings_make_partitions(date, date),
	recordings_drop_partition(date)
	to smartrecord_jobs;
