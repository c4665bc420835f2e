-- Who holds this session ($1: SHA-256 of its token, hex) and what may they
-- do now? No row: nobody, or not any more.
select session_id, person_id, name, email, language, tenant_id, tenant_name,
	time_zone, operator_name, account_id, supervisor, administrator, sites
from session_find($1::text)
