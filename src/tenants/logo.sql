-- The logo, a PNG, whose SHA-256 is $1 (hex): its bytes in hex, or no row.
select encode(x, 'hex') as logo from brand_logo($1::text) x where x is not null
