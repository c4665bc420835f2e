set local role smartrecord_admin;

-- Returns {"id", "mac", "model", "has_button", "recording_button"}.
create function telephone_json(t telephone) returns jsonb
language sql stable
set search_path from current
as $$
select jsonb_build_object('id', t.public_id, 'mac', t.mac, 'model', t.model,
	'has_button', t.has_button, 'recording_button', t.recording_button)
$$;

-- Returns the telephones of the accounts within the reach of the request's
-- person.
create function telephones_reached() returns setof telephone
language sql stable
set search_path from current
as $$
	select t.* from rights_reach() reach, telephone t
	join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
	where t.tenant_id = app_tenant() and (reach is null or a.site_id = any (reach));
$$;

-- Returns one of these telephones, by its public id, as telephone_json() with
-- "account"; null when there is none.
create function telephone_show(telephone uuid) returns jsonb
language sql stable security definer
set search_path from current
as $$
select telephone_json(t) || jsonb_build_object('account', a.public_id)
	from telephones_reached() t
	join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
	where t.public_id = telephone_show.telephone
$$;

-- Sets the button of some of these telephones, [{"id", "recording_button"}],
-- all or none, and adds one row to the access log per change. Returns how many
-- telephones were named, or null when one is out of the person's reach. SR400
-- with the field "recording_button": a model has no such button.
create function telephones_set(changes jsonb) returns int
language plpgsql volatile security definer
set search_path from current
as $$
declare
	wanted uuid[] := array(select distinct (x ->> 'id')::uuid
		from jsonb_array_elements(changes) x);
begin
	if (select count(*) from telephones_reached() t where t.public_id = any (wanted))
			< cardinality(wanted) then
		return null;
	elsif exists (select from telephone t, jsonb_to_recordset(changes)
			x (id uuid, recording_button boolean)
			where t.public_id = x.id and x.recording_button and not t.has_button) then
		raise exception using column = 'recording_button', errcode = 'SR400',
			message = 'Ce modèle de téléphone n’a pas de touche d’enregistrement.';
	end if;
	perform from telephone t where t.public_id = any (wanted) order by t.mac for update;
	with changed as (
		update telephone t set recording_button = x.recording_button
		from jsonb_to_recordset(changes) x (id uuid, recording_button boolean)
		where t.public_id = x.id and t.recording_button <> x.recording_button
		returning t.*
	)
	insert into audit (tenant_id, kind, person_id, account_id, session_id, site_id,
		detail)
	select c.tenant_id, 'mode', app_person(), app_account(), app_session(), a.site_id,
		jsonb_build_object('account', a.public_id, 'telephone', c.model || ' ' || c.mac,
			'button', c.recording_button)
	from changed c join account a on a.tenant_id = c.tenant_id and a.id = c.account_id;
	return cardinality(wanted);
end $$;

-- --- provisioning ----------------------------------------------------------
-- Returns the telephone with this hardware address for the role pipeline, as
-- telephone_json() with the keys "tenant", "site", "account"; null when
-- unknown.
create function pipeline.telephone(mac text) returns jsonb
language sql stable security definer
set search_path from current
as $$
	select telephone_json(t) || jsonb_build_object('tenant', c.key,
		'site', s.key, 'account', a.key)
	from telephone t
	join tenant c on c.id = t.tenant_id
	join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
	join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
	where t.mac = telephone.mac::macaddr;
$$;

grant execute on function pipeline.telephone(text)
	to pipeline;

grant execute on function telephone_show(uuid),
	telephones_set(jsonb)
	to smartrecord_app;
