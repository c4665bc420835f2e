-- Who holds this session ($1: SHA-256 of its token, hex), what may they do
-- now, and whose brand do they see? No row: nobody, or not any more.
select s.session_id, s.person_id, s.name, s.email, s.language, s.tenant_id,
	s.tenant_name, s.time_zone, s.account_id, s.supervisor, s.administrator,
	s.sites, b.name as brand_name, b.color, b.contact
from session_find($1::text) s, brand_of(s.tenant_id, null) b
