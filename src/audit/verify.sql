-- Examines the access log of the tenant with key $1, or of all tenants (null).
-- $2 is a head printed earlier, "number:hash", or ''. One row per tenant:
-- {"tenant", "rows", "batches", "unsealed", "head", "problems": []}.
select json_build_object(
	'tenant', t.key,
	'rows', (select count(*) from audit a
		where a.tenant_id = t.id and a.seq is not null),
	'unsealed', (select count(*) from audit a
		where a.tenant_id = t.id and a.seq is null),
	'batches', (select count(*) from audit_batch b where b.tenant_id = t.id),
	'head', (select b.number || ':' || encode(b.hash, 'hex') from audit_batch b
		where b.tenant_id = t.id order by b.number desc limit 1),
	'problems', array(select audit_examine_batches(t.id, $2))
		|| array(select audit_examine_rows(t.id)))
from tenant t
where $1::text is null or t.key = $1
order by t.key
