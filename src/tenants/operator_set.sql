-- Changes the operator with key $1; a null parameter leaves a setting as it is,
-- '' removes it: $2 name, $3 host, $4 board's host, $5 former hosts of the
-- board (JSON array), $6 colour, $7 contact, $8 logo ('\x…', PNG), $9 whether
-- the end of a recording on demand is announced. One value {"outcome", "what"},
-- see src/db/command.h.
with given as (
	select o.id, lower(coalesce($3::text, o.host, '')) as host,
		lower(coalesce($4::text, o.board_host, '')) as board_host,
		case when $5::jsonb is null then o.old_hosts else array(
			select lower(x) from jsonb_array_elements_text($5::jsonb) x where x <> '')
			end as old_hosts
	from operator o where o.key = $1
), taken as (
	select h.host, o.key
	from given g, unnest(g.old_hosts || g.host || g.board_host) h (host), operator o
	where o.id <> g.id and h.host in (select unnest(o.old_hosts || o.host || o.board_host))
	order by h.host limit 1
), problem as (
	select coalesce(
		(select format('the host %s is operator %s''s', t.host, t.key) from taken t),
		(select 'a board on its own host (--board-host) needs a console on its own (--host)'
			from given g where g.host = '' and g.board_host <> ''),
		(select 'console and board on one host: leave --board-host out'
			from given g where g.host <> '' and g.host = g.board_host),
		(select 'the board''s host of today is none of the past (--old-host)'
			from given g where g.host <> '' and (g.old_hosts && array[g.host, g.board_host]
				or g.board_host = '' and cardinality(g.old_hosts) > 0))) as sentence
), changed as (
	update operator o set
		name = coalesce($2::text, o.name),
		host = nullif(g.host, ''),
		board_host = nullif(g.board_host, ''),
		old_hosts = g.old_hosts,
		color = nullif(lower(coalesce($6::text, o.color)), ''),
		contact = nullif(coalesce($7::text, o.contact), ''),
		logo = nullif(coalesce($8::bytea, o.logo), ''),
		announce_stop = coalesce($9::boolean, o.announce_stop)
	from given g, problem p
	where o.id = g.id and p.sentence is null
	returning o.id
)
select case
	when not exists (select from given)
	then json_build_object('outcome', 'missing', 'what', 'operator ' || $1)
	when p.sentence is not null
	then json_build_object('outcome', 'refused', 'what', p.sentence)
	else json_build_object('outcome', 'changed', 'what', 'operator ' || $1)
	end
from problem p left join changed on true
