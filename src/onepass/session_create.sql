-- Opens a session for the person ($1) with token ($2) and device ($3, or '')
-- as SHA-256 in hex, from an address ($4) and browser ($5, null when it does
-- not say), with the hash of the password that was right ($6, null when none
-- was asked for); answers who they are and where their home is.
select session_create($1::int, $2::text, $3::text, $4::text,
	coalesce($5::text, ''), $6::text),
	audit_signed_in($2::text, $4::text)
