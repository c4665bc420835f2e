-- Brand and purpose of a host ($1), for requests without a session. No row
-- when the host belongs to no operator.
select b.name as brand_name, b.color, b.contact, b.logo,
	h.purpose, h.console_host, h.board_host
from host_find($1::text) h
left join brand_of(null, $1::text) b on true
