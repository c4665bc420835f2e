-- Always one row: the person of e-mail $1 on host $2 with the hash of their
-- password (nulls: none), whether browser $5 (SHA-256 of its token, hex, or '')
-- is known for that person, and the seconds to wait after failures from network
-- $3 and address $4.
select person_id, password_hash, known_device, wait_seconds
from sign_in_begin($1::text, $2::text, $3::text, $4::text, $5::text)
