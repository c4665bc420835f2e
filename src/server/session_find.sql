-- The person of a session ($1: SHA-256 of its token, hex) with their current
-- rights, other tenants (null or [{"id", "name"}]) and brand, and the purpose
-- of the host ($2). No row when the session is unknown or has ended, or the
-- host belongs to another operator. A session that has ended because its
-- rights have grown has "ended" and no person.
select s.session_id, s.person_id, s.person_public_id, s.name, s.email,
	s.language, s.tenant_id, s.tenant_public_id, s.tenant_name, s.time_zone,
	s.account_id, s.supervisor, s.administrator, s.sites, s.others, s.ended, b.name as brand_name, b.color, b.contact, b.logo,
	h.purpose, h.console_host, h.board_host
from session_find($1::text) s
cross join brand_of(s.tenant_id, null) b
left join host_find($2::text) h on true
where h.operator_id is null or h.operator_id = b.operator_id
