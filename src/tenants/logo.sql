-- One row: the logo (PNG) whose SHA-256 is $1 (hex), its bytes in hex; or none.
select encode(x, 'hex') as logo from brand_logo($1::text) x where x is not null
