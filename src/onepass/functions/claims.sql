set local role smartrecord_admin;

-- An e-mail address that a tenant writes on an account is the tenant's note. It
-- says nothing about a person until they use a link that was mailed for this
-- very account: that claims the account. A tenant thus learns and changes
-- nothing about a person of another tenant by writing their address.

-- Returns the id of the person with this e-mail at an operator, and creates
-- them, without a home, if needed.
create function person_of_address(operator int, email text) returns int
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
declare
	wanted text := lower(btrim(email));
begin
	insert into person (operator_id, email, name)
	values (operator, wanted, left(wanted, 201))
	on conflict on constraint person_operator_id_email_key do nothing;
	return (select p.id from person p
		where p.operator_id = operator and p.email = wanted);
end $$;

-- May a person with this e-mail claim the account? No, once it has another
-- person or another address, or the person another account of the tenant.
create function account_claimable(a account, email text) returns boolean
language sql stable
set search_path from current
as $$
select lower(btrim(a.email)) = account_claimable.email
	and account_claimable.email ~ '^[^@\s]+@[^@\s]+$'
	and length(account_claimable.email) <= 254
	and not exists (select from person p
		where p.id = a.person_id and p.email <> account_claimable.email)
	and not exists (select from account o join person p on p.id = o.person_id
		where o.tenant_id = a.tenant_id and o.id <> a.id
		and p.email = account_claimable.email)
$$;

-- Returns the accounts without a person that have this e-mail (lower case) at
-- an operator, one per tenant.
create function accounts_unclaimed(operator int, email text) returns setof account
language sql stable
set search_path from current
as $$
select distinct on (a.tenant_id) a.*
	from account a join tenant t on t.id = a.tenant_id
	where t.operator_id = accounts_unclaimed.operator
	and lower(a.email) = accounts_unclaimed.email and a.person_id is null
	and account_claimable(a, accounts_unclaimed.email)
	order by a.tenant_id, a.id
$$;

-- Joins an account to its person, whose home becomes the account's tenant
-- unless they have come in elsewhere before.
create function account_claim(a account, person int) returns void
language plpgsql volatile
set search_path from current
as $$
#variable_conflict use_variable
begin
	update account x set person_id = person
	where x.tenant_id = a.tenant_id and x.id = a.id;
	update person p set home_id = a.tenant_id
	where p.id = person and not exists (select from account o
		where o.person_id = p.id and o.tenant_id = p.home_id);
end $$;
