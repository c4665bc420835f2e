-- The brand of an operator's own host ($1) and what the host is for, for those
-- not signed in. No row: the host is nobody's.
select b.name as brand_name, b.color, b.contact, b.logo,
	h.purpose, h.console_host, h.board_host
from host_find($1::text) h
left join brand_of(null, $1::text) b on true
