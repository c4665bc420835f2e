-- The request's person was refused something: $1 {"method", "route"}.
select audit_seldom('refused', $1::jsonb)
