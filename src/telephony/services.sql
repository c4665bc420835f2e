-- One value {"sites": [{"id", "name"}]}: the sites with the service within the
-- reach of the request's person.
select jsonb_build_object('sites', telephony_sites_json())
