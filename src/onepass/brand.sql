-- The brand of an operator's own host ($1), for those not signed in. No row:
-- the host is nobody's.
select name as brand_name, color, contact from brand_of(null, $1::text)
