set local role smartrecord_admin;

-- Deletes the rows of batches that are a year old, at most ten batches, for
-- `smartrecord jobs`. Returns how many rows; 0 when purge_clock() does not
-- trust the clock. The batches' hashes stay, so that the chain can still be
-- verified. The year is counted in UTC, whose hours never repeat.
create function audit_purge() returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	b audit_batch;
	n int := 0;
begin
	if purge_clock() is not null then
		return 0;
	end if;
	for b in select * from audit_batch
		where leaves is not null and sealed_at <=
			(now() at time zone 'UTC' - interval '12 months') at time zone 'UTC'
		order by sealed_at limit 10 for update skip locked
	loop
		delete from audit where tenant_id = b.tenant_id
		and seq between b.first_seq and b.first_seq + b.rows - 1;
		update audit_batch set leaves = null
		where tenant_id = b.tenant_id and number = b.number;
		n := n + b.rows;
	end loop;
	return n;
end $$;

grant execute on function audit_purge()
	to smartrecord_jobs;
