-- The sites with the service that the request's person looks after.
select jsonb_build_object('sites', telephony_sites_json())
