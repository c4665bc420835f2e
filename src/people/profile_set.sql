-- Profiles of rights of an account; null leaves one as it is: $1 tenant's
-- key, $2 account's key, $3 supervisor ('none', 'all', or keys of sites
-- 'a,b'), $4 administrator.
with target as (
	select a.tenant_id, a.id from account a join tenant t on t.id = a.tenant_id
	where t.key = $1 and a.key = $2
), wanted_sites as (
	select w.key, s.id
	from regexp_split_to_table(nullif(nullif($3, 'all'), 'none'), ',') w (key)
	left join site s on s.key = w.key
		and s.tenant_id = (select tenant_id from target)
), verdict as (
	select case
		when not exists (select from target) then
			array['missing', format('account %s of %s', $2, $1)]
		when exists (select from wanted_sites where id is null) then
			array['missing', format('site %s of %s',
				(select key from wanted_sites where id is null limit 1), $1)]
		else array['changed', format('profiles of account %s of %s', $2, $1)]
	end as said
), withdrawn as (
	delete from profile p using target t, verdict v
	where v.said[1] = 'changed'
	and p.tenant_id = t.tenant_id and p.account_id = t.id
	and (p.kind = 'supervisor' and $3 = 'none'
		or p.kind = 'administrator' and not $4::boolean)
), granted as (
	insert into profile (tenant_id, account_id, kind, site_ids)
	select t.tenant_id, t.id, w.kind, w.site_ids
	from target t, verdict v, (
		select 'supervisor', (select array_agg(id order by id) from wanted_sites)
		where $3 <> 'none'
		union all
		select 'administrator', null where $4::boolean) w (kind, site_ids)
	where v.said[1] = 'changed'
	on conflict (tenant_id, account_id, kind)
	do update set site_ids = excluded.site_ids
), noted as (
	insert into audit (tenant_id, kind, detail)
	select t.tenant_id, case when w.wanted then 'grant' else 'withdraw' end,
		jsonb_strip_nulls(jsonb_build_object('account', t.id, 'profile', w.profile,
			'sites', case when w.profile = 'supervisor' and w.wanted then coalesce(
				to_jsonb((select array_agg(id order by id) from wanted_sites)),
				'"all"') end))
	from target t, verdict v, (values ('supervisor', $3 <> 'none'),
		('administrator', $4::boolean)) w (profile, wanted)
	where v.said[1] = 'changed' and w.wanted is not null
)
select json_build_object('outcome', said[1], 'what', said[2]) from verdict
