-- An employee of a customer: $1 tenant's key, $2 key, $3 site's key, $4 first
-- name, $5 last name, $6 e-mail (null: no OnePass), $7 numbers [{number,
-- kind}], $8 supervisor (null: no, 'all', or keys of sites 'a,b'), $9
-- administrator, $10 password's hash. A person the operator knows by that
-- e-mail is taken as is, password included.
with customer as (
	select id, operator_id from tenant where key = $1
), place as (
	select s.id from site s join customer c on c.id = s.tenant_id
	where s.key = $3
), wanted_sites as (
	select w.key, s.id
	from regexp_split_to_table(nullif($8, 'all'), ',') w (key)
	left join site s on s.key = w.key
		and s.tenant_id = (select id from customer)
), numbers as (
	select * from jsonb_to_recordset($7::jsonb) n (number text, kind text)
), known as (
	select p.id from person p join customer c on c.operator_id = p.operator_id
	where p.email = lower($6)
), verdict as (
	select case
		when not exists (select from customer) then
			array['missing', 'tenant ' || $1]
		when not exists (select from place) then
			array['missing', format('site %s of %s', $3, $1)]
		when exists (select from wanted_sites where id is null) then
			array['missing', format('site %s of %s',
				(select key from wanted_sites where id is null limit 1), $1)]
		when exists (select from account a join customer c on c.id = a.tenant_id
			where a.key = $2) then
			array['exists', format('account %s of %s', $2, $1)]
		when exists (select from account a join customer c on c.id = a.tenant_id
			where a.person_id = (select id from known)) then
			array['refused', format('%s has an account of %s already', lower($6), $1)]
		when exists (select from account_number a
			join customer c on c.id = a.tenant_id
			join numbers n on n.number = a.number) then
			array['refused', format('a number belongs to another account of %s already', $1)]
		else array['created', format('account %s of %s', $2, $1)]
	end as said
), made_person as (
	insert into person (operator_id, home_id, email, name, password_hash)
	select c.operator_id, c.id, lower($6), btrim($4 || ' ' || $5), $10
	from customer c, verdict v
	where v.said[1] = 'created' and $6 is not null
	and not exists (select from known)
	returning id
), made as (
	insert into account (tenant_id, key, site_id, person_id, first_name,
		last_name, email)
	select c.id, $2, p.id,
		coalesce((select id from known), (select id from made_person)),
		$4, $5, coalesce(lower($6), '')
	from customer c, place p, verdict v
	where v.said[1] = 'created'
	returning tenant_id, id
), made_numbers as (
	insert into account_number (tenant_id, account_id, number, kind)
	select m.tenant_id, m.id, n.number, n.kind from made m, numbers n
), made_profiles as (
	insert into profile (tenant_id, account_id, kind, site_ids)
	select m.tenant_id, m.id, 'supervisor',
		(select array_agg(id order by id) from wanted_sites)
	from made m where $8::text is not null
	union all
	select m.tenant_id, m.id, 'administrator', null
	from made m where $9::boolean
)
select json_build_object('outcome', said[1], 'what', said[2]) from verdict
