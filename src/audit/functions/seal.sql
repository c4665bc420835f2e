set local role smartrecord_admin;

-- Returns the SHA-256 (32 bytes) of a row: of the JSON array of its columns, as
-- PostgreSQL writes it.
create function audit_leaf(a audit) returns bytea
language sql stable parallel safe
as $$
select sha256(convert_to(jsonb_build_array(a.tenant_id, a.id, a.public_id, a.seq,
	rfc3339_us(a.at), a.kind, a.person_id, a.account_id, a.session_id, a.recording_id, a.site_id,
	a.detail)::text, 'UTF8'))
$$;

-- Returns the SHA-256 (32 bytes) of a batch: of the previous batch's hash (32
-- zero bytes for the first), then "tenant number first_seq rows sealed_at",
-- then the hash of its rows' hashes.
create function audit_chain(previous bytea, b audit_batch) returns bytea
language sql stable parallel safe
as $$
select sha256(coalesce(previous, decode(repeat('00', 32), 'hex'))
	|| convert_to(concat_ws(' ', b.tenant_id, b.number, b.first_seq, b.rows,
		rfc3339_us(b.sealed_at)), 'UTF8')
	|| b.leaves_hash)
$$;

-- Seals the oldest unsealed rows of a tenant, at most size, as one batch.
-- Returns how many.
create function audit_seal_tenant(tenant int, size int) returns int
language plpgsql volatile
set search_path from current
as $$
declare
	last audit_batch;
	b audit_batch;
begin
	select * into last from audit_batch
	where tenant_id = tenant order by number desc limit 1;
	b.tenant_id := tenant;
	b.number := coalesce(last.number, 0) + 1;
	b.first_seq := coalesce(last.first_seq + last.rows, 1);
	b.sealed_at := clock_timestamp();
	with numbered as (
		select x.id, b.first_seq - 1 + row_number() over (order by x.id) as seq
		from (select id from audit where tenant_id = tenant and seq is null
			order by id limit size) x
	), sealed as (
		update audit a set seq = n.seq from numbered n
		where a.tenant_id = tenant and a.id = n.id
		returning a
	)
	select count(*), string_agg(audit_leaf(a), '' order by (a).seq)
	into b.rows, b.leaves from sealed;
	if b.rows = 0 then
		return 0;
	end if;
	b.leaves_hash := sha256(b.leaves);
	b.hash := audit_chain(last.hash, b);
	insert into audit_batch select b.*;
	return b.rows;
end $$;

-- Seals the unsealed rows of every tenant, at most 5,000 per tenant, for
-- `smartrecord jobs`. Returns the number of batches and of rows: both 0 when
-- another process is sealing.
create function audit_seal(out batches int, out rows int)
language plpgsql volatile security definer
set search_path from current
as $$
declare
	tenant int;
	n int;
begin
	batches := 0;
	rows := 0;
	if not pg_try_advisory_xact_lock(hashtext('audit_seal')) then
		return;
	end if;
	for tenant in select distinct tenant_id from audit where seq is null loop
		n := audit_seal_tenant(tenant, 5000);
		batches := batches + (n > 0)::int;
		rows := rows + n;
	end loop;
end $$;

-- --- examination -----------------------------------------------------------
-- Returns what is wrong with a tenant's batches, one sentence per problem. head
-- is '' or "number:hash", a batch printed earlier, which must still exist.
create function audit_examine_batches(tenant int, head text) returns setof text
language sql stable
set search_path from current
as $$
	with chain as (
		select b, lag(b.hash) over w as before, lag(b.number, 1, 0::bigint) over w as number_before,
			lag(b.first_seq + b.rows, 1, 1::bigint) over w as first_due
		from audit_batch b where b.tenant_id = tenant
		window w as (order by b.number)
	)
	select format('batch %s: %s', (b).number, problem)
	from chain, lateral (values
		((b).number <> number_before + 1,
			format('batches %s to %s are missing', number_before + 1, (b).number - 1)),
		((b).first_seq <> first_due, format('its rows begin at %s instead of %s',
			(b).first_seq, first_due)),
		(length((b).leaves) <> 32 * (b).rows or sha256((b).leaves) <> (b).leaves_hash,
			'the hashes of its rows were altered'),
		-- Added to the seal's date, not subtracted from now: on 29
		-- February the subtraction gives 28 February, as on the day
		-- before.
		((b).leaves is null and now() < ((b).sealed_at at time zone 'UTC'
			+ interval '12 months') at time zone 'UTC',
			'its rows were removed before their year was over'),
		((b).hash <> audit_chain(before, b),
			'its hash does not follow from its content and the batch before')
		) v (wrong, problem)
	where wrong
	union all
	select format('batch %s: the hash recorded for it, %s, is not its own',
		split_part(head, ':', 1), split_part(head, ':', 2))
	where head <> '' and not exists (
		select from audit_batch b where b.tenant_id = tenant
		and b.number::text = split_part(head, ':', 1)
		and encode(b.hash, 'hex') = lower(split_part(head, ':', 2)));
$$;

-- Returns what is wrong with a tenant's sealed rows, one sentence per row. Two
-- swapped rows show as two altered rows.
create function audit_examine_rows(tenant int) returns setof text
language sql stable
set search_path from current
as $$
	with due as (
		select b.first_seq + i as seq, b.number,
			substring(b.leaves from 1 + 32 * i for 32) as leaf
		from audit_batch b, generate_series(0, b.rows - 1) i
		where b.tenant_id = tenant and b.leaves is not null
	), have as (
		select a.seq, a.id, audit_leaf(a) as leaf from audit a
		where a.tenant_id = tenant and a.seq is not null
	)
	select case
		when have.seq is null then format('row %s (batch %s): dropped',
			due.seq, due.number)
		when due.seq is null then format('row %s: belongs to no batch', have.seq)
		else format('row %s (batch %s): altered since it was sealed',
			due.seq, due.number) end
	from due full join have on have.seq = due.seq
	where have.leaf is distinct from due.leaf
	order by coalesce(due.seq, have.seq);
$$;

grant execute on function audit_seal()
	to smartrecord_jobs;
