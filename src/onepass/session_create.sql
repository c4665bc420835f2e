-- Opens a session for person $1 with token $2 and device $3 (SHA-256, hex;
-- device '': none), from address $4 and User-Agent $5 (null: none). $6 is the
-- hash of the password that was right, or null when none was checked. It replaces
-- the session of token $7 (SHA-256, hex, or ''). $8 is the tenant to sign in to;
-- null or empty: the home. $9 is the hash to store instead of $6, or null. One
-- row: the value of session_begun().
select session_create($1::int, $2::text, $3::text, $4::text,
	coalesce($5::text, ''), $6::text, $7::text, nullif($8::text, '')::int),
	audit_signed_in($2::text, $4::text),
	password_renew($1::int, $6::text, $9::text)
